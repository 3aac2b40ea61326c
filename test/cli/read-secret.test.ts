import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readSecret } from '../../src/cli/read-secret.ts';
import { runElsewhere, source } from '../helpers/other-process.ts';
import { tempFolder, tempHost } from '../helpers/temp-home.ts';

const host = (env: Record<string, string> = {}) => tempHost({ env });
const file = (text: string) => {
  const at = path.join(tempFolder(), 'code.txt');
  writeFileSync(at, text);
  return at;
};
const fromFile = (text: string) => readSecret(host(), { stdin: false, file: file(text) });

describe('a secret', () => {
  test('is taken from a file, without the line end', async () => {
    expect(await fromFile('one-time-code\r\n')).toBe('one-time-code');
  });

  test('is taken from the environment when nothing else is named', async () => {
    const env = { CAPSULE_ENROLMENT_CODE: ' from-env ' };
    expect(await readSecret(host(env), { stdin: false, file: undefined })).toBe('from-env');
    expect(await readSecret(host(env), { stdin: false, file: file('from-file') })).toBe('from-file');
  });

  test.each([{}, { CAPSULE_ENROLMENT_CODE: '' }, { CAPSULE_ENROLMENT_CODE: ' ' }])(
    'is none when none was given: %j',
    async (env: Record<string, string>) => {
      expect(await readSecret(host(env), { stdin: false, file: undefined })).toBeUndefined();
    },
  );

  test.each([
    ['an empty file', '', /is empty/],
    ['two words', 'two words', /one word/],
    ['two lines', 'two\nlines\n', /one word/],
  ])('is not %s', async (_, text, why) => {
    await expect(fromFile(text)).rejects.toMatchObject({ code: 'usage', message: expect.stringMatching(why) });
  });

  test('in a file that is not there is not found, by its path', async () => {
    const none = path.join(tempFolder(), 'none.txt');
    await expect(readSecret(host(), { stdin: false, file: none })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining(none),
    });
  });
});

describe('standard input', () => {
  const fromStdin = (feed: string) =>
    runElsewhere(
      `const { readSecret } = await import(${source('cli/read-secret.ts')});
       const told = await readSecret({ env: {} }, { stdin: true }).catch(({ code, message }) => code + ': ' + message);
       process.stdout.write(JSON.stringify(told));`,
      `exec <<'END'\n${feed}\nEND\n:`,
    ).stdout;

  test('gives the secret', () => {
    expect(JSON.parse(fromStdin('one-time-code'))).toBe('one-time-code');
  });

  test('that is empty, or endless, is refused', () => {
    expect(fromStdin('')).toMatch(/usage: .* is empty/);
    expect(fromStdin('x'.repeat(70_000))).toMatch(/usage: .* too long/);
  });
});
