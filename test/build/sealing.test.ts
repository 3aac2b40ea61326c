import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { PACKED, pack } from '../../build/pack.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const buildFile = (name: string) => fileURLToPath(new URL(`../../build/${name}`, import.meta.url));

describe('the compiled form of the program', () => {
  let folder = '';
  let program = '';
  beforeEach(() => {
    folder = tempFolder();
    mkdirSync(path.join(folder, 'programs'));
    program = path.join(folder, 'programs', 'program.js');
    writeFileSync(program, 'exports.add = function add(a, b) { return a + b; };');
  });
  const compile = (caches: string, flags: string[] = ['--hash-seed=1'], more: string[] = []) => {
    mkdirSync(caches, { recursive: true });
    execFileSync(
      process.execPath,
      [...flags, buildFile('sealed/compile.cjs'), path.dirname(program), caches, ...more],
      {
        stdio: 'pipe',
      },
    );
    return readFileSync(path.join(caches, 'program.js'));
  };

  test('is the same each time, and taken by a Node without the switch that makes it so', () => {
    const [one, other] = [path.join(folder, 'one'), path.join(folder, 'other')];
    expect(compile(one).equals(compile(other))).toBe(true);
    expect(compile(one, [], ['adopt']).equals(compile(other, [], ['adopt']))).toBe(true);
  });

  test('of another program is not taken', () => {
    const cache = path.join(folder, 'stale');
    compile(cache);
    writeFileSync(program, 'exports.add = function add(a, b) { return a + b + 0.5; };');
    expect(() => compile(cache, [], ['adopt'])).toThrow('V8 does not take what was compiled of program.js');
  });
});

test('the licences say that of the Node they are made for, beside ours and those of every package', () => {
  const folder = tempFolder();
  const [licence, output] = [path.join(folder, 'LICENSE'), path.join(folder, 'licenses.txt')];
  writeFileSync(licence, 'The licence of one Node\r\nand what is in it\r\n');
  execFileSync(process.execPath, [buildFile('licenses.js'), licence, output]);
  const text = readFileSync(output, 'utf8');
  expect(text).toMatch(/={80}\nNode\.js and what it contains\n={80}\n\nThe licence of one Node\nand what is in it\n/);
  expect(text).toMatch(/^Capsule for Kiro$/m);
  expect(text).toMatch(/^yargs \d+\.\d+\.\d+ \(MIT\)$/m);
  expect(text).not.toMatch(/^jest /m);
});

test('packing gives the same bytes for the same file, which unpack to it', async () => {
  const file = path.join(tempFolder(), 'program');
  const bytes = Buffer.from('a program, '.repeat(10_000));
  writeFileSync(file, bytes);
  const packed = async () => {
    await pack(file);
    return PACKED.map((ending) => readFileSync(`${file}${ending}`));
  };
  const [zst = bytes, gz = bytes] = await packed();
  expect([zstdDecompressSync(zst).equals(bytes), gunzipSync(gz).equals(bytes)]).toEqual([true, true]);
  expect(await packed()).toEqual([zst, gz]);
});
