import type { CliState } from './state-cli2.ts';
import { initialCliState } from './state-cli2.ts';

/** Where reading a session's flat log stopped. */
export interface FlatPosition {
  /** Byte offset of the next line. */
  offset: number;
  inode: string | null;
  /** The log's size at the last look. */
  size: number;
  /** `offset` is inside a line that is being passed over for its length. */
  skipping: boolean;
  /** What was recorded before this byte was there before us and is not told. */
  from: number;
  /** The part before `from` has been read, for turn numbers and the like. */
  primed: boolean;
  /** The log began anew and may say again what was read of it; null when all that comes is new. */
  again: FlatAgain | null;
}

/** A log that began anew (cut, or replaced): up to where it was read before, what was told is only said again. */
export interface FlatAgain {
  /** This byte. */
  until: number;
  /** The last prompt that was said again, by its id. */
  prompt: string | null;
}

/** How far a conversation in the database was read. */
export interface DatabasePosition {
  /** The row's `updated_at` at the last look, in milliseconds: nothing is new while it stays. */
  updatedAt: number;
  /** What is older was there before us and is not told; null once that is known by its ids. */
  from: number | null;
  /** The same moment, kept for back-fill; null when nothing was there before us. */
  left: number | null;
  /** Place in order of the next message. */
  line: number;
}

/** Where reading a CLI session stopped, in either of its stores. Plain JSON, without content; to be stored with the events. */
export interface CliCursor {
  v: 1;
  /** `session.started` has been told. */
  started: boolean;
  state: CliState;
  flat: FlatPosition | null;
  database: DatabasePosition | null;
  /** Back-fill: what this cursor is to tell; null when it follows what is recorded from now on. */
  fill: CliFill | null;
}

/** The part of a session that was there before us. */
export interface CliFill {
  /** What happened before this moment (ISO 8601) is not told. */
  since: string;
  /** The part of the flat log before this byte; 0 when there is none, or it has been told. */
  flat: number;
  /** The part of the conversation in the database up to this moment, in milliseconds; null when there is none. */
  database: number | null;
}

/** Nothing read yet, everything to be told. */
export function freshCliCursor(): CliCursor {
  return { v: 1, started: false, state: initialCliState(), flat: null, database: null, fill: null };
}

export const FLAT_START: FlatPosition = {
  offset: 0,
  inode: null,
  size: 0,
  skipping: false,
  from: 0,
  primed: true,
  again: null,
};

/** A cursor as an earlier build may have stored it: what that one did not know is as in a fresh one. */
export function knownCliCursor(stored: object | null): CliCursor {
  const cursor: CliCursor = { ...freshCliCursor(), ...stored };
  const state = { ...initialCliState(), ...cursor.state };
  return { ...cursor, state, flat: cursor.flat === null ? null : { ...FLAT_START, ...cursor.flat } };
}

/** A log that was there before us: what is recorded from now on is told, and nothing is read until then. */
export function flatBaseline(size: number): FlatPosition {
  return size === 0 ? FLAT_START : { ...FLAT_START, offset: size, size, from: size, primed: false };
}

/** Tells what a baseline left out, from `since` (ISO 8601) on; null when it left nothing out. */
export function cliBackfill({ flat, database }: CliCursor, since: string): CliCursor | null {
  const fill = { since, flat: flat?.from ?? 0, database: database?.left ?? null };
  return fill.flat === 0 && fill.database === null ? null : { ...freshCliCursor(), fill };
}
