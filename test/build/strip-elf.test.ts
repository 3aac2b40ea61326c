import { describe, expect, test } from '@jest/globals';
import { stripElf } from '../../build/strip-elf.ts';
import { highest } from '../../build/verify/elf.ts';

const LOADED = 'loaded bytes';
const NAMES = '\0.text\0.symtab\0.shstrtab\0';

/** An ELF file with one loaded section, one with symbols, and the names of both. */
function elfFile(order: 'usual' | 'symbols first' = 'usual'): Buffer {
  const parts = [LOADED, 'symbols', NAMES];
  const sectionsAt = 120 + parts.join('').length;
  const file = Buffer.alloc(sectionsAt + 4 * 64);
  file.write('\x7fELF\x02\x01', 'latin1');
  file.writeBigUInt64LE(64n, 32);
  file.writeBigUInt64LE(BigInt(sectionsAt), 40);
  for (const [at, value] of [
    [54, 56],
    [56, 1],
    [58, 64],
    [60, 4],
    [62, 3],
  ] as const)
    file.writeUInt16LE(value, at);
  file.writeUInt32LE(1, 64);
  file.writeBigUInt64LE(BigInt(120 + LOADED.length), 64 + 32);
  let offset = 120;
  for (const [n, part] of parts.entries()) {
    const header = sectionsAt + (n + 1) * 64;
    const loaded = order === 'usual' ? n === 0 : n === 1;
    file.writeUInt32LE(NAMES.indexOf(['.text', '.symtab', '.shstrtab'][n] ?? ''), header);
    file.writeUInt32LE(n === 2 ? 3 : 1, header + 4);
    file.writeBigUInt64LE(loaded ? 2n : 0n, header + 8);
    file.writeBigUInt64LE(BigInt(offset), header + 24);
    file.writeBigUInt64LE(BigInt(part.length), header + 32);
    file.write(part, offset, 'latin1');
    offset += part.length;
  }
  return file;
}

describe('stripping', () => {
  const stripped = stripElf(elfFile());

  test('takes the symbols and leaves what is loaded where it was', () => {
    expect(stripped.toString('latin1', 120, 120 + LOADED.length)).toBe(LOADED);
    expect(stripped.includes('symbols')).toBe(false);
    expect(stripped.length).toBeLessThan(elfFile().length);
  });

  test('leaves a table of sections that names what is left', () => {
    const [at, count, names] = [
      Number(stripped.readBigUInt64LE(40)),
      stripped.readUInt16LE(60),
      stripped.readUInt16LE(62),
    ];
    const strings = Number(stripped.readBigUInt64LE(at + names * 64 + 24));
    const nameOf = (n: number) => {
      const start = strings + stripped.readUInt32LE(at + n * 64);
      return stripped.toString('latin1', start, stripped.indexOf(0, start));
    };
    expect(Array.from({ length: count }, (_, n) => nameOf(n))).toEqual(['', '.text', '.shstrtab']);
    expect(at + count * 64).toBe(stripped.length);
  });

  test('has nothing to take the second time', () => {
    expect(stripElf(stripped).equals(stripped)).toBe(true);
  });

  test('refuses what it does not know', () => {
    expect(() => stripElf(Buffer.from('MZ and more text than a header'))).toThrow('no 64-bit');
    expect(() => stripElf(elfFile('symbols first'))).toThrow('lies before one that is');
  });
});

test('the highest version that is asked for counts, by number', () => {
  expect(
    highest(['GLIBC_2.4', 'GLIBC_2.28', 'GLIBC_2.3.4', 'GLIBCXX_3.4.9', 'GLIBCXX_3.4.21', 'GLIBC_PRIVATE']),
  ).toEqual({
    GLIBC: '2.28',
    GLIBCXX: '3.4.21',
  });
});
