import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { executablesIn } from '../../../src/portal/installers/executables.ts';
import { chooseForm, findPackedForms } from '../../../src/portal/installers/packed-forms.ts';
import { startPortal } from '../../helpers/portal.ts';
import { tempFolder } from '../../helpers/temp-home.ts';

const NAME = 'capsule-kiro-linux-x64';
const BYTES = Buffer.from('an executable, '.repeat(1_000));
const sha256 = createHash('sha256').update(BYTES).digest('hex');

/** A folder with the executable, and beside it what `files` says by ending. */
function release(files: Record<string, Buffer>) {
  const folder = tempFolder();
  const file = path.join(folder, NAME);
  writeFileSync(file, BYTES);
  for (const [ending, bytes] of Object.entries(files)) writeFileSync(`${file}${ending}`, bytes);
  return { folder, file, executable: { name: NAME, file, bytes: BYTES.length, sha256 } };
}

describe('the packed forms of an executable', () => {
  test('are the files beside it that hold it, the smaller first', async () => {
    const [zst, gz] = [zstdCompressSync(BYTES), gzipSync(BYTES)];
    const { executable, file } = release({ '.zst': zst, '.gz': gz, '.zip': gz });
    expect(await findPackedForms()(executable)).toEqual([
      { encoding: 'zstd', bytes: zst.length, file: `${file}.zst` },
      { encoding: 'gzip', bytes: gz.length, file: `${file}.gz` },
    ]);
  });

  test.each([
    ['of another executable', gzipSync('another')],
    ['cut short', gzipSync(BYTES).subarray(0, 40)],
    ['with more behind it', Buffer.concat([gzipSync(BYTES), gzipSync('more')])],
    ['not packed at all', BYTES],
    ['empty', Buffer.alloc(0)],
  ])('are not those that are %s, until they are replaced', async (_what, bytes) => {
    const { executable, file } = release({ '.gz': bytes, '.zst': bytes });
    const find = findPackedForms();
    expect(await find(executable)).toEqual([]);
    writeFileSync(`${file}.gz`, gzipSync(BYTES));
    expect(await find(executable)).toMatchObject([{ encoding: 'gzip' }]);
  });

  test.each([
    ['gzip, deflate, zstd', 'zstd'],
    ['deflate, gzip', 'gzip'],
    ['GZIP;q=0.5', 'gzip'],
    ['zstd;q=0, gzip;q=1.0', 'gzip'],
    ['zstd; q=0.000', undefined],
    ['identity', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('are sent to whoever accepts %j as %j', (accepts, encoding) => {
    const forms = [
      { encoding: 'zstd', bytes: 1, file: 'a' },
      { encoding: 'gzip', bytes: 2, file: 'b' },
    ] as const;
    expect(chooseForm(forms, accepts)?.encoding).toBe(encoding);
  });
});

test('a download travels packed to whoever can unpack it, bare to anyone else and to whoever goes on', async () => {
  const packed = { '.zst': zstdCompressSync(BYTES), '.gz': gzipSync(BYTES) };
  const portal = await startPortal({ executables: executablesIn(release(packed).folder) });
  const get = (headers: Record<string, string>) =>
    new Promise<{ status?: number; encoding?: string; etag?: string; body: Buffer }>((resolve, reject) => {
      const request = http.get(`${portal.address}/v1/download/${NAME}`, { headers }, async (response) => {
        const body = Buffer.concat(await response.toArray());
        const { 'content-encoding': encoding, etag } = response.headers;
        expect(response.headers.vary).toBe('accept-encoding');
        expect(response.headers['content-length']).toBe(String(body.length));
        resolve({ status: response.statusCode, encoding, etag, body } as Awaited<ReturnType<typeof get>>);
      });
      request.once('error', reject);
    });
  const bare = { status: 200, encoding: undefined, etag: `"${sha256}"`, body: BYTES };
  expect(await get({})).toEqual(bare);
  expect(await get({ 'accept-encoding': 'br' })).toEqual(bare);
  expect(await get({ 'accept-encoding': 'gzip, zstd' })).toEqual({
    ...bare,
    encoding: 'zstd',
    etag: `"${sha256}-zstd"`,
    body: packed['.zst'],
  });
  expect(await get({ 'accept-encoding': 'gzip' })).toEqual({
    ...bare,
    encoding: 'gzip',
    etag: `"${sha256}-gzip"`,
    body: packed['.gz'],
  });
  const goesOn = { range: 'bytes=100-', 'if-range': `"${sha256}"`, 'accept-encoding': 'gzip, zstd' };
  expect(await get(goesOn)).toEqual({ ...bare, status: 206, body: BYTES.subarray(100) });
});
