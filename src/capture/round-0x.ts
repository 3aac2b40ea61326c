import path from 'node:path';
import type { IndexEntry } from '../kiro/execution-index-0x.ts';
import { fileNames, hashName, isHashName, type WorkspaceFolder } from '../kiro/places-0x.ts';
import { stampOf } from '../kiro/whole-file-0x.ts';
import { type Followed, freshFollowed, type Ledger, type Round } from './ledger-0x.ts';

/** A part of the round is looked at this often at most, and has so many files: stats only, some 20 ms. */
const PART_MS = 10 * 60_000;
const PART_FILES = 1000;
/** Kiro writes the index a moment after the end that it names. */
const SLACK_MS = 60_000;

/** Files that changed after they were done with, and where the round stands now. */
export interface ChangedAgain {
  round: Round | null;
  files: (readonly [file: string, followed: Followed])[];
}

/**
 * Finds executions that Kiro changed after we were done with them (kiro/README Z11): at once those that the index says ended just now or run, by the
 * hash rule (kiro/README Z2), and in rounds, a part at a time, any other. Nothing is opened: a file that was written since
 * its turn in the round before has changed. `entries`: the index, if it was read in this look.
 */
export async function findChangedAgain(
  place: WorkspaceFolder,
  ledger: Ledger,
  entries: readonly IndexEntry[],
  now: number,
): Promise<ChangedAgain> {
  const before = ledger.round;
  if (before === null || ledger.filling !== null) {
    return { round: before ?? { since: now, began: now, looked: now, next: '' }, files: [] };
  }
  const done = (file: string) => !Object.hasOwn(ledger.followed, file);
  const recently = Math.max(before.since, before.looked - SLACK_MS);
  const news = entries
    .filter(({ status, end }) => (end === null ? status === 'running' : end > recently))
    .map(({ executionId, start }) => [hashName(executionId), start] as const)
    .filter(([file]) => done(file));
  const files: (readonly [string, Followed])[] = [];
  for (const [file, start] of news) {
    if (await changedSince(place, file, recently)) files.push([file, freshFollowed(start ?? 0)]);
  }
  if (now - before.looked < PART_MS) return { round: before, files };

  const all = (await fileNames(place.saves)).filter((name) => isHashName(name) && name > before.next).sort();
  const part = all.slice(0, PART_FILES);
  for (const file of part) {
    const followed = ledger.followed[file];
    // A file that is still followed is compared with what is known of it.
    if (followed !== undefined) files.push([file, followed]);
    else if (await changedSince(place, file, before.since)) files.push([file, freshFollowed(0)]);
  }
  const last = part.at(-1);
  const over = all.length <= PART_FILES || last === undefined;
  const round = over
    ? { since: before.began, began: now, looked: now, next: '' }
    : { ...before, looked: now, next: last };
  return { round, files };
}

async function changedSince(place: WorkspaceFolder, file: string, moment: number): Promise<boolean> {
  const stamp = await stampOf(path.join(place.saves, file));
  return stamp !== null && stamp.changed > moment;
}
