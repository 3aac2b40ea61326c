import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { systemCode } from '../../core/failure.ts';

export interface Digested {
  bytes: number;
  /** Hex, of what the file holds. null: it cannot be unpacked. */
  sha256: string | null;
}

/** Digests a file; undefined when there is none. */
export type DigestFile = (file: string) => Promise<Digested | undefined>;

/** Digests files, each once, and again only when it changed. With `unpack`, what they hold packed. */
export function digestOnce(unpack?: () => Transform): DigestFile {
  const known = new Map<string, { stamp: string; sha256: Promise<string | null> }>();
  return async (file) => {
    const there = await stat(file).catch(goneIsNone);
    if (!there?.isFile()) return undefined;
    const stamp = `${there.size} ${there.mtimeMs} ${there.ino}`;
    const before = known.get(file);
    const sha256 = before?.stamp === stamp ? before.sha256 : digest(file, unpack);
    known.set(file, { stamp, sha256 });
    sha256.catch(() => known.delete(file));
    return { bytes: there.size, sha256: await sha256 };
  };
}

async function digest(file: string, unpack?: () => Transform): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    if (unpack === undefined) await pipeline(createReadStream(file), hash);
    else await pipeline(createReadStream(file), unpack(), hash);
  } catch (error) {
    if (/^(Z_|ZSTD_)/.test(systemCode(error) ?? '')) return null;
    throw error;
  }
  return hash.digest('hex');
}

/** For what is expected not to be there at times; anything else is thrown on. */
export function goneIsNone(error: unknown): undefined {
  if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
  throw error;
}
