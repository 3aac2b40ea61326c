import { stat } from 'node:fs/promises';
import { systemCode } from '../core/failure.ts';
import type { SessionFolder } from '../kiro/session-folders-1x.ts';
import { parseSessionRecord } from '../kiro/session-records-1x.ts';
import { initialState, type NormalizerState } from './normalizer-state-1x.ts';

/** The normaliser's state without any text of the user's: held records are named by their ordinals. */
export type StoredState = Omit<NormalizerState, 'held'> & { held: number[] };

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
  /** The part before `from` has been read, for turn numbers and the like. */
  primed: boolean;
  /** `session.started` has been told. */
  started: boolean;
  state: StoredState;
}

/** Nothing read yet, everything to be told. */
export function freshCursor(): SessionCursor {
  const position = { offset: 0, inode: null, size: 0, skipping: false, from: 0 };
  return { v: 1, ...position, primed: true, started: false, state: storeState(initialState()) };
}

/** For a session that was there before us: what is recorded from now on is told, and nothing is read until then. */
export async function baselineCursor(folder: SessionFolder): Promise<SessionCursor> {
  const size = await sizeOf(folder.messages);
  return size === 0 ? freshCursor() : baselineAt(size);
}

export function baselineAt(size: number): SessionCursor {
  return { ...freshCursor(), offset: size, size, from: size, primed: false };
}

export function storeState({ held, ...rest }: NormalizerState): StoredState {
  return { ...rest, held: Object.keys(held).map(Number) };
}

/** The state with its held records, each read again from its line by `readLine(offset)`. */
export async function restoreState(
  { held, ...rest }: StoredState,
  readLine: (offset: number) => Promise<string | null>,
): Promise<NormalizerState> {
  const state: NormalizerState = { ...rest, held: {} };
  for (const ordinal of held) {
    const line = await readLine(ordinal - 1);
    const record = line === null ? null : parseSessionRecord(line);
    if (record !== null) state.held[ordinal] = record;
  }
  return state;
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0;
    throw error;
  }
}
