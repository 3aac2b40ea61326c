import path from 'node:path';
import type { Host } from '../core/host.ts';
import { readMark } from '../kiro/migration-0x.ts';
import { hashName } from '../kiro/places-0x.ts';
import { findSavedExecution } from '../kiro/saved-executions-0x.ts';
import { parseSessionFile, type SessionFile } from '../kiro/session-file-0x.ts';
import { readWhole } from '../kiro/whole-file-0x.ts';
import type { Workspace0x } from '../kiro/workspace-folders-0x.ts';
import { type HistoryItem, historyFacts, isReady, itemsOf, type ToldItem } from './history-0x.ts';
import {
  countStrange,
  type KnownChat,
  knownChat,
  knownSession,
  type Ledger,
  QUIET_MS,
  sessionKey,
  shortName,
} from './ledger-0x.ts';
import type { DueChat } from './listing-0x.ts';
import { answerHash, type FileRead, promptHash, type Reading } from './read-execution-0x.ts';
import { surroundings0x } from './surroundings-0x.ts';
import { tellFacts } from './tell-facts.ts';

/**
 * Reads one chat's file and tells what its history alone holds: answers that name no execution, and prompts and answers whose
 * execution has no file. Each waits ten minutes for an execution first, because Kiro writes the two by different ways (kiro/README Z6, Z10).
 */
export async function readHistory(host: Host, place: Workspace0x, due: DueChat, at: Reading): Promise<FileRead> {
  const { ledger } = at;
  const key = sessionKey(due.sessionId);
  const known = knownChat(ledger, key);
  const nothing = { ledger, events: [], torn: false, skipped: 0, unknown: {} };
  const read = await readWhole(due.path, parseSessionFile);
  if (read.found === 'absent') return nothing;
  const now = host.now().getTime();
  if (read.found !== 'whole') {
    // Kiro may be writing it; once it plainly is not, it is passed over until it changes.
    const before = at.context === null ? null : known.before;
    if (read.found === 'torn' && now - read.stamp.changed < QUIET_MS)
      return { ...nothing, torn: true, ledger: withChat(ledger, key, { ...known, before }) };
    const passed = { ...known, before, stamp: read.stamp.text, waiting: {} };
    return { ...nothing, skipped: 1, ledger: withChat(ledger, key, passed) };
  }
  const counted = countStrange(ledger, read.value.unknown);
  const found: Found = { due, key, file: read.value, changed: read.stamp.changed };
  const alone = await itemsAlone(place, counted.ledger, found);
  if (at.context === null || known.before === null) {
    const before = alone.map(({ mark }) => mark);
    const noted = withChat(counted.ledger, key, { ...known, stamp: read.stamp.text, before });
    return { ...nothing, ledger: noted, unknown: counted.unknown };
  }
  const { waiting, ready } = decide(known, alone, { ...found, now, at: { ...at, ledger: counted.ledger } });
  const told = ready.length === 0 ? [] : await withoutOthers(found, ready, ledger);
  const chat: KnownChat = {
    stamp: read.stamp.text,
    waiting,
    told: [...known.told, ...marksOf(told)],
    // Passed over here, and so not to be taken from an execution that tells it.
    before: [...known.before, ...marksOf(ready.filter((each) => !told.includes(each)))],
  };
  const telling = await tellItems(found, told, { ...at, ledger: withChat(counted.ledger, key, chat) });
  return { ...nothing, ...telling, unknown: counted.unknown };
}

interface Found {
  due: DueChat;
  key: string;
  file: SessionFile;
  /** In ms. */
  changed: number;
}

/** Entries that no execution tells whose file is there, or that was read. */
async function itemsAlone(place: Workspace0x, ledger: Ledger, { key, file }: Found): Promise<HistoryItem[]> {
  const saved = new Map<string, boolean>();
  const isSaved = async (executionId: string) => {
    const known = saved.get(executionId) ?? (await isThere(place, ledger, executionId));
    saved.set(executionId, known);
    return known;
  };
  const { asked, said } = knownSession(ledger, key);
  const alone: HistoryItem[] = [];
  for (const item of itemsOf(file.history)) {
    if ((await Promise.all(item.executions.map(isSaved))).some((each) => each)) continue;
    // An execution that the history does not name told it.
    const { entry, text, turn } = item;
    const isAsked = entry.role === 'user' && text !== null && asked.includes(promptHash(text));
    const isSaid = entry.role === 'assistant' && turn.some((id) => said.includes(answerHash(id, text)));
    if (!isAsked && !isSaid) alone.push(item);
  }
  return alone;
}

async function isThere(place: Workspace0x, ledger: Ledger, executionId: string): Promise<boolean> {
  const file = hashName(executionId);
  if (Object.hasOwn(ledger.followed, file) || Object.hasOwn(ledger.followed, `${file}.chat`)) return true;
  // It was read, or was there before us, even if Kiro removed it since.
  if ([...ledger.settled, ...ledger.before].includes(shortName(file))) return true;
  return findSavedExecution(path.dirname(place.path), place, executionId);
}

/** Which entries are to be told now, and which wait on. Pure. */
function decide(known: KnownChat, alone: readonly HistoryItem[], found: Found & { now: number; at: Reading }) {
  const { filling } = found.at.ledger;
  const only = filling === null ? null : (filling.chats[found.key] ?? []);
  const done = new Set([...known.told, ...(known.before ?? [])]);
  const waiting: KnownChat['waiting'] = {};
  const ready: ToldItem[] = [];
  for (const item of alone) {
    if (done.has(item.mark) || (only !== null && !only.includes(item.mark))) continue;
    const since = known.waiting[item.mark] ?? found.changed;
    if (isReady(since, found.now)) ready.push({ item, ms: momentOf(item, since, found) });
    else waiting[item.mark] = since;
  }
  return { waiting, ready };
}

const marksOf = (items: readonly ToldItem[]) => items.map(({ item }) => item.mark);

/** Without what is older than is filled in, and what Kiro 1.x records: a chat belongs to it from when it was moved there. */
async function withoutOthers({ due }: Found, ready: readonly ToldItem[], { filling }: Ledger): Promise<ToldItem[]> {
  const since = filling?.since ?? 0;
  const moved = (await readMark(due.folder, due.sessionId))?.at ?? Number.POSITIVE_INFINITY;
  return ready.filter(({ ms }) => ms >= since && ms <= moved);
}

/** Not later than it was seen, and before the next turn of the chat that is known to have begun. */
function momentOf({ at }: HistoryItem, since: number, { file, at: { listing } }: { file: SessionFile; at: Reading }) {
  const later = file.history.slice(at + 1).map(({ executionId }) => listing.starts.get(executionId ?? ''));
  const next = later.find((start) => start !== undefined);
  return Math.floor(next === undefined ? since : Math.min(since, next - 1));
}

async function tellItems({ due, key, file }: Found, told: readonly ToldItem[], { ledger, context }: Reading) {
  if (told.length === 0 || context === null) return { ledger, events: [] };
  const root = file.workspacePath ?? due.workspacePath;
  const roots = root === null ? [] : [root];
  const around = surroundings0x({ sessionId: due.sessionId, execution: { model: null }, file, roots }, context);
  const facts = historyFacts(told);
  const session = knownSession(ledger, key);
  const first = facts[0];
  const starts = !session.started && around.level !== 'off' && first !== undefined;
  const start = starts ? { time: first.time, inferred: ['time'] } : null;
  const events = await tellFacts(facts, start, { around, context, roots });
  const sessions = { ...ledger.sessions, [key]: { ...session, started: session.started || starts } };
  return { ledger: { ...ledger, sessions }, events };
}

function withChat(ledger: Ledger, key: string, chat: KnownChat): Ledger {
  return { ...ledger, chats: { ...ledger.chats, [key]: chat } };
}
