import type { TurnRef } from '../core/event.ts';
import type { SubExecution } from '../kiro/session-files-1x.ts';
import { initialState } from './normalizer-state-1x.ts';
import { type StoredState, storeState } from './stored-state.ts';
import type { TailPosition } from './tail-lines.ts';

/** Where reading one sub-agent's record stopped, and what the session's record says of it. Plain JSON, without content. */
export interface SubCursor extends TailPosition {
  /** The sub-agent's name. */
  name: string | null;
  /** The turn it was started in. */
  turn: TurnRef | null;
  /** Ordinal of the record that started it; 0 when none says so. */
  base: number;
  state: StoredState;
}

/** Where reading a session's sub-agents stopped. */
export interface SubCursors {
  /** All that was written before this moment (ms) has been read, but for what `files` says. */
  since: number;
  files: { [id: string]: SubCursor };
}

export const NO_SUBS: SubCursors = { since: 0, files: {} };

/** How long after its last record a sub-agent's place is remembered; a record that grows later is read again, with the same ids. */
const REMEMBERED_MS = 10 * 60_000;

/** Where reading one sub-agent's record begins, in bytes. */
export function subCursor(run: Pick<SubCursor, 'name' | 'turn' | 'base'>, offset = 0): SubCursor {
  return { ...run, offset, inode: null, skipping: false, state: storeState(initialState()) };
}

/** For sub-agents that ran before us: what is recorded from now on is told. */
export function baselineSubs(found: readonly SubExecution[]): SubCursors {
  const since = found.at(-1)?.writtenMs ?? 0;
  const late = found.filter(({ writtenMs }) => writtenMs >= since - REMEMBERED_MS);
  const unnamed = { name: null, turn: null, base: 0 };
  return { since, files: Object.fromEntries(late.map(({ id, size }) => [id, subCursor(unnamed, size)])) };
}

/** Those that may have grown. */
export function toBeRead(found: readonly SubExecution[], { since, files }: SubCursors): SubExecution[] {
  return found.filter(({ id, size, writtenMs }) => {
    const known = files[id];
    return known === undefined ? writtenMs >= since : size !== known.offset || known.state.calls.length > 0;
  });
}

/** Everything found was read: only what was written lately has to be remembered. */
export function forgetOld(found: readonly SubExecution[], { since: before, files }: SubCursors): SubCursors {
  const since = Math.max(before, found.at(-1)?.writtenMs ?? 0);
  const kept = found.filter(({ id, writtenMs }) => Object.hasOwn(files, id) && writtenMs >= since - REMEMBERED_MS);
  return { since, files: Object.fromEntries(kept.map(({ id }) => [id, files[id]])) as SubCursors['files'] };
}
