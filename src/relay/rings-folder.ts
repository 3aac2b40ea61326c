import * as fs from 'node:fs';
import path from 'node:path';
import { systemCode } from '../core/failure.ts';
import { parseRing, type Ring, unreadableRing } from './ring.ts';

/** The dispatcher bounds its input to 256 KiB; anything much larger is not from it. */
const MAX_BYTES = 300 * 1024;
/** A file that does not parse is being written, or never will parse. */
const UNREADABLE_AFTER_MS = 60_000;
const MAX_FILES = 5_000;

/**
 * The rings waiting in the folder, oldest first, at most 5,000. Files still being written are left for the next look.
 * Only regular files of this user are opened: the folder is ours, but what is in it is checked all the same.
 */
export function waitingRings(folder: string, now: Date): Ring[] {
  const found: { ring: Ring; at: number }[] = [];
  for (const name of list(folder).slice(0, MAX_FILES)) {
    const file = path.join(folder, name);
    const stat = fs.lstatSync(file, { throwIfNoEntry: false });
    if (stat === undefined || !stat.isFile()) continue;
    const ring = stat.size > MAX_BYTES ? undefined : read(file, name, now);
    const old = now.getTime() - stat.mtimeMs > UNREADABLE_AFTER_MS;
    if (ring !== undefined) found.push({ ring, at: stat.mtimeMs });
    else if (old || stat.size > MAX_BYTES)
      found.push({ ring: unreadableRing(name, now.toISOString()), at: stat.mtimeMs });
  }
  return found.sort((a, b) => a.at - b.at).map(({ ring }) => ring);
}

/** Whether a file there is still being written. To be asked once every ring that is complete has been taken away. */
export function ringUnderWay(folder: string, now: Date): boolean {
  return list(folder).some((name) => {
    const stat = fs.lstatSync(path.join(folder, name), { throwIfNoEntry: false });
    return stat?.isFile() === true && now.getTime() - stat.mtimeMs <= UNREADABLE_AFTER_MS;
  });
}

/** Takes a ring away once it is noted in the database. */
export function removeRing(folder: string, name: string): void {
  fs.rmSync(path.join(folder, path.basename(name)), { force: true });
}

function list(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function read(file: string, name: string, now: Date): Ring | undefined {
  const fd = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0));
  try {
    return parseRing(name, fs.readFileSync(fd, 'utf8'), now.toISOString());
  } finally {
    fs.closeSync(fd);
  }
}
