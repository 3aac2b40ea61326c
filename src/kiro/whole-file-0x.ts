/**
 * Reading files that Kiro rewrites whole while we look (kiro/README Z6): a read can meet half a file, and only its not
 * parsing, or its changing meanwhile, tells.
 */
import { lstat, open } from 'node:fs/promises';
import { systemCode } from '../core/failure.ts';

/** Larger than any real one (2 to 3 MB); such a file is not opened. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;
const HEAD_BYTES = 1024;

/** How a file or folder is at a moment: another text means that something changed. */
export interface Stamp {
  text: string;
  bytes: number;
  /** Milliseconds. */
  changed: number;
}

/** null when it is not there. */
export async function stampOf(file: string): Promise<Stamp | null> {
  try {
    return stampFrom(await lstat(file));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return null;
    throw error;
  }
}

function stampFrom({ ino, size, mtimeMs }: { ino: number; size: number; mtimeMs: number }): Stamp {
  return { text: `${ino}-${size}-${mtimeMs}`, bytes: size, changed: mtimeMs };
}

export type WholeFile<T> =
  | { found: 'whole'; value: T; stamp: Stamp }
  /** It does not parse, or changed while it was read: to be read again once it changes. */
  | { found: 'torn'; stamp: Stamp }
  | { found: 'too-large'; stamp: Stamp }
  | { found: 'absent' };

/** Reads a file to the end and parses it; `parse` answers null for what is not such a file, or not all of it. */
export async function readWhole<T>(
  file: string,
  parse: (json: string) => T | null,
  maxBytes = MAX_FILE_BYTES,
): Promise<WholeFile<T>> {
  try {
    await using handle = await open(file);
    const stamp = stampFrom(await handle.stat());
    if (stamp.bytes > maxBytes) return { found: 'too-large', stamp };
    const text = await handle.readFile('utf8');
    const after = stampFrom(await handle.stat());
    const value = after.text === stamp.text ? parse(text) : null;
    return value === null ? { found: 'torn', stamp } : { found: 'whole', value, stamp };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { found: 'absent' };
    throw error;
  }
}

/** The execution that a file is about, from its first KiB; null when that does not say (kiro/README Z3). */
export async function readExecutionId(file: string): Promise<string | null> {
  try {
    await using handle = await open(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return executionIdIn(buffer.toString('utf8', 0, bytesRead));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** The execution named in a file's beginning. */
export function executionIdIn(head: string): string | null {
  return /"executionId"\s*:\s*"([\x21\x23-\x7e]{1,200})"/.exec(head)?.[1] ?? null;
}
