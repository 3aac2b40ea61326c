import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { listTar, packTar } from '../../../src/cli/bundle/tar.ts';
import { tempFolder } from '../../helpers/temp-home.ts';

const TIME = new Date('2026-09-03T12:00:00.000Z');

test('the system unpacks what was packed, byte for byte, for its owner alone', () => {
  const folder = tempFolder();
  const files = [
    { name: 'empty.txt', bytes: Buffer.alloc(0) },
    { name: 'log/block.bin', bytes: Buffer.from(Array.from({ length: 512 }, (_, n) => n % 256)) },
    { name: 'odd.json', bytes: Buffer.from('{"text":"\u00e4"}') },
  ];
  writeFileSync(path.join(folder, 'a.tar'), packTar(files, TIME));
  mkdirSync(path.join(folder, 'out'));
  execFileSync('tar', ['-xf', path.join(folder, 'a.tar'), '-C', path.join(folder, 'out')]);
  for (const { name, bytes } of files) expect(readFileSync(path.join(folder, 'out', name))).toEqual(bytes);
  const listed = execFileSync('tar', ['-tvf', path.join(folder, 'a.tar')])
    .toString()
    .trim()
    .split('\n');
  expect(listed.every((line) => line.startsWith('-rw-------'))).toBe(true);
});

test('whatever sizes there are, the list is what was packed, and the archive is whole blocks', () => {
  const file = fc.record({
    name: fc.stringMatching(/^[a-z][a-z0-9-]{0,40}\.json$/),
    bytes: fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
  });
  fc.assert(
    fc.property(fc.array(file, { maxLength: 8 }), (files) => {
      const archive = packTar(files, TIME);
      expect(archive.length % 512).toBe(0);
      expect(listTar(archive)).toEqual(files.map(({ name, bytes }) => ({ name, bytes: bytes.length })));
    }),
  );
});

test.each(['../up', '/root', '', 'a'.repeat(101), 'a/../b', 'caf\u00e9'])('a file called %j is refused', (name) => {
  expect(() => packTar([{ name, bytes: Buffer.alloc(0) }], TIME)).toThrow('cannot be archived');
});
