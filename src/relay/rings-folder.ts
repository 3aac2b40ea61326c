import * as fs from 'node:fs';
import path from 'node:path';
import { systemCode } from '../core/failure.ts';
import { parseRing, type Ring, unreadableRing } from './ring.ts';

/** The dispatcher bounds its input to 256 KiB; anything much larger is not from it. */
const MAX_BYTES = 300 * 1024;
/** A file that does not parse is being written, or never will parse. */
const UNREADABLE_AFTER_MS = 60_000;
/** What is held in memory, and made durable, at a time. */
const PORTION = 1_000;

interface Found {
  name: string;
  size: number;
  at: number;
}

/**
 * The rings waiting in the folder, oldest first, a thousand at a time. Files still being written are left for the next look.
 * Only regular files are opened: the folder is ours, but what is in it is checked all the same.
 */
export function* waitingRings(folder: string, now: Date): Generator<Ring[]> {
  const files: Found[] = [];
  for (const name of list(folder)) {
    const stat = fs.lstatSync(path.join(folder, name), { throwIfNoEntry: false });
    if (stat?.isFile() === true) files.push({ name, size: stat.size, at: stat.mtimeMs });
  }
  files.sort((a, b) => a.at - b.at);
  for (let from = 0; from < files.length; from += PORTION) {
    const portion = files.slice(from, from + PORTION);
    yield portion.map((file) => toRing(folder, file, now)).filter((ring) => ring !== undefined);
  }
}

function toRing(folder: string, { name, size, at }: Found, now: Date): Ring | undefined {
  const ring = size > MAX_BYTES ? undefined : read(path.join(folder, name), name, now);
  const never = size > MAX_BYTES || now.getTime() - at > UNREADABLE_AFTER_MS;
  return ring ?? (never ? unreadableRing(name, now.toISOString()) : undefined);
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

/** Undefined, too, when it is gone: the socket's door may have taken it meanwhile. */
function read(file: string, name: string, now: Date): Ring | undefined {
  const fd = open(file);
  if (fd === undefined) return undefined;
  try {
    return parseRing(name, fs.readFileSync(fd, 'utf8'), now.toISOString());
  } finally {
    fs.closeSync(fd);
  }
}

function open(file: string): number | undefined {
  try {
    return fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
