import { stat } from 'node:fs/promises';
import { systemCode } from '../core/failure.ts';
import { findSubExecutions } from '../kiro/session-files-1x.ts';
import type { SessionFolder } from '../kiro/session-folders-1x.ts';
import { initialState } from './normalizer-state-1x.ts';
import { type StoredState, storeState } from './stored-state.ts';
import { baselineSubs, NO_SUBS, type SubCursors } from './sub-cursors.ts';

/** Where reading a session stopped. Plain JSON, a few kilobytes at most, without content; to be stored with the events. */
export interface SessionCursor {
  v: 1;
  /** Byte offset of the next line of `messages.jsonl`. */
  offset: number;
  inode: string | null;
  /** The file's size at the last look: nothing is new while it stays. */
  size: number;
  /** `offset` is inside a line that is being passed over for its length. */
  skipping: boolean;
  /** What was recorded before this byte was there before us and is not told. */
  from: number;
  /** Back-fill: nothing from this byte on is read; null otherwise. */
  until: number | null;
  /** Back-fill: what happened before this moment (ISO 8601) is not told; null otherwise. */
  since: string | null;
  /** The part before `from` has been read, for turn numbers and the like. */
  primed: boolean;
  /** `session.started` has been told. */
  started: boolean;
  state: StoredState;
  subs: SubCursors;
  /** Kinds of files in the session's folder that are not known and have been counted. */
  strange: string[];
}

/** Nothing read yet, everything to be told. */
export function freshCursor(): SessionCursor {
  const position = { offset: 0, inode: null, size: 0, skipping: false, from: 0, until: null, since: null };
  const state = storeState(initialState());
  return { v: 1, ...position, primed: true, started: false, state, subs: NO_SUBS, strange: [] };
}

/** For a session that was there before us: what is recorded from now on is told, and nothing is read until then. */
export async function baselineCursor(folder: SessionFolder): Promise<SessionCursor> {
  const size = await sizeOf(folder.messages);
  if (size === 0) return freshCursor();
  return { ...baselineAt(size), subs: baselineSubs(await findSubExecutions(folder.path)) };
}

/** Tells what a baseline left out, from `since` (ISO 8601) on; null when it left nothing out. */
export function backfillCursor({ from }: SessionCursor, since: string): SessionCursor | null {
  return from === 0 ? null : { ...freshCursor(), until: from, since };
}

/** Behind the first `size` bytes of a session: they are read for turn numbers when it goes on, and never told. */
export function baselineAt(size: number): SessionCursor {
  return { ...freshCursor(), offset: size, size, from: size, primed: false };
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0;
    throw error;
  }
}
