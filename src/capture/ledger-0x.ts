import { shortHash } from './event-id.ts';

/**
 * Where reading a workspace of Kiro 0.x stopped: plain JSON without content, to be stored with the events. The workspace is
 * what is read from a cursor, not the chat: Kiro keeps one index for it, a ring names only the folder, and whose chat an
 * execution belongs to is known only once it was opened.
 */
export interface Ledger {
  v: 1;
  /** How index and folders looked when everything in them had been told; nothing is new while they stay. */
  seen: { index: string | null; saves: string | null; chats: string | null };
  /** Files that are done with, by the beginnings of their names. */
  settled: string[];
  /** Files that were there before us and were not told. */
  before: string[];
  /** Only these files are read, and of them only executions that began then (in ms) or later: what a baseline left out. */
  filling: { files: string[]; since: number } | null;
  /** Executions that run, and the newest that ended (a late change is still told): by the names of their files. */
  followed: { [file: string]: Followed };
  /** By the hashes of their ids. */
  sessions: { [session: string]: KnownSession };
}

export interface Followed {
  /** How the file was when it was last read, whether or not it could be. */
  stamp: string | null;
  /** When it last changed, in ms. */
  changed: number;
  executionId: string | null;
  /** In ms. */
  start: number;
  /** Its number in its chat, once it was told. */
  turn: number | null;
  /** What of it was told, by hashes of the facts' keys. */
  told: string[];
  ended: boolean;
  /** Another execution started it, so nobody typed its prompt. */
  chained: boolean;
}

export interface KnownSession {
  started: boolean;
  /** Starts of its executions that were read, in ms. */
  starts: number[];
}

/** Nothing read yet, everything to be told. */
export function freshLedger(): Ledger {
  return {
    v: 1,
    seen: { index: null, saves: null, chats: null },
    settled: [],
    before: [],
    filling: null,
    followed: {},
    sessions: {},
  };
}

/** The cursor that tells what a baseline left out, of what began at `since` (in ms) or later; null when it left nothing out. */
export function fillingLedger({ before }: Ledger, since: number): Ledger | null {
  return before.length === 0 ? null : { ...freshLedger(), filling: { files: before, since } };
}

/** How a file that nothing is known of is followed from now on. */
export function freshFollowed(start: number): Followed {
  return { stamp: null, changed: 0, executionId: null, start, turn: null, told: [], ended: false, chained: false };
}

/** Long enough to tell any two files of a workspace apart, short enough for thousands of them. */
const SHORT = 12;

/** A file's name as `settled` keeps it. */
export function shortName(file: string): string {
  return file.slice(0, SHORT);
}

/** A chat's id as `sessions` keeps it. */
export function sessionKey(sessionId: string): string {
  return shortHash(sessionId, 16);
}

/** The ledger with one file done with. */
export function settleFile(ledger: Ledger, file: string): Ledger {
  const { [file]: _, ...followed } = ledger.followed;
  return { ...ledger, followed, settled: [...ledger.settled, shortName(file)] };
}

/** So many ended executions stay followed. */
const FOLLOWED = 20;

/** The ledger with the oldest of too many followed executions settled: first those that ended. */
export function settleOldest(ledger: Ledger): Ledger {
  const files = Object.entries(ledger.followed);
  if (files.length <= FOLLOWED) return ledger;
  const oldest = files.sort(([, a], [, b]) => Number(b.ended) - Number(a.ended) || a.start - b.start);
  const kept = oldest.slice(files.length - FOLLOWED);
  const gone = oldest.slice(0, files.length - FOLLOWED).map(([file]) => shortName(file));
  return { ...ledger, followed: Object.fromEntries(kept), settled: [...ledger.settled, ...gone] };
}

/** The number of an execution in its chat: one more than those of the chat that began before it, told by us or listed. */
export function turnNumber(start: number, known: readonly number[]): number {
  return 1 + new Set(known.filter((other) => other < start)).size;
}
