/**
 * Writing files so that a reader, a crash or a full disk never meets half a file.
 *
 * - A file is replaced whole, by a rename within its folder, after its bytes are on disk.
 * - A link is followed to the regular file of this user behind it, and stays a link.
 * - Mode is kept. Anything that is not a regular file is refused, and so is one that its owner made read-only.
 * - A file with several names (hard links) is refused: a rename would part them, and writing in place could tear.
 * - Whoever edits says what they read; if the file changed since, nothing is written (`file-moving`).
 * - On any error the old file stands untouched and no temporary file stays behind.
 */
import * as fs from 'node:fs';
import path from 'node:path';
import { describe, Failure, systemCode } from './failure.ts';
import { sleep } from './host.ts';

/** The file's bytes, or undefined when there is none. Every other error is thrown: unreadable is not missing. */
export function readIfExists(file: string): Buffer | undefined {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'EISDIR') throw new Failure('file-not-regular', `${file} is a folder, not a file`, { cause: error });
    throw new Failure('file-unwritable', `${file} cannot be read: ${describe(error)}`, { cause: error });
  }
}

/**
 * Replaces `file` with `bytes`, provided it still holds `expected` (undefined: provided it does not exist).
 * Throws `file-moving`, `file-not-regular`, `file-unwritable`.
 */
export function replaceFile(file: string, bytes: Uint8Array, expected: Uint8Array | undefined, mode = 0o600): void {
  const target = resolveTarget(file);
  const beside = path.join(
    path.dirname(target.file),
    `.${path.basename(target.file)}.${Buffer.from(crypto.getRandomValues(new Uint8Array(6))).toString('hex')}.tmp`,
  );
  try {
    writeSynced(beside, bytes, target.mode ?? mode);
    if (!same(readIfExists(target.file), expected)) {
      throw new Failure('file-moving', `${file} was changed by another program while we were editing it`, {
        hint: 'Run the command again.',
      });
    }
    renamePatiently(beside, target.file);
    syncFolder(path.dirname(target.file));
  } catch (error) {
    fs.rmSync(beside, { force: true });
    if (error instanceof Failure) throw error;
    throw new Failure('file-unwritable', `${file} cannot be written: ${describe(error)}`, {
      hint: 'Check the permissions of the file and its folder, and the free space on the disk.',
      cause: error,
    });
  }
}

/**
 * Reads, lets `edit` decide, writes. `edit` gets undefined for a missing file; what it returns becomes the file, and the
 * same bytes mean nothing is written. Starts over on fresh bytes when another program was faster, five times at most.
 */
export function editFile(
  file: string,
  edit: (before: Buffer | undefined) => Uint8Array | undefined,
  mode = 0o600,
): { before: Buffer | undefined; after: Uint8Array | undefined; changed: boolean } {
  for (let attempt = 1; ; attempt++) {
    const before = readIfExists(file);
    const after = edit(before);
    if (same(before, after) || after === undefined) return { before, after, changed: false };
    try {
      replaceFile(file, after, before, mode);
      return { before, after, changed: true };
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'file-moving' || attempt === 5) throw error;
    }
  }
}

/** Removes what a `replaceFile` of this file left beside it when the process was killed in the middle. */
export function removeTemporaries(file: string): void {
  const target = realFile(file);
  const folder = path.dirname(target);
  const prefix = `.${path.basename(target)}.`;
  for (const name of listNames(folder)) {
    const ours = name.startsWith(prefix) && /^[0-9a-f]{12}\.tmp$/.test(name.slice(prefix.length));
    if (ours) fs.rmSync(path.join(folder, name), { force: true });
  }
}

/** Behind a link the temporary file is beside the file that the link leads to. */
function realFile(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    // Missing, or a link that leads nowhere: then `replaceFile` wrote beside the name itself, or not at all.
    return file;
  }
}

function listNames(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    // Then nothing of ours can be seen there, let alone removed.
    return [];
  }
}

/**
 * Makes a folder with its parents, owner-only. Throws `file-unwritable`. Not Node's recursive mkdir: that one never returns where a parent is there
 * but takes no folders and the system says ENOENT (Linux's /proc).
 */
export function makeFolder(folder: string): void {
  if (fs.existsSync(folder)) return;
  const parent = path.dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    fs.mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return;
    throw new Failure('file-unwritable', `The folder ${folder} cannot be made: ${describe(error)}`, {
      hint: 'Check the permissions of the folder above it.',
      cause: error,
    });
  }
}

/** Writes one of our own files, owner-only, in an owner-only folder. */
export function writeOwnFile(file: string, text: string): void {
  makeFolder(path.dirname(file));
  editFile(file, () => Buffer.from(text));
}

interface Target {
  file: string;
  mode: number | undefined;
}

function resolveTarget(file: string): Target {
  const stat = lstat(file);
  if (stat === undefined) return { file, mode: undefined };
  if (!stat.isSymbolicLink()) return regular(file, stat);
  try {
    const real = fs.realpathSync(file);
    return regular(real, fs.lstatSync(real));
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('file-not-regular', `${file} is a link that leads nowhere`, { cause: error });
  }
}

function regular(file: string, stat: fs.Stats): Target {
  if (!stat.isFile()) throw new Failure('file-not-regular', `${file} is not a regular file`);
  if (process.getuid !== undefined && stat.uid !== process.getuid()) {
    throw new Failure('file-not-regular', `${file} belongs to another user`);
  }
  if (stat.nlink > 1) {
    throw new Failure('file-not-regular', `${file} has ${stat.nlink} names (hard links)`, {
      hint: 'Which of them is meant, and which is a copy to be kept, only you know: make it a file of its own, or edit it by hand.',
    });
  }
  // A rename needs no right to the file itself; whoever took the right away meant it.
  if ((stat.mode & 0o200) === 0) {
    throw new Failure('file-unwritable', `${file} is read-only`, {
      hint: 'Make it writable, or edit it where it comes from.',
    });
  }
  return { file, mode: stat.mode & 0o7777 };
}

function lstat(file: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(file);
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
    throw new Failure('file-unwritable', `${file} cannot be read: ${describe(error)}`, { cause: error });
  }
}

function writeSynced(file: string, bytes: Uint8Array, mode: number): void {
  const fd = fs.openSync(file, 'wx', mode);
  try {
    fs.writeFileSync(fd, bytes);
    // The umask may have taken bits away that the original had.
    fs.fchmodSync(fd, mode);
    fs.fsyncSync(fd);
    // Some file systems report a short write as success.
    if (fs.fstatSync(fd).size !== bytes.length) throw new Error('the disk took only a part of it');
  } finally {
    fs.closeSync(fd);
  }
}

const BUSY_CODES = new Set(['EPERM', 'EACCES', 'EBUSY']);

/** On Windows a virus scanner or indexer may hold the target for a moment. */
function renamePatiently(from: string, to: string): void {
  for (let attempt = 0; ; attempt++) {
    try {
      fs.renameSync(from, to);
      return;
    } catch (error) {
      const busy = process.platform === 'win32' && BUSY_CODES.has(systemCode(error) ?? '');
      if (!busy || attempt === 20) throw error;
      sleep(50 + attempt * 20);
    }
  }
}

function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  try {
    const fd = fs.openSync(folder, 'r');
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    // Not every file system can sync a folder; the file itself is already safe.
  }
}

function same(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return Buffer.compare(a, b) === 0;
}
