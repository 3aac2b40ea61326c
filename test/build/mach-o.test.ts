import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { signAdHoc } from '../../build/sign-mach-o.ts';
import type { Target } from '../../build/targets.ts';
import { verifyMac } from '../../build/verify/mac.ts';
import { faultsOfSealing, faultsOfSignature, readMachFile } from '../../build/verify/mach-o.ts';
import { Report } from '../../build/verify/report.ts';
import { runs } from '../helpers/fuzz.ts';
import { CODE_AT, FUSE, type MachParts, machFile } from '../helpers/mach-files.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const parts = fc.record(
  {
    code: fc.string({ maxLength: 200 }),
    links: fc.string({ maxLength: 200 }),
    arm64: fc.boolean(),
    room: fc.nat({ max: 3_000 }),
    sealed: fc.string({ minLength: 1, maxLength: 200 }),
    counted: fc.nat({ max: 20 }),
  },
  { requiredKeys: ['code', 'links', 'arm64', 'room'] },
);

describe('reading a Mach-O file', () => {
  test('finds what was written', () => {
    fc.assert(
      fc.property(parts, (written) => {
        const { cpu, segments, room, signature, fixups } = readMachFile(machFile(written));
        expect(cpu).toBe(written.arm64 ? 'arm64' : 'x64');
        expect(segments.map(({ name }) => name)).toEqual([
          '__TEXT',
          ...(written.sealed === undefined ? [] : ['NODE_SEA']),
          '__LINKEDIT',
        ]);
        expect([room, signature, fixups !== undefined]).toEqual([
          written.room,
          undefined,
          written.counted !== undefined,
        ]);
        expect(segments[0]?.sections[0]?.size).toBe(Buffer.byteLength(written.code));
      }),
    );
  });

  test('ends, with an answer or an error that says why, whatever its header was spoilt to', () => {
    const signed = signAdHoc(machFile({ sealed: 'program', counted: 3 }), 'capsule-kiro');
    fc.assert(
      fc.property(fc.nat({ max: 600 }), fc.uint8Array({ minLength: 1, maxLength: 8 }), (at, bytes) => {
        const spoiled = Buffer.from(signed);
        Buffer.from(bytes).copy(spoiled, at);
        for (const look of [() => faultsOfSignature(spoiled), () => faultsOfSealing(spoiled, signed, FUSE)]) {
          try {
            look();
          } catch (error) {
            expect((error as Error).message).toEqual(expect.any(String));
          }
        }
      }),
      runs(1_000),
    );
  });

  test('ends for any bytes at all, and for any part of a file', () => {
    const whole = machFile({ sealed: 'program' });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }).map((rest) => Buffer.concat([Buffer.from('cffaedfe', 'hex'), rest])),
      fc.nat({ max: whole.length }).map((to) => whole.subarray(0, to)),
    );
    fc.assert(
      fc.property(bytes, (file) => {
        try {
          readMachFile(file);
        } catch (error) {
          expect((error as Error).message).toEqual(expect.any(String));
        }
      }),
    );
  });

  test.each([
    ['counts commands that are not there', (file: Buffer) => file.writeUInt32LE(0xffffffff, 16)],
    ['has a command of no size', (file: Buffer) => file.writeUInt32LE(0, 32 + 4)],
    ['has more sections than bytes', (file: Buffer) => file.writeUInt32LE(0xffffffff, 32 + 64)],
  ])('refuses one that %s', (_, spoil) => {
    const file = machFile();
    spoil(file);
    expect(() => readMachFile(file)).toThrow();
  });
});

describe('what sealing may change', () => {
  const base = machFile({ counted: 2 });
  const sealedParts: MachParts = { code: `code ${FUSE}:1`, sealed: 'program', counted: 3 };

  test('is the fuse, a segment more, and its count', () => {
    expect(faultsOfSealing(machFile(sealedParts), base, FUSE)).toEqual([]);
  });

  test.each<[MachParts, string]>([
    [{ code: `c0de ${FUSE}:1` }, '__text of __TEXT differs'],
    [{ code: `code ${FUSE}:0` }, '__text of __TEXT differs'],
    [{ code: `more code ${FUSE}:1` }, '__text has moved'],
    [{ sealed: undefined }, 'there is no segment NODE_SEA'],
    [{ counted: 2 }, 'the fixups count 2 segments of 3'],
    [{ arm64: false }, 'the processor is x64 instead of arm64'],
  ])('is nothing else: %j', (change, fault) => {
    expect(faultsOfSealing(machFile({ ...sealedParts, ...change }), base, FUSE)).toContain(fault);
  });
});

describe('proving a macOS executable', () => {
  const target: Target = {
    os: 'darwin',
    arch: 'arm64',
    runtime: { package: 'node', version: '1.0.0', file: 'bin/node' },
  };

  async function verified(sealed: Buffer): Promise<Report> {
    const folder = tempFolder();
    mkdirSync(path.join(folder, 'bin'));
    writeFileSync(path.join(folder, 'bin', 'node'), machFile({ counted: 2 }));
    writeFileSync(path.join(folder, 'sealed'), sealed);
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      const report = new Report();
      await verifyMac(report, target, path.join(folder, 'sealed'), async () => folder);
      return report;
    } finally {
      write.mockRestore();
    }
  }
  const good = signAdHoc(machFile({ code: `code ${FUSE}:1`, sealed: 'program', counted: 3 }), 'capsule-kiro');

  test('passes one that is signed and sealed, and says that nobody ran it', async () => {
    const { passes, failures, unchecked } = await verified(good);
    expect([passes, failures, unchecked]).toEqual([4, 0, [expect.stringContaining('takes a Mac')]]);
  });

  test.each<[string, Buffer]>([
    ['is not signed', machFile({ code: `code ${FUSE}:1`, sealed: 'program', counted: 3 })],
    ['was changed after it was signed', Buffer.from(good).fill('C', CODE_AT, CODE_AT + 1)],
    ['is for another processor', signAdHoc(machFile({ arm64: false, sealed: 'program', counted: 3 }), 'a')],
    ['is cut off', good.subarray(0, -100)],
  ])('fails one that %s', async (_, sealed) => {
    expect((await verified(sealed)).failures).toBeGreaterThan(0);
  });
});
