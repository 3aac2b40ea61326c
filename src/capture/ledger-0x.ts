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
  /** When that was, in ms; 0: everything is told. */
  from: number;
  /** Only these files are read, and of them only executions that began then (in ms) or later: what a baseline left out. */
  filling: { files: string[]; chats: { [session: string]: string[] }; since: number } | null;
  /** The round of looks at files that are done with, in case Kiro changes one yet; null before the first look. */
  round: Round | null;
  /** Executions that run, and the newest that ended (a late change is still told): by the names of their files. */
  followed: { [file: string]: Followed };
  /** By the hashes of their ids. */
  sessions: { [session: string]: KnownSession };
  /** The files of chats, by the hashes of their ids. */
  chats: { [session: string]: KnownChat };
  /** Names that were counted as unknown in files that are read again and again: each once. */
  strange: string[];
}

export interface Round {
  /** A file that changed later than this (in ms) changed since it was last looked at. */
  since: number;
  began: number;
  /** When the last part of it was, in ms. */
  looked: number;
  /** The part after this file's name is still to be looked at. */
  next: string;
}

/** What a chat's own history tells, where no execution does. */
export interface KnownChat {
  /** How its file was when it was last read. */
  stamp: string | null;
  /** Since when an entry waits for an execution to tell it, in ms, by the entries' marks. */
  waiting: { [mark: string]: number };
  told: string[];
  /** Entries that were there before us; null: all that its first whole reading shows. */
  before: string[] | null;
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
  /** It is about to start another execution and does not say yet which: the chat it is of, by the hash of its id. */
  starting: string | null;
  /** Whether it is that other one is not known yet, so its prompt and its end wait: the same of its chat. */
  waiting: string | null;
}

export interface KnownSession {
  started: boolean;
  /** Starts of its executions that were read, in ms. */
  starts: number[];
  /** What was typed for executions that its history does not name: hashes of the texts. */
  asked: string[];
  /** What its executions said, by hashes: a history may hold the same without naming the execution. */
  said: string[];
}

/** Nothing read yet, everything to be told. */
export function freshLedger(): Ledger {
  return {
    v: 1,
    seen: { index: null, saves: null, chats: null },
    settled: [],
    before: [],
    from: 0,
    filling: null,
    round: null,
    followed: {},
    sessions: {},
    chats: {},
    strange: [],
  };
}

/** A ledger as an earlier build may have stored it: what that one did not know is as in a fresh one. */
export function knownLedger(stored: object): Ledger {
  const ledger: Ledger = { ...freshLedger(), ...stored };
  const followed = Object.entries(ledger.followed).map(([file, each]) => [file, { ...freshFollowed(0), ...each }]);
  return { ...ledger, seen: { ...freshLedger().seen, ...ledger.seen }, followed: Object.fromEntries(followed) };
}

/** The cursor that tells what a baseline left out, of what began at `since` (in ms) or later; null when it left nothing out. */
export function fillingLedger({ before, chats }: Ledger, since: number): Ledger | null {
  const entries = Object.entries(chats).flatMap(([session, chat]) =>
    chat.before === null || chat.before.length === 0 ? [] : [[session, chat.before] as const],
  );
  if (before.length === 0 && entries.length === 0) return null;
  return { ...freshLedger(), filling: { files: before, chats: Object.fromEntries(entries), since } };
}

/** A chat of which nothing is known. */
export function knownSession(ledger: Ledger, key: string): KnownSession {
  return { started: false, starts: [], asked: [], said: [], ...ledger.sessions[key] };
}

/** A chat's file of which nothing is known. */
export function knownChat(ledger: Ledger, key: string): KnownChat {
  return { stamp: null, waiting: {}, told: [], before: [], ...ledger.chats[key] };
}

/** More different names than any Kiro's. */
const STRANGE = 200;

/** Those of the names that were not counted yet, and the ledger that knows them. */
export function countStrange(
  ledger: Ledger,
  unknown: Readonly<Record<string, number>>,
): { ledger: Ledger; unknown: Record<string, number> } {
  const room = STRANGE - ledger.strange.length;
  const fresh = Object.entries(unknown)
    .filter(([name]) => !ledger.strange.includes(name))
    .slice(0, room);
  if (fresh.length === 0) return { ledger, unknown: {} };
  const strange = [...ledger.strange, ...fresh.map(([name]) => name)];
  return { ledger: { ...ledger, strange }, unknown: Object.fromEntries(fresh) };
}

/** How a file that nothing is known of is followed from now on. */
export function freshFollowed(start: number): Followed {
  const nothing = { stamp: null, changed: 0, executionId: null, turn: null, told: [] };
  return { ...nothing, start, ended: false, chained: false, starting: null, waiting: null };
}

/** How long after its last change a file that ends in the middle, or says that it runs, is taken at its word. */
export const QUIET_MS = 10 * 60_000;

/** Whether an execution may be one that another of its chat is about to start and has not named yet. `start`, `now` in ms. */
export function mayBeStarted(
  { followed }: Ledger,
  { file, session, start }: { file: string; session: string; start: number },
  now: number,
): boolean {
  return Object.entries(followed).some(
    ([other, { starting, changed, ...it }]) =>
      other !== file && starting === session && it.start <= start && now - changed < QUIET_MS,
  );
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
  return { ...ledger, followed, settled: added(ledger.settled, [shortName(file)]) };
}

/** A file that changed after all is read, and settled, again. */
function added(settled: readonly string[], names: readonly string[]): string[] {
  return [...settled, ...names.filter((name) => !settled.includes(name))];
}

/** So many ended executions stay followed. */
const FOLLOWED = 20;

/** The ledger with the oldest of too many followed executions settled: first those that ended. */
export function settleOldest(ledger: Ledger): Ledger {
  const files = Object.entries(ledger.followed);
  if (files.length <= FOLLOWED) return ledger;
  const isDone = ({ ended, waiting }: Followed) => Number(ended && waiting === null);
  const oldest = files.sort(([, a], [, b]) => isDone(b) - isDone(a) || a.start - b.start);
  const kept = oldest.slice(files.length - FOLLOWED);
  const gone = oldest.slice(0, files.length - FOLLOWED).map(([file]) => shortName(file));
  return { ...ledger, followed: Object.fromEntries(kept), settled: added(ledger.settled, gone) };
}

/** The number of an execution in its chat: one more than those of the chat that began before it, told by us or listed. */
export function turnNumber(start: number, known: readonly number[]): number {
  return 1 + new Set(known.filter((other) => other < start)).size;
}
