import path from 'node:path';
import { type IndexEntry, parseExecutionIndex } from '../kiro/execution-index-0x.ts';
import { fileNames, hashName, isHashName, type WorkspaceFolder } from '../kiro/places-0x.ts';
import { readWhole, type Stamp, stampOf } from '../kiro/whole-file-0x.ts';
import { type Followed, freshFollowed, type Ledger, shortName } from './ledger-0x.ts';

/** What a look at a workspace's folder found. */
export interface Listing {
  seen: Ledger['seen'];
  /** Executions whose files changed since they were read, or never were, in the order of their starts. */
  due: DueFile[];
  /** Snapshots of older builds that are new. */
  snapshots: string[];
  /** When each execution that Kiro's index lists began, in ms. */
  starts: ReadonlyMap<string, number>;
  /** Files that are neither executions nor snapshots. */
  strangers: string[];
}

/** An execution's file that is to be read, and what is known of it. */
export interface DueFile {
  file: string;
  followed: Followed;
  stamp: Stamp;
  /** The index names it, so it needs no look at its beginning. */
  indexed: boolean;
}

/**
 * Finds what is to be read, by stats alone as long as nothing changed: three for the workspace and one for each execution that
 * has not ended. Only when the index or a folder changed are names listed, and then compared with what was settled.
 */
export async function listWorkspace(place: WorkspaceFolder, ledger: Ledger): Promise<Listing> {
  const seen = {
    index: (await stampOf(place.index))?.text ?? null,
    saves: (await stampOf(place.saves))?.text ?? null,
    chats: (await stampOf(place.path))?.text ?? null,
  };
  const same = seen.index === ledger.seen.index && seen.saves === ledger.seen.saves && seen.chats === ledger.seen.chats;
  const candidates = Object.entries(ledger.followed).filter(([, followed]) => !same || !followed.ended);
  if (same)
    return { seen, due: await changed(place, candidates, new Set()), snapshots: [], starts: NONE, strangers: [] };

  const index = await readWhole(place.index, parseExecutionIndex);
  const entries = index.found === 'whole' ? index.value : [];
  const byFile = new Map(entries.map((entry) => [hashName(entry.executionId), entry]));
  const wanted = wantedBy(ledger);
  const names = (await fileNames(place.saves)).filter(wanted);
  const fresh = names
    .filter((name) => isHashName(name) && !Object.hasOwn(ledger.followed, name))
    .map((name) => [name, freshFollowed(byFile.get(name)?.start ?? 0)] as const);
  const chats = (await fileNames(place.path)).filter((name) => name.endsWith('.chat') && wanted(name));
  return {
    // An index that is being written is looked at again.
    seen: index.found === 'torn' ? { ...seen, index: null } : seen,
    due: await changed(place, [...candidates, ...fresh], new Set(byFile.keys())),
    snapshots: chats,
    starts: startsOf(entries),
    strangers: names.filter((name) => !isHashName(name)),
  };
}

function wantedBy({ settled, before, filling }: Ledger): (name: string) => boolean {
  const done = new Set([...settled, ...before]);
  const only = filling === null ? null : new Set(filling.files);
  return (name) => !done.has(shortName(name)) && (only === null || only.has(shortName(name)));
}

const NONE: ReadonlyMap<string, number> = new Map();

function startsOf(entries: readonly IndexEntry[]): Map<string, number> {
  return new Map(entries.flatMap(({ executionId, start }) => (start === null ? [] : [[executionId, start] as const])));
}

async function changed(
  place: WorkspaceFolder,
  candidates: readonly (readonly [string, Followed])[],
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
