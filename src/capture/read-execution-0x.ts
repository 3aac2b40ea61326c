import path from 'node:path';
import type { CapsuleEvent } from '../core/event.ts';
import type { Host } from '../core/host.ts';
import { type Execution, parseExecution } from '../kiro/execution-0x.ts';
import { isoTime } from '../kiro/iso-time.ts';
import { type MigrationMark, readMark } from '../kiro/migration-0x.ts';
import { hashName, type WorkspaceFolder } from '../kiro/places-0x.ts';
import { type FoundSession, findSession } from '../kiro/session-file-0x.ts';
import { findWorkspacePath } from '../kiro/session-list-0x.ts';
import { readExecutionId, readWhole } from '../kiro/whole-file-0x.ts';
import type { CaptureContext } from './capture-context.ts';
import { shortHash } from './event-id.ts';
import type { Fact } from './fact.ts';
import { withoutEarly } from './history-0x.ts';
import {
  countStrange,
  type Followed,
  freshFollowed,
  type KnownSession,
  knownChat,
  knownSession,
  type Ledger,
  mayBeStarted,
  QUIET_MS,
  sessionKey,
  settleFile,
  shortName,
  turnNumber,
} from './ledger-0x.ts';
import type { DueFile, Listing } from './listing-0x.ts';
import { sumCounts } from './name-counts.ts';
import { type Prompt, promptOf } from './prompt-0x.ts';
import { surroundings0x } from './surroundings-0x.ts';
import { type SessionStart, type Telling, tellFacts } from './tell-facts.ts';
import { textIn } from './tool-0x.ts';
import { turnFacts } from './turn-0x.ts';

/** What reading one file gave. */
export interface FileRead {
  ledger: Ledger;
  events: CapsuleEvent[];
  /** It, or the chat it belongs to, is being written: to be read again soon. */
  torn: boolean;
  skipped: number;
  unknown: Record<string, number>;
}

/** What reading one file starts from. */
export interface Reading {
  ledger: Ledger;
  listing: Listing;
  /** null: what is there is noted as known, and not told. */
  context: CaptureContext | null;
}

/** Reads one execution's file and tells what is new in it. */
export async function readExecution(host: Host, place: WorkspaceFolder, due: DueFile, at: Reading): Promise<FileRead> {
  const file = path.join(place.saves, due.file);
  const recent = host.now().getTime() - due.stamp.changed < QUIET_MS;
  const nothing = { ledger: at.ledger, events: [], torn: false, skipped: 0, unknown: {} };
  const wait: FileRead = { ...nothing, torn: true, ledger: follow(at.ledger, due, { changed: due.stamp.changed }) };
  const settle: FileRead = { ...nothing, ledger: settleFile(at.ledger, due.file) };
  const stamped = follow(at.ledger, due, { stamp: due.stamp.text, changed: due.stamp.changed });
  const broken: FileRead = recent ? wait : { ...nothing, ledger: stamped, skipped: 1 };

  if (isTooOld(at.ledger, due)) return settle;
  if (!due.indexed && (await readExecutionId(file)) === null) {
    return recent ? wait : { ...settle, unknown: { 'file that is no execution': 1 } };
  }
  const read = await readWhole(file, parseExecution);
  if (read.found === 'absent') return settle;
  if (read.found === 'too-large') return { ...settle, skipped: 1 };
  if (read.found === 'torn') return broken;
  const execution = read.value;
  if (execution.sessionId === null) return { ...settle, unknown: { 'execution without a chat': 1 } };
  const session = await findSession(place.sessions, execution.sessionId);
  if (session?.torn && recent) return wait;
  const mark = session === null ? null : await readMark(session.folder, execution.sessionId);
  const marked = countStrange(at.ledger, mark?.unknown ?? {});
  if (cameAfter(execution, mark))
    return { ...settle, ledger: settleFile(marked.ledger, due.file), unknown: marked.unknown };
  const found = { execution, sessionId: execution.sessionId, session };
  const now = host.now().getTime();
  const told = await tellExecution(place, found, { ...due, stamp: read.stamp }, { ...at, ledger: marked.ledger, now });
  return { ...told, unknown: sumCounts(told.unknown, marked.unknown) };
}

function isTooOld({ filling }: Ledger, { followed, stamp }: DueFile): boolean {
  return filling !== null && (followed.start || stamp.changed) < filling.since;
}

/** From then on it is Kiro 1.x that records the chat. */
function cameAfter({ start }: Execution, mark: MigrationMark | null): boolean {
  return mark !== null && (start ?? Number.POSITIVE_INFINITY) > mark.at;
}

interface Found {
  execution: Execution;
  sessionId: string;
  session: FoundSession | null;
}

async function tellExecution(
  place: WorkspaceFolder,
  found: Found,
  due: DueFile,
  at: Reading & { now: number },
): Promise<FileRead> {
  const { execution, sessionId, session } = found;
  const { ledger, listing, context, now } = at;
  const key = sessionKey(sessionId);
  const known = knownSession(ledger, key);
  const start = execution.start ?? listing.starts.get(execution.executionId) ?? due.stamp.changed;
  const history = session?.file?.history ?? [];
  const listed = history.flatMap((entry) => listing.starts.get(entry.executionId ?? '') ?? []);
  const index = due.followed.turn ?? turnNumber(start, [...listed, ...known.starts]);
  const { chained } = due.followed;
  const waits = !chained && mayBeStarted(ledger, { file: due.file, session: key, start }, now);
  const prompt = chained || waits ? null : promptOf(execution, history);
  const { facts: all, ended, unknown } = turnFacts({ execution, index, prompt });
  // The end counts the prompt.
  const facts = waits ? all.filter(({ kind }) => kind !== 'turn.ended') : all;
  const early = knownChat(ledger, key).told;
  const fresh = withoutEarly(facts, execution.executionId, history, early).filter(
    (fact) => !due.followed.told.includes(factHash(fact)) && !happenedBefore(ledger, due, fact),
  );
  const telling = context === null || fresh.length === 0 ? null : await tellingOf(place, found, context);
  const starts = telling !== null && !known.started && telling.around.level !== 'off';
  const events = telling === null ? [] : await tellFacts(fresh, starts ? startOf(start, index) : null, telling);

  const followed: Partial<Followed> = {
    stamp: due.stamp.text,
    changed: due.stamp.changed,
    executionId: execution.executionId,
    start,
    turn: index,
    told: facts.map(factHash),
    ended,
    starting: !ended && isStarting(execution) ? key : null,
    waiting: waits ? key : null,
  };
  const sessions = {
    ...ledger.sessions,
    [key]: {
      started: known.started || starts,
      starts: [...new Set([...known.starts, start])],
      asked: withAsked(known, prompt),
      said: withSaid(known, execution.executionId, facts),
    },
  };
  return {
    ledger: chain(follow({ ...ledger, sessions }, due, followed), execution),
    events,
    torn: false,
    skipped: 0,
    // Counted once, when no more of it will come.
    unknown: ended && !due.followed.ended ? sumCounts(unknown, execution.unknown) : {},
  };
}

/** Whether a fact of a file that was there before us, and that Kiro changed afterwards, was there before us, too. */
function happenedBefore({ before, from }: Ledger, { file }: DueFile, { time }: Fact): boolean {
  return before.includes(shortName(file)) && Date.parse(time) < from;
}

/** More prompts than can be waiting to be named by a history. */
const ASKED = 50;

function withAsked({ asked }: KnownSession, prompt: Prompt | null): string[] {
  if (prompt === null || prompt.record !== null || prompt.text === null) return asked;
  return [...new Set([...asked, promptHash(prompt.text)])].slice(-ASKED);
}

/** Only those are compared that a history shows within ten minutes of its being seen. */
const SAID = 200;

function withSaid({ said }: KnownSession, executionId: string, facts: readonly Fact[]): string[] {
  const now = facts.flatMap((fact) =>
    fact.kind === 'agent.responded' ? [answerHash(executionId, fact.body.text)] : [],
  );
  return [...new Set([...said, ...now])].slice(-SAID);
}

/** How an answer of an execution is remembered. */
export function answerHash(executionId: string, text: string | null): string {
  return shortHash(JSON.stringify([executionId, text]), 12);
}

async function tellingOf(
  place: WorkspaceFolder,
  { execution, sessionId, session }: Found,
  context: CaptureContext,
): Promise<Telling> {
  const file = session?.file ?? null;
  const named = [file?.workspacePath ?? null, ...execution.workspacePaths].filter((each) => each !== null);
  const found = named.length > 0 ? null : await findWorkspacePath(place.sessions, place.id);
  const roots = found === null ? [...new Set(named)] : [found];
  return { around: surroundings0x({ sessionId, execution, file, roots }, context), context, roots };
}

/** How a prompt is remembered that an execution told and no history names. */
export function promptHash(text: string): string {
  return shortHash(text, 12);
}

/** A fact's name within its execution. */
export function factHash({ kind, key }: Pick<Fact, 'kind' | 'key'>): string {
  return shortHash(JSON.stringify([kind, key]), 12);
}

/** A chat is told at the first execution that is new to us; only its first one began it. */
function startOf(start: number, index: number): SessionStart {
  return { time: isoTime(start) ?? new Date(0).toISOString(), inferred: index === 1 ? [] : ['time'] };
}

function follow(ledger: Ledger, { file, followed }: DueFile, more: Partial<Followed>): Ledger {
  return { ...ledger, followed: { ...ledger.followed, [file]: { ...followed, ...more } } };
}

/** Whether it starts another execution that it does not name yet. */
function isStarting({ actions }: Execution): boolean {
  return actions.some(({ type, output }) => type === 'specAgent' && textIn(output, 'executionId') === null);
}

/** Remembers the executions that this one started (`specAgent`): their first message is this one's (kiro/README Z4). */
function chain(ledger: Ledger, { actions, start }: Execution): Ledger {
  const followed = { ...ledger.followed };
  for (const { type, output } of actions) {
    const started = type === 'specAgent' ? textIn(output, 'executionId') : null;
    if (started === null) continue;
    const file = hashName(started);
    followed[file] = { ...(followed[file] ?? freshFollowed(start ?? 0)), chained: true };
  }
  return { ...ledger, followed };
}
