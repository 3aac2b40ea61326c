import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { describe, Failure } from '../../core/failure.ts';

const CHUNK = 4 * 1024 * 1024;

/**
 * Copies an executable, byte by byte so that no mark of a browser comes along, for its owner alone to read and run; synced,
 * then read again and compared with what was read first. Throws `file-unwritable` and leaves nothing.
 */
export function copyProgram(from: string, to: string): void {
  try {
    if (copySynced(from, to) !== hashProgram(to)) throw new Error('what was written is not what was read');
  } catch (error) {
    fs.rmSync(to, { force: true });
    throw new Failure('file-unwritable', `${from} cannot be copied to ${to}: ${describe(error)}`, {
      hint: 'Check the permissions of the folder, and the free space on the disk.',
      cause: error,
    });
  }
}

/** SHA-256 of a file, hex, without holding it in memory. */
export function hashProgram(file: string): string {
  const hash = createHash('sha256');
  readChunks(file, (chunk) => hash.update(chunk));
  return hash.digest('hex');
}

/** Whether two files hold the same; one that is not there holds nothing that could be the same. */
export function sameProgram(one: string, other: string): boolean {
  const [a, b] = [one, other].map((file) => fs.statSync(file, { throwIfNoEntry: false }));
  if (a === undefined || b === undefined || !a.isFile() || !b.isFile() || a.size !== b.size) return false;
  return hashProgram(one) === hashProgram(other);
}

function copySynced(from: string, to: string): string {
  const hash = createHash('sha256');
  const fd = fs.openSync(to, 'wx', 0o700);
  try {
    readChunks(from, (chunk) => {
      hash.update(chunk);
      for (let at = 0; at < chunk.length; ) at += fs.writeSync(fd, chunk, at);
    });
    fs.fchmodSync(fd, 0o700);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  return hash.digest('hex');
}

function readChunks(file: string, take: (chunk: Buffer) => void): void {
  const fd = fs.openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(CHUNK);
    for (;;) {
      const length = fs.readSync(fd, buffer);
      if (length === 0) return;
      take(buffer.subarray(0, length));
    }
  } finally {
    fs.closeSync(fd);
  }
}
