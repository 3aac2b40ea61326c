import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { rulesBeside } from '../../src/capture/all-rules.ts';
import { redactText } from '../../src/capture/redact-text.ts';

const by = { key: Buffer.alloc(32, 1), rules: rulesBeside([]), clock: () => 0 };
/** Bytes without meaning. */
const bytes = (count: number) =>
  Buffer.concat(
    Array.from({ length: Math.ceil(count / 32) }, (_, n) => createHash('sha256').update(`${n}`).digest()),
  ).subarray(0, count);
const image = bytes(3_000).toString('base64');

test.each([
  ['a picture in a page', `<img src="data:image/png;base64,`, image, '">'],
  ['base64 in lines', 'out:\n', image.replace(/.{76}/g, '$&\n'), '\n$'],
  ['base64 in lines, in JSON', '{"a":"', image.replace(/.{76}/g, '$&\\n'), '"}'],
  ['base64 for addresses', 'x=', bytes(2_000).toString('base64url'), '&y'],
  ['hexadecimal', 'dump ', bytes(900).toString('hex'), ' end'],
])('%s leaves as its size and a hash', async (_, before, blob, after) => {
  const { text, hits } = await redactText(before + blob + after, by);
  expect(text).toBe(`${before}[redacted:binary:${hits[0]?.hash.slice(5, 13)}] (${blob.length} bytes)${after}`);
  expect(hits).toEqual([{ rule: 'binary', hash: expect.stringMatching(/^hmac:[0-9a-f]{16}$/) }]);
});

test('bytes taken for text leave as their size and a hash', async () => {
  const text = bytes(4_000).toString('utf8');
  expect((await redactText(text, by)).text).toMatch(/^\[redacted:binary:[0-9a-f]{8}\] \(\d+ bytes\)$/);
});

test('a key that is also base64 goes under the name of a key', async () => {
  const pem = `-----BEGIN RSA PRIVATE KEY-----\n${image.replace(/.{64}/g, '$&\n')}\n-----END RSA PRIVATE KEY-----`;
  expect((await redactText(`${pem}\n`, by)).text).toMatch(/^\[redacted:private-key:[0-9a-f]{8}\]\n$/);
});

test.each([
  ['a short picture', `data:image/png;base64,${image.slice(0, 900)}`],
  ['a line', '-'.repeat(5_000)],
  ['one word', 'function'.repeat(400)],
  ['a table in ANSI colours', '\x1b[32mok\x1b[0m all good\n'.repeat(200)],
  ['a deep path', '/usr/local/share/some/folder/file.txt\n'.repeat(100)],
  ['code', 'const value = someFunction(argument, anotherArgument);\n'.repeat(100)],
])('%s stays', async (_, text) => {
  expect((await redactText(text, by)).text).toBe(text);
});

test('base64 is found wherever it begins', async () => {
  for (let before = 0; before < 45; before++) {
    const { hits } = await redactText(`${'ab '.repeat(before)}${'x'.repeat(before % 3)} ${image}`, by);
    expect(hits.map(({ rule }) => rule)).toEqual(['binary']);
  }
});
