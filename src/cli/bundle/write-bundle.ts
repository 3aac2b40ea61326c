import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, lstatSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { describe, Failure, systemCode } from '../../core/failure.ts';

/**
 * Writes the bundle for its owner alone. A file that is there stays unless `force`; with it, a regular file is replaced whole.
 * Throws `file-unwritable`, `file-not-regular`.
 */
export function writeBundle(file: string, bytes: Buffer, force: boolean): void {
  const there = lstatSync(file, { throwIfNoEntry: false });
  if (there !== undefined && !force) throw isThere(file);
  if (there !== undefined && !there.isFile()) {
    throw new Failure('file-not-regular', `${file} is not a regular file, so it is not replaced`);
  }
  const target = force ? `${file}.${randomBytes(6).toString('hex')}.tmp` : file;
  let made = false;
  try {
    const fd = openSync(target, 'wx', 0o600);
    made = true;
    try {
      writeFileSync(fd, bytes);
      fsyncSync(fd);
      if (fstatSync(fd).size !== bytes.length) throw new Error('the disk took only a part of it');
    } finally {
      closeSync(fd);
    }
    if (target !== file) renameSync(target, file);
  } catch (error) {
    if (made) rmSync(target, { force: true });
    if (systemCode(error) === 'EEXIST') throw isThere(file);
    throw new Failure('file-unwritable', `${file} cannot be written: ${describe(error)}`, { cause: error });
  }
}

function isThere(file: string): Failure {
  return new Failure('file-unwritable', `${file} is there already`, { hint: 'Choose another name, or add --force.' });
}
