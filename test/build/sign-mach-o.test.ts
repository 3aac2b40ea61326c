import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { signAdHoc } from '../../build/sign-mach-o.ts';
import { faultsOfSealing, faultsOfSignature, readMachFile } from '../../build/verify/mach-o.ts';

const CODE_AT = 4_096;
const FUSE = 'FUSE';

/** The smallest file with what the format asks for: `__TEXT` with one section, `__LINKEDIT`, nothing else. */
function machFile({ code = 'code FUSE:0', links = 'links', arm64 = true, room = 4_000 } = {}): Buffer {
  const text = Buffer.from(code);
  const linkEditAt = CODE_AT + text.length;
  const file = Buffer.alloc(linkEditAt + links.length);
  for (const [n, value] of [0xfeedfacf, arm64 ? 0x0100000c : 0x01000007, 0, 2, 2, 152 + 72].entries())
    file.writeUInt32LE(value, 4 * n);
  segment(file, 32, '__TEXT', 0, linkEditAt, 1);
  file.write('__text', 104);
  file.writeBigUInt64LE(BigInt(text.length), 104 + 40);
  file.writeUInt32LE(Math.min(CODE_AT, 256 + room), 104 + 48);
  segment(file, 184, '__LINKEDIT', linkEditAt, links.length, 0);
  text.copy(file, CODE_AT);
  file.write(links, linkEditAt);
  return file;
}

function segment(file: Buffer, at: number, name: string, offset: number, size: number, sections: number): void {
  file.writeUInt32LE(0x19, at);
  file.writeUInt32LE(72 + 80 * sections, at + 4);
  file.write(name, at + 8);
  file.writeBigUInt64LE(BigInt(offset), at + 40);
  file.writeBigUInt64LE(BigInt(size), at + 48);
  file.writeUInt32LE(sections, at + 64);
}

describe('an ad-hoc signature', () => {
  test('holds for whatever is signed, on either processor', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 20_000 }),
        fc.boolean(),
        fc.stringMatching(/^[a-z.-]{1,30}$/),
        (links, arm64, id) => {
          expect(faultsOfSignature(signAdHoc(machFile({ links, arm64 }), id))).toEqual([]);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('breaks with any bit that is turned before it', () => {
    const signed = signAdHoc(machFile(), 'capsule-kiro');
    const { offset = 0 } = readMachFile(signed).signature ?? {};
    fc.assert(
      fc.property(fc.integer({ min: 200 + 56, max: offset - 1 }), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const spoiled = Buffer.from(signed);
        spoiled.writeUInt8(spoiled.readUInt8(at) ^ (1 << bit), at);
        let faults: string[] = [];
        try {
          faults = faultsOfSignature(spoiled);
        } catch (error) {
          faults = [String(error)];
        }
        expect(faults).not.toEqual([]);
      }),
    );
  });

  test('is replaced when the file is signed again, and is the same for the same file', () => {
    const once = signAdHoc(machFile(), 'capsule-kiro');
    expect(signAdHoc(once, 'capsule-kiro').equals(once)).toBe(true);
    expect(faultsOfSignature(signAdHoc(once, 'a-longer-name-than-before'))).toEqual([]);
  });

  test('is missed where it is missing', () => {
    expect(faultsOfSignature(machFile())).toEqual(['it has no signature']);
  });

  test('needs room for its load command, and a file of the right kind', () => {
    expect(() => signAdHoc(machFile({ room: 8 }), 'a')).toThrow('no room');
    expect(() => signAdHoc(Buffer.from('#!/bin/sh, and some more text'), 'a')).toThrow('no 64-bit Mach-O');
    expect(() => signAdHoc(Buffer.concat([machFile(), Buffer.from('more')]), 'a')).toThrow('does not end the file');
  });
});

describe('what sealing may change', () => {
  test('is the fuse', () => {
    const faults = faultsOfSealing(machFile({ code: 'code FUSE:1' }), machFile(), FUSE);
    expect(faults).toEqual(['there is no segment NODE_SEA']);
  });

  test('is no other byte of code', () => {
    expect(faultsOfSealing(machFile({ code: 'c0de FUSE:1' }), machFile(), FUSE)).toContain('__text of __TEXT differs');
  });
});
