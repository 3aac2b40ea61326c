import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { fetchExecutable } from '../../src/relay/fetch-executable.ts';
import { DIRECT } from '../helpers/ask-directly.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const BYTES = randomBytes(300_000);
const OFFER = {
  name: 'capsule-kiro-linux-x64',
  version: '0.2.0',
  platform: 'linux-x64',
  bytes: BYTES.length,
  sha256: createHash('sha256').update(BYTES).digest('hex'),
};

/** Longer than one step of unpacking, and so that packing does something. */
const WORDY = Buffer.from(Array.from({ length: 200_000 }, (_, n) => `line ${n}: ${(n * 7919) % 10007}\n`).join(''));
const WORDY_OFFER = { ...OFFER, bytes: WORDY.length, sha256: createHash('sha256').update(WORDY).digest('hex') };
const PACKED = zstdCompressSync(WORDY);

const servers: http.Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A server that answers its n-th request (from 0) as it is told. */
async function given(
  answer: (request: http.IncomingMessage, response: http.ServerResponse, n: number, file: string) => void,
  offer = OFFER,
) {
  const ranges: (string | undefined)[] = [];
  const accepted: unknown[] = [];
  const file = path.join(tempFolder(), 'new');
  const server = http.createServer((request, response) => {
    ranges.push(request.headers.range);
    accepted.push(request.headers['accept-encoding']);
    answer(request, response, ranges.length - 1, file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  const portal = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const shares: number[] = [];
  const needs = { network: DIRECT, portal, pause: async () => {}, progress: (share: number) => shares.push(share) };
  return { ranges, accepted, file, shares, fetched: () => fetchExecutable(offer, file, needs) };
}

/** Sends a part, and breaks the connection once that lies in the file: what is on its way is lost with a connection. */
function cut(response: http.ServerResponse, file: string, to: number): void {
  response.writeHead(200, { 'content-length': BYTES.length });
  response.write(BYTES.subarray(0, to));
  const looking = setInterval(() => {
    if (statSync(file).size < to) return;
    clearInterval(looking);
    response.destroy();
  }, 5);
}

function sendPacked(response: http.ServerResponse, packed: Buffer): void {
  response.writeHead(200, { 'content-encoding': 'zstd', 'content-length': packed.length });
  response.end(packed);
}

/** Sends half of it, and breaks the connection once something of that lies unpacked in the file. */
function cutPacked(response: http.ServerResponse, file: string): void {
  response.writeHead(200, { 'content-encoding': 'zstd', 'content-length': PACKED.length });
  response.write(PACKED.subarray(0, PACKED.length / 2));
  const looking = setInterval(() => {
    if (statSync(file).size === 0) return;
    clearInterval(looking);
    response.destroy();
  }, 5);
}

/** Packed so that unpacking takes a window of 128 MiB: the frame does not say how small its content is. */
function inLargeWindow(bytes: Buffer): Buffer {
  return zstdCompressSync(bytes, {
    params: { [constants.ZSTD_c_windowLog]: 27, [constants.ZSTD_c_contentSizeFlag]: 0 },
  });
}

/** A frame that unpacks to nothing. */
function skipped(bytes: number): Buffer {
  const frame = Buffer.alloc(8 + bytes);
  frame.writeUInt32LE(0x184d2a50, 0);
  frame.writeUInt32LE(bytes, 4);
  return frame;
}

describe('fetching an executable', () => {
  test('brings exactly it, for its owner alone to run, and tells how far it is', async () => {
    const { file, shares, fetched } = await given((_, response) => response.end(BYTES));
    await fetched();
    expect(readFileSync(file).equals(BYTES)).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o700);
    expect([shares.at(-1), shares.toSorted((a, b) => a - b)]).toEqual([1, shares]);
  });

  test('goes on where it broke off', async () => {
    const { file, ranges, fetched } = await given((_, response, n, into) => {
      if (n === 0) return cut(response, into, 100_000);
      response.writeHead(206, { 'content-length': BYTES.length - 100_000 });
      response.end(BYTES.subarray(100_000));
    });
    await fetched();
    expect(ranges).toEqual([undefined, 'bytes=100000-']);
    expect(readFileSync(file).equals(BYTES)).toBe(true);
  });

  test('begins anew at a server that knows no parts', async () => {
    const { file, fetched } = await given((_, response, n, into) => {
      if (n === 0) cut(response, into, 100_000);
      else response.end(BYTES);
    });
    await fetched();
    expect(readFileSync(file).equals(BYTES)).toBe(true);
  });

  test('takes it packed from a server that has it so, and unpacks it', async () => {
    const { file, accepted, shares, fetched } = await given((_, response) => sendPacked(response, PACKED), WORDY_OFFER);
    await fetched();
    expect(readFileSync(file).equals(WORDY)).toBe(true);
    expect([accepted, shares.at(-1)]).toEqual([['zstd'], 1]);
  });

  test('goes on in bare bytes where a packed transfer broke off', async () => {
    let from = 0;
    const { file, accepted, fetched } = await given((request, response, n, into) => {
      if (n === 0) return cutPacked(response, into);
      from = Number(/\d+/.exec(request.headers.range ?? '')?.[0]);
      response.writeHead(206, { 'content-length': WORDY.length - from });
      response.end(WORDY.subarray(from));
    }, WORDY_OFFER);
    await fetched();
    expect(readFileSync(file).equals(WORDY)).toBe(true);
    expect(accepted).toEqual(['zstd', 'identity']);
    expect(from).toBeGreaterThan(0);
  });

  test.each<[string, Buffer]>([
    ['ends too early', PACKED.subarray(0, PACKED.length - 10)],
    ['was packed by another program', gzipSync(WORDY)],
    ['asks for more memory than is given', inLargeWindow(WORDY)],
  ])('fetches it bare when what came packed %s', async (_, packed) => {
    const { file, ranges, fetched } = await given((request, response) => {
      if (request.headers['accept-encoding'] === 'zstd') sendPacked(response, packed);
      else response.end(WORDY);
    }, WORDY_OFFER);
    await fetched();
    expect(readFileSync(file).equals(WORDY)).toBe(true);
    expect(ranges).toEqual([undefined, undefined]);
  });

  test.each<[string, Buffer]>([
    ['unpacks to more than was signed', zstdCompressSync(Buffer.concat([WORDY, Buffer.alloc(64_000_000)]))],
    ['was damaged on the way', Buffer.from(PACKED).fill(0xff, 5_000, 5_100)],
    ['unpacks to something else', zstdCompressSync(Buffer.from(WORDY).fill(0, 1000, 1001))],
    ['never ends though nothing comes out of it', Buffer.concat(Array(40).fill(skipped(100_000)))],
  ])('refuses what %s, and leaves nothing', async (_, packed) => {
    const { file, fetched } = await given((_request, response) => sendPacked(response, packed), WORDY_OFFER);
    await expect(fetched()).rejects.toMatchObject({ code: 'upgrade-refused' });
    expect(existsSync(file)).toBe(false);
  });

  test('gives up after five tries, and leaves nothing', async () => {
    const { file, ranges, fetched } = await given((_, response) => {
      response.writeHead(503);
      response.end();
    });
    await expect(fetched()).rejects.toMatchObject({
      code: 'portal-unreachable',
      message: expect.stringContaining('503'),
    });
    expect([ranges.length, existsSync(file)]).toEqual([5, false]);
  });

  test.each<[string, Buffer]>([
    ['tampered with', Buffer.from(BYTES.map((byte, n) => (n === 1000 ? byte ^ 1 : byte)))],
    ['longer than was signed', Buffer.concat([BYTES, BYTES])],
  ])('refuses one that was %s, and leaves nothing', async (_, bytes) => {
    const { file, fetched } = await given((_request, response) => response.end(bytes));
    await expect(fetched()).rejects.toMatchObject({ code: 'upgrade-refused' });
    expect(existsSync(file)).toBe(false);
  });

  test('follows no redirect', async () => {
    const elsewhere = await given((_, response) => response.end(BYTES));
    const { fetched } = await given((_, response) => {
      response.writeHead(302, { location: 'http://127.0.0.1:1/' });
      response.end();
    });
    await expect(fetched()).rejects.toMatchObject({ code: 'portal-unreachable' });
    expect(elsewhere.ranges).toEqual([]);
  });

  test('into a folder that is not there is a failure of the file', async () => {
    const { file, ranges } = await given((_, response) => response.end(BYTES));
    mkdirSync(path.dirname(file), { recursive: true });
    const needs = { network: DIRECT, portal: 'http://127.0.0.1:1', pause: async () => {} };
    await expect(fetchExecutable(OFFER, `${file}/none/new`, needs)).rejects.toMatchObject({ code: 'file-unwritable' });
    expect(ranges).toEqual([]);
  });
});
