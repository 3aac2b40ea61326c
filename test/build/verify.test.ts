import { lstatSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import * as resedit from 'resedit';
import { dressForWindows } from '../../build/dress-windows.ts';
import { compareVersions, elfNeeds } from '../../build/verify/elf.ts';
import { faultsOfNeeds } from '../../build/verify/linux.ts';
import { pathWithoutNode } from '../../build/verify/no-node.ts';
import { none, Report } from '../../build/verify/report.ts';
import { must, start } from '../../build/verify/started.ts';
import { checkResources } from '../../build/verify/windows.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const ICON = readFileSync(new URL('../../build/capsule-kiro.ico', import.meta.url));
const { version: VERSION } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const env = { PATH: '/usr/bin:/bin' };

describe('what a Linux executable needs', () => {
  const small = { processor: 'x64', libraries: ['libc.so.6', 'libstdc++.so.6'], versions: { GLIBC: '2.28' } } as const;
  const needs = { ...small, libraries: [...small.libraries] };

  test.each([
    [{}, []],
    [{ processor: 'arm64' as const }, ['it is for arm64']],
    [{ libraries: ['libc.so.6', 'libatomic.so.1'] }, ['it needs libatomic.so.1']],
    [{ versions: { GLIBC: '2.34' } }, ['it needs glibc 2.34']],
    [{ versions: {} }, []],
  ])('may be no more than a small system has: %j', (more, faults) => {
    expect(faultsOfNeeds({ ...needs, ...more }, 'x64')).toEqual(faults);
  });

  test('is read from the file: the Node of a checkout needs libatomic, and so is not what is sealed', () => {
    const read = elfNeeds(readFileSync(process.execPath));
    expect(read.processor).toBe(process.arch);
    expect(read.libraries).toEqual(expect.arrayContaining(['libc.so.6', 'libstdc++.so.6', 'libatomic.so.1']));
    expect(compareVersions(read.versions.GLIBC ?? '0', '2.17')).toBeGreaterThan(0);
  });

  test.each([
    ['2.28', '2.4', 1],
    ['2.4', '2.28', -1],
    ['2.28', '2.28', 0],
    ['3.4.21', '3.4', 1],
  ])('is compared number by number: %s and %s', (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
  });
});

describe('a Windows executable', () => {
  const details = { version: VERSION, name: 'Capsule for Kiro', description: 'shows' };
  const bare = (): Buffer => {
    const executable = resedit.NtExecutable.createEmpty(false, false);
    const resources = resedit.NtExecutableResource.from(executable, true);
    resedit.Resource.VersionInfo.create(1033, { fileVersionMS: 0 }, []).outputToResourceEntries(resources.entries);
    resources.outputResource(executable);
    executable.newHeader.optionalHeader.subsystem = 3;
    return Buffer.from(executable.generate());
  };

  test('gets our icon and version, and is missed the program while none is sealed in', () => {
    const dressed = dressForWindows(bare(), ICON, details);
    expect(() => checkResources(dressed, 'x64')).toThrow(/^nothing is sealed in$/);
  });

  test('that was not dressed, or has another version, is found', () => {
    expect(() => checkResources(bare(), 'x64')).toThrow('its name is undefined');
    expect(() => checkResources(bare(), 'arm64')).toThrow('it is not for arm64');
    const older = dressForWindows(bare(), ICON, { ...details, version: '0.0.9' });
    expect(() => checkResources(older, 'x64')).toThrow('its version is 0.0.9');
  });
});

describe('a report', () => {
  test('counts what was seen, what was wrong and what was not looked at, and says so last', async () => {
    let said = '';
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      said += text;
      return true;
    });
    try {
      const report = new Report();
      await report.check('one', () => 'seen');
      await report.check('two', () => none(['it limps', 'it squints\nTests: 9 failed']) ?? '');
      report.skip('three', 'that takes a Mac');
      report.end();
    } finally {
      write.mockRestore();
    }
    expect(said).toContain(
      '  ok    one: seen\n  WRONG two: it limps; it squints\n        Tests: 9 failed\n  -     three: not checked, that takes a Mac\n',
    );
    expect(said.trim().split('\n').at(-1)).toBe('Checks: 1 passed, 1 failed, 1 not made');
  });
});

describe('starting a program', () => {
  test('must end well and without a word of complaint', () => {
    expect(must(['sh', '-c', 'cat; echo "$0 $WHO"', 'me'], { ...env, WHO: 'you' }, undefined, 'in ')).toBe(
      'in me you\n',
    );
    expect(() => must(['sh', '-c', 'echo oh >&2'], env)).toThrow('oh');
    expect(() => must(['sh', '-c', 'exit 3'], env)).toThrow('ended with 3');
    expect(start(['sh', '-c', 'exit 3'], env).status).toBe(3);
    expect(() => start(['/no/such/program'], env)).toThrow('ENOENT');
  });

  test('without Node finds every other program', () => {
    const bin = pathWithoutNode(path.join(tempFolder(), 'bin'));
    expect(statSync(path.join(bin, 'sh')).isFile()).toBe(true);
    expect(() => lstatSync(path.join(bin, 'node'))).toThrow('ENOENT');
    expect(must(['sh', '-c', 'command -v node || echo none'], { PATH: bin })).toBe('none\n');
  });
});
