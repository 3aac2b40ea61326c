import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isForeign, keepEnglish } from '../../build/keep-english.ts';

/** A package as ICU lays it out: header, table, names, bytes; with something before and behind it. */
function aPackage(entries: readonly { name: string; bytes: Buffer }[], before = Buffer.alloc(7, 0xee)): Buffer {
  const header = Buffer.alloc(32);
  header.writeUInt16LE(32, 0);
  header.writeUInt16LE(0x27da, 2);
  header.write('CmnD', 12, 'latin1');
  const names = entries.map(({ name }) => Buffer.from(`icudt78l/${name}\0`, 'latin1'));
  const table = Buffer.alloc(4 + 8 * entries.length);
  table.writeUInt32LE(entries.length, 0);
  let [nameAt, at] = [table.length, table.length + names.reduce((sum, { length }) => sum + length, 0)];
  for (const [index, { bytes }] of entries.entries()) {
    table.writeUInt32LE(nameAt, 4 + 8 * index);
    table.writeUInt32LE(at, 8 + 8 * index);
    nameAt += names[index]?.length ?? 0;
    at += bytes.length;
  }
  return Buffer.concat([before, header, table, ...names, ...entries.map(({ bytes }) => bytes), before]);
}

/** What ICU finds by the table, as text by name. */
function read(file: Buffer, lengths: Readonly<Record<string, number>>): Record<string, string> {
  const table = 7 + 32;
  const found: Record<string, string> = {};
  for (let n = 0; n < file.readUInt32LE(table); n++) {
    const nameAt = table + file.readUInt32LE(table + 4 + 8 * n);
    const name = file.toString('latin1', nameAt + 'icudt78l/'.length, file.indexOf(0, nameAt));
    const at = table + file.readUInt32LE(table + 8 + 8 * n);
    found[name] = file.toString('latin1', at, at + (lengths[name] ?? 0));
  }
  return found;
}

const NAMES = ['cnvalias.icu', 'de.res', 'en.res', 'en_GB.res', 'res_index.res', 'root.res', 'zone/zh_Hant.res'];

describe('the languages in a Node', () => {
  test.each([
    ['de.res', true],
    ['de_AT.res', true],
    ['zh_Hant_TW.res', true],
    ['coll/zh.res', true],
    ['brkitr/thaidict.dict', true],
    ['en.res', false],
    ['en_US_POSIX.res', false],
    ['lang/en_GB.res', false],
    ['root.res', false],
    ['curr/root.res', false],
    ['unit/pool.res', false],
    ['res_index.res', false],
    ['coll/res_index.res', false],
    ['zoneinfo64.res', false],
    ['supplementalData.res', false],
    ['coll/ucadata.icu', false],
    ['gb18030-2022.cnv', false],
    ['nfkc.nrm', false],
  ])('%s: foreign %s', (name, foreign) => {
    expect(isForeign(name)).toBe(foreign);
  });

  test('are gone but for English, whatever they hold, and everything else is where it was', () => {
    const content = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes.map((b) => b | 1)));
    const entries = fc
      .subarray(NAMES, { minLength: 1 })
      .chain((names) => fc.tuple(...names.map((name) => content.map((bytes) => ({ name, bytes })))));
    fc.assert(
      fc.property(entries, (given) => {
        const file = aPackage(given);
        const kept = keepEnglish(file);
        const [last] = given.slice(-1);
        const expected = given.filter((entry) => entry === last || !isForeign(entry.name));
        const lengths = Object.fromEntries(given.map(({ name, bytes }) => [name, bytes.length]));
        expect(kept.length).toBe(file.length);
        expect(read(kept, lengths)).toEqual(
          Object.fromEntries(expected.map(({ name, bytes }) => [name, bytes.toString('latin1')])),
        );
        for (const { name, bytes } of given) {
          if (expected.some((entry) => entry.name === name)) continue;
          const at = file.indexOf(
            Buffer.concat(given.filter((entry) => entry.name >= name).map((entry) => entry.bytes)),
          );
          expect(kept.subarray(at, at + bytes.length).every((byte) => byte === 0)).toBe(true);
        }
        expect(kept.subarray(0, 7)).toEqual(file.subarray(0, 7));
        expect(kept.subarray(-7)).toEqual(file.subarray(-7));
      }),
    );
  });

  test('are refused where there is no package of them, or two', () => {
    expect(() => keepEnglish(Buffer.from('CmnD is only a word here'))).toThrow('0 packages');
    const one = aPackage([{ name: 'de.res', bytes: Buffer.from('x') }]);
    expect(() => keepEnglish(Buffer.concat([one, one]))).toThrow('2 packages');
  });
});
