/**
 * Remembers starts that did not come up and ends that were no end, so that a daemon that crashes over and over stops trying.
 * Kept in a file of its own: what makes it crash may be the database.
 */
import * as fs from 'node:fs';
import * as z from 'zod';
import { readIfExists, writeOwnFile } from '../core/careful-file.ts';

const RECENT_MS = 5 * 60_000;
const TOO_MANY = 5;
/** Starts closer together than this were not one after the other's crash: several programs started a daemon at once. */
const AT_ONCE_MS = 1_000;

const Times = z.array(z.number());

export interface CrashRecord {
  /** Notes this start; true when there were five crashes in the last five minutes. */
  start(): boolean;
  /** This start came up: it is no crash, whatever comes. */
  cameUp(): void;
  /** Something happened that nobody foresaw; the process ends now. */
  crashed(): void;
}

/** The record in this file, owner-only. A file that cannot be read or written counts as no crash: it must not stop a start. */
export function crashRecord(file: string, now: () => Date): CrashRecord {
  let started: number | undefined;
  const change = (edit: (times: number[]) => number[]) => {
    try {
      writeOwnFile(file, `${JSON.stringify(edit(read(file)))}\n`);
    } catch {
      // As said above.
    }
  };
  return {
    start() {
      const at = now().getTime();
      const recent = read(file).filter((time) => Math.abs(at - time) < RECENT_MS);
      change(() => [...recent, at]);
      started = at;
      return countApart([...recent, at]) > TOO_MANY;
    },
    cameUp() {
      if (started !== undefined) change((times) => times.filter((time) => time !== started));
      started = undefined;
    },
    crashed() {
      // A start that has not come up is noted already.
      if (started === undefined) change((times) => [...times, now().getTime()]);
    },
  };
}

/** How many of these times follow the one counted before by a second or more. Pure. */
export function countApart(times: readonly number[]): number {
  let last = Number.NEGATIVE_INFINITY;
  let count = 0;
  for (const time of [...times].sort((a, b) => a - b)) {
    if (time - last < AT_ONCE_MS) continue;
    last = time;
    count += 1;
  }
  return count;
}

/** Forgets all of it: a person said what to do. */
export function forgetCrashes(file: string): void {
  fs.rmSync(file, { force: true });
}

function read(file: string): number[] {
  try {
    return Times.parse(JSON.parse(readIfExists(file)?.toString('utf8') ?? '[]'));
  } catch {
    return [];
  }
}
