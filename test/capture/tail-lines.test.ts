import { execFileSync } from 'node:child_process';
import { appendFileSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FILE_START, readLineAt, type TailPosition, tailLines } from '../../src/capture/tail-lines.ts';
import { runs } from '../helpers/fuzz.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const SMALL = { chunkBytes: 16, lineBytes: 64 };

function given(data: string | Buffer): string {
  const file = path.join(tempFolder(), 'messages.jsonl');
  writeFileSync(file, data);
  return file;
}

async function tail(file: string, from: TailPosition = FILE_START, limits = SMALL) {
  const read = await tailLines(file, from, limits);
  if (read === null) throw new Error('no regular file');
  return read;
}

async function tailAll(file: string, from: TailPosition = FILE_START) {
  const texts: string[] = [];
  let tooLong = 0;
  for (let position = from; ; ) {
    const read = await tail(file, position);
    texts.push(...read.lines.map((line) => line.text));
    tooLong += read.tooLong;
    position = read.position;
    if (!read.more) return { texts, tooLong, position };
  }
}

describe('tailing a file of lines', () => {
  test('gives complete lines with their places and leaves an unfinished one', async () => {
    const file = given('one\ntwo\r\nthr');
    const read = await tail(file);
    expect(read.lines).toEqual([
      { offset: 0, end: 4, text: 'one' },
      { offset: 4, end: 9, text: 'two' },
    ]);
    expect(read.position.offset).toBe(9);
    expect(read.more).toBe(false);
    appendFileSync(file, 'ee\n');
    expect((await tail(file, read.position)).lines).toEqual([{ offset: 9, end: 15, text: 'three' }]);
  });

  test('reads in pieces, and a line longer than a piece whole', async () => {
    const long = 'x'.repeat(50);
    const { texts, tooLong } = await tailAll(given(`a\n${long}\nb\n`));
    expect(texts).toEqual(['a', long, 'b']);
    expect(tooLong).toBe(0);
  });

  test('passes over a line that is too long, counts it once, and goes on after it', async () => {
    const { texts, tooLong } = await tailAll(given(`a\n${'x'.repeat(500)}\nb\n`));
    expect(texts).toEqual(['a', 'b']);
    expect(tooLong).toBe(1);
  });

  test('passes over a too long line also while it grows', async () => {
    const file = given(`a\n${'x'.repeat(100)}`);
    const first = await tailAll(file);
    expect(first.texts).toEqual(['a']);
    expect(first.position.skipping).toBe(true);
    appendFileSync(file, `${'x'.repeat(100)}\nb\n`);
    expect(await tailAll(file, first.position)).toMatchObject({ texts: ['b'], tooLong: 1 });
  });

  test('reads invalid UTF-8 as replacement characters', async () => {
    const { texts } = await tailAll(given(Buffer.from([0x61, 0xff, 0x0a, 0xc3, 0x0a])));
    expect(texts).toEqual(['a\uFFFD', '\uFFFD']);
  });

  test('starts over when the file was cut', async () => {
    const file = given('one\ntwo\n');
    const { position } = await tail(file);
    truncateSync(file, 0);
    appendFileSync(file, 'new\n');
    expect(await tail(file, position)).toMatchObject({ restarted: true, lines: [{ offset: 0, text: 'new' }] });
  });

  test('starts over when the file was cut and filled beyond the old end', async () => {
    const file = given('one\ntwo\n');
    const { position } = await tail(file);
    truncateSync(file, 0);
    appendFileSync(file, 'something longer\n');
    expect((await tail(file, position)).restarted).toBe(true);
  });

  test('starts over when another file took its place', async () => {
    const file = given('one\n');
    const { position } = await tail(file);
    writeFileSync(`${file}.new`, 'one\ntwo\n');
    renameSync(`${file}.new`, file);
    const read = await tail(file, position);
    expect(read).toMatchObject({ restarted: true, lines: [{ text: 'one' }, { text: 'two' }] });
  });

  test('opens neither a link nor a pipe nor a folder', async () => {
    const folder = tempFolder();
    const [link, pipe] = [path.join(folder, 'link'), path.join(folder, 'pipe')];
    symlinkSync(given('one\n'), link);
    execFileSync('mkfifo', [pipe]);
    await expect(tailLines(link, FILE_START)).rejects.toMatchObject({ code: 'ELOOP' });
    expect(await tailLines(pipe, FILE_START)).toBeNull();
    expect(await tailLines(folder, FILE_START)).toBeNull();
  });

  test('reads one line again by its place', async () => {
    const file = given('one\ntwo\nthr');
    expect(await readLineAt(file, 4)).toBe('two');
    expect(await readLineAt(file, 8)).toBeNull();
  });

  test('gives the same lines as splitting the whole, however it is written', async () => {
    const anyText = fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '漢', ' ', '{'), maxLength: 40 }), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(anyText, fc.nat(30), async (lines, step) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        const file = given('');
        let position: TailPosition = FILE_START;
        const texts: string[] = [];
        for (let at = 0; at < bytes.length; at += step + 1) {
          appendFileSync(file, bytes.subarray(at, at + step + 1));
          const read = await tailAll(file, position);
          texts.push(...read.texts);
          position = read.position;
        }
        expect(texts).toEqual(lines.filter((line) => Buffer.byteLength(line) < SMALL.lineBytes));
      }),
      runs(40),
    );
  });
});
