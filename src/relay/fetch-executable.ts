import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm, stat, truncate } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdDecompress } from 'node:zlib';
import { describe, Failure, systemCode } from '../core/failure.ts';
import { type Network, networkAgents } from './network.ts';
import { explainNoAnswer } from './no-answer.ts';
import type { OfferedExecutable } from './upgrade-offer.ts';

export interface FetchNeeds {
  network: Network;
  /** The portal's address. */
  portal: string;
  /** Waits between two tries. */
  pause(ms: number): Promise<unknown>;
  /** Told how much there is, from 0 to 1. */
  progress?(share: number): void;
  /** ms. */
  limits?: typeof LIMITS;
}

const LIMITS = { connect: 10_000, secureConnect: 10_000, response: 30_000, socket: 30_000 };
const TRIES = 5;
const PAUSE_MS = 1_000;
/** No more memory for unpacking than `content-encoding: zstd` may ask for: 8 MiB (RFC 9659). */
const WINDOW = { params: { [constants.ZSTD_d_windowLogMax]: 23 } };

/**
 * Fetches an offered executable into `file`, which is made for its owner alone: packed, where the portal has it so, and unpacked as
 * it comes. A transfer that breaks off goes on where it was, in bare bytes, five times in all; no more is taken than was offered,
 * neither packed nor unpacked. It is synced and has the offered checksum, or it is gone again. Throws `portal-unreachable`,
 * `upgrade-refused`, `file-unwritable`.
 */
export async function fetchExecutable(offer: OfferedExecutable, file: string, needs: FetchNeeds): Promise<void> {
  try {
    await (await open(file, 'wx', 0o700)).close();
    await fetchAll(offer, file, needs);
    await sync(file);
    if ((await digest(file)) !== offer.sha256) {
      throw new Failure('upgrade-refused', `${offer.name} is not what the portal signed: its SHA-256 is another`, {
        hint: 'Nothing was changed. Try again; if it stays so, tell your security team.',
      });
    }
  } catch (error) {
    await rm(file, { force: true });
    if (error instanceof Failure || systemCode(error) === undefined) throw error;
    throw new Failure('file-unwritable', `${file} cannot be written: ${describe(error)}`, {
      hint: 'Check the permissions of its folder, and the free space on the disk.',
      cause: error,
    });
  }
}

async function fetchAll(offer: OfferedExecutable, file: string, needs: FetchNeeds): Promise<void> {
  let why = '';
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (attempt > 0) await needs.pause(PAUSE_MS * 2 ** (attempt - 1));
    why = await fetchOn(offer, file, needs, attempt);
    if ((await stat(file)).size === offer.bytes) return;
  }
  throw new Failure('portal-unreachable', `${offer.name} could not be fetched from ${needs.portal}: ${why}`, {
    hint: 'Nothing was changed. Check the network and the proxy, then run this again.',
  });
}

/** One try, from where the file ends; answers why it ended. Throws what the disk says. */
async function fetchOn(offer: OfferedExecutable, file: string, needs: FetchNeeds, attempt: number): Promise<string> {
  const { default: got } = await import('got');
  const { network, portal, limits = LIMITS } = needs;
  const have = (await stat(file)).size;
  const url = new URL(`/v1/download/${offer.name}`, portal);
  const request = got.stream(url, {
    headers: {
      // A part of a packed answer would be a part of something else; and what cannot be unpacked is fetched bare the next time.
      'accept-encoding': attempt === 0 ? 'zstd' : 'identity',
      ...(have > 0 && { range: `bytes=${have}-`, 'if-range': `"${offer.sha256}"` }),
    },
    agent: networkAgents(limits.socket)(network, url.protocol === 'https:'),
    https: { rejectUnauthorized: true },
    timeout: limits,
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
  });
  try {
    const { statusCode, headers } = await begun(request);
    if (statusCode !== 200 && statusCode !== 206) {
      request.destroy();
      return `the answer was ${statusCode}`;
    }
    const from = statusCode === 206 ? have : 0;
    // Whatever was there before was not the beginning of this file.
    const target = createWriteStream(file, { flags: from === 0 ? 'w' : 'a', mode: 0o700 });
    const bare = atMost(offer.bytes, from, needs.progress);
    if (headers['content-encoding'] !== 'zstd') await pipeline(request, bare, target);
    else await pipeline(request, atMost(offer.bytes, 0), createZstdDecompress(WINDOW), bare, target);
    return 'it ended early';
  } catch (error) {
    if (error instanceof Failure || isOfDisk(error)) throw error;
    if (!isOfPacking(error)) return explainNoAnswer(error);
    // What came out of it before may be wrong as well.
    await truncate(file);
    return 'what it sent packed cannot be unpacked';
  }
}

type GotStream = ReturnType<typeof import('got')['default']['stream']>;

function begun(request: GotStream): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve).once('error', reject);
  });
}

function atMost(bytes: number, from: number, progress?: FetchNeeds['progress']): Transform {
  let have = from;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      have += chunk.length;
      progress?.(have / bytes);
      if (have <= bytes) return done(null, chunk);
      done(new Failure('upgrade-refused', `What the portal sends is larger than the ${bytes} bytes that it signed`));
    },
  });
}

const DISK = new Set(['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'EIO', 'EFBIG', 'ENOENT']);
const isOfPacking = (error: unknown): boolean => /^(?:ZSTD|Z)_/.test(systemCode(error) ?? '');
const isOfDisk = (error: unknown): boolean => DISK.has(systemCode(error) ?? '');

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.chmod(0o700);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function digest(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
