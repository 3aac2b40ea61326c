import path from 'node:path';
import { type ChatFile, chatFiles } from '../kiro/chat-folders-0x.ts';
import { type ExecutionIndex, type IndexEntry, parseExecutionIndex } from '../kiro/execution-index-0x.ts';
import { fileNames, hashName, isHashName } from '../kiro/places-0x.ts';
import { readWhole, type Stamp, stampOf } from '../kiro/whole-file-0x.ts';
import type { Workspace0x } from '../kiro/workspace-folders-0x.ts';
import { isReady } from './history-0x.ts';
import {
  type Followed,
  freshFollowed,
  knownChat,
  type Ledger,
  mayBeStarted,
  sessionKey,
  shortName,
} from './ledger-0x.ts';
import { findChangedAgain } from './round-0x.ts';

/** What a look at a workspace's folder found. */
export interface Listing {
  seen: Ledger['seen'];
  round: Ledger['round'];
  /** Executions whose files changed since they were read, or never were, in the order of their starts. */
  due: DueFile[];
  /** Snapshots of older builds that are new. */
  snapshots: string[];
  /** Chats whose files changed, or whose entries waited long enough for an execution. */
  chats: DueChat[];
  /** When each execution that Kiro's index lists began, in ms. */
  starts: ReadonlyMap<string, number>;
  /** Files that are neither executions nor snapshots. */
  strangers: string[];
  /** What index and lists hold that is not known, by name. */
  unknown: Record<string, number>;
}

/** An execution's file that is to be read, and what is known of it. */
export interface DueFile {
  file: string;
  followed: Followed;
  stamp: Stamp;
  /** The index names it, so it needs no look at its beginning. */
  indexed: boolean;
}

/** A chat's file that is to be read. */
export interface DueChat extends ChatFile {
  folder: string;
  workspacePath: string | null;
  stamp: Stamp;
}

const EMPTY_INDEX: ExecutionIndex = { entries: [], unknown: {} };

/**
 * Finds what is to be read, by stats alone as long as nothing changed: three for the workspace, one for each chat and one for
 * each execution that has not ended. Only when the index or a folder changed are names listed, and then compared with what was
 * settled. Files that are done with are looked at in rounds (`findChangedAgain`). `now` in ms.
 */
export async function listWorkspace(place: Workspace0x, ledger: Ledger, now: number): Promise<Listing> {
  const seen = {
    index: (await stampOf(place.index))?.text ?? null,
    saves: (await stampOf(place.saves))?.text ?? null,
    chats: (await stampOf(place.path))?.text ?? null,
  };
  const same = seen.index === ledger.seen.index && seen.saves === ledger.seen.saves && seen.chats === ledger.seen.chats;
  const candidates = Object.entries(ledger.followed)
    .map(
      ([file, followed]): Candidate => [file, isReleased(ledger, file, now) ? { ...followed, stamp: null } : followed],
    )
    .filter(([, { ended, stamp }]) => !same || !ended || stamp === null);
  const chats = await dueChats(place, ledger, now);
  const lists = Object.assign({}, ...place.chats.map(({ unknown }) => unknown)) as Record<string, number>;
  const none = { seen, chats, snapshots: [], strangers: [], starts: startsOf([]), unknown: lists };
  const again = async (entries: readonly IndexEntry[]) =>
    seen.saves === null ? { round: ledger.round, files: [] } : findChangedAgain(place, ledger, entries, now);
  if (same) {
    const { round, files } = await again([]);
    return { ...none, round, due: await changed(place, merged(candidates, files), new Set()) };
  }

  const index = await readWhole(place.index, parseExecutionIndex);
  const { entries, unknown } = index.found === 'whole' ? index.value : EMPTY_INDEX;
  const byFile = new Map(entries.map((entry) => [hashName(entry.executionId), entry]));
  const wanted = wantedBy(ledger);
  const names = (await fileNames(place.saves)).filter(wanted);
  const fresh = names
    .filter((name) => isHashName(name) && !Object.hasOwn(ledger.followed, name))
    .map((name) => [name, freshFollowed(byFile.get(name)?.start ?? 0)] as const);
  const { round, files } = await again(entries);
  return {
    ...none,
    // An index that is being written is looked at again.
    seen: index.found === 'torn' ? { ...seen, index: null } : seen,
    round,
    due: await changed(place, merged([...candidates, ...fresh], files), new Set(byFile.keys())),
    snapshots: (await fileNames(place.path)).filter((name) => name.endsWith('.chat') && wanted(name)),
    starts: startsOf(entries),
    strangers: names.filter((name) => !isHashName(name)),
    unknown: { ...lists, ...unknown },
  };
}

/** It waited for another execution to name it, which now has, or will not. */
function isReleased(ledger: Ledger, file: string, now: number): boolean {
  const { waiting: session = null, start = 0, chained = false } = ledger.followed[file] ?? {};
  return session !== null && (chained || !mayBeStarted(ledger, { file, session, start }, now));
}

function wantedBy({ settled, before, filling }: Ledger): (name: string) => boolean {
  const done = new Set([...settled, ...before]);
  const only = filling === null ? null : new Set(filling.files);
  return (name) => !done.has(shortName(name)) && (only === null || only.has(shortName(name)));
}

function startsOf(entries: readonly IndexEntry[]): ReadonlyMap<string, number> {
  return new Map(entries.flatMap(({ executionId, start }) => (start === null ? [] : [[executionId, start] as const])));
}

type Candidate = readonly [file: string, followed: Followed];

function merged(candidates: readonly Candidate[], files: readonly Candidate[]): Candidate[] {
  const known = new Set(candidates.map(([file]) => file));
  return [...candidates, ...files.filter(([file]) => !known.has(file))];
}

async function changed(
  place: Workspace0x,
  candidates: readonly Candidate[],
  indexed: ReadonlySet<string>,
): Promise<DueFile[]> {
  const due: DueFile[] = [];
  for (const [file, followed] of candidates) {
    const stamp = await stampOf(path.join(place.saves, file));
    if (stamp === null || stamp.text === followed.stamp) continue;
    due.push({ file, followed, stamp, indexed: indexed.has(file) || followed.executionId !== null });
  }
  // One that the index does not name is placed by when it was written.
  const startOf = ({ followed, stamp }: DueFile) => (followed.start === 0 ? stamp.changed : followed.start);
  return due.sort((a, b) => startOf(a) - startOf(b));
}

async function dueChats(place: Workspace0x, ledger: Ledger, now: number): Promise<DueChat[]> {
  const { filling } = ledger;
  const due: DueChat[] = [];
  for (const { path: folder, workspacePath } of place.chats) {
    const files = (await chatFiles(folder)).map((chat) => ({ ...chat, key: sessionKey(chat.sessionId) }));
    const wanted = files.filter(({ key }) => filling === null || Object.hasOwn(filling.chats, key));
    const stamps = await Promise.all(wanted.map((chat) => stampOf(chat.path)));
    for (const [at, { key, ...chat }] of wanted.entries()) {
      const stamp = stamps[at] ?? null;
      const known = knownChat(ledger, key);
      const ready = Object.values(known.waiting).some((since) => isReady(since, now));
      if (stamp !== null && (stamp.text !== known.stamp || ready)) due.push({ ...chat, folder, workspacePath, stamp });
    }
  }
  return due.sort((a, b) => a.stamp.changed - b.stamp.changed);
}
