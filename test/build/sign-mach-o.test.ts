import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { signAdHoc } from '../../build/sign-mach-o.ts';
import { faultsOfSignature, readMachFile } from '../../build/verify/mach-o.ts';
import { runs } from '../helpers/fuzz.ts';
import { machFile } from '../helpers/mach-files.ts';

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
      runs(50),
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
