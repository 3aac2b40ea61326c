import { describe, expect, test } from '@jest/globals';
import { expectedIntegrity } from '../../build/runtimes.ts';
import { signingArguments } from '../../build/sign-windows.ts';
import { chooseTargets, executableName, GENERATORS, TARGETS } from '../../build/targets.ts';
import { readTree } from '../helpers/source-files.ts';

const lock = JSON.parse([...readTree('package-lock.json').values()][0] ?? '');
const node = { package: 'node-x', version: '2.0.0', file: 'bin/node' } as const;

describe('the targets', () => {
  test('are called by system and processor', () => {
    expect(TARGETS.map(executableName)).toEqual([
      'capsule-kiro-linux-x64',
      'capsule-kiro-linux-arm64',
      'capsule-kiro-darwin-x64',
      'capsule-kiro-darwin-arm64',
      'capsule-kiro-win-x64.exe',
      'capsule-kiro-win-arm64.exe',
    ]);
  });

  test('are all built unless some are named, and a wrong name is said', () => {
    expect(chooseTargets([])).toBe(TARGETS);
    expect(chooseTargets(['win-x64', 'linux-x64']).map(({ os }) => os)).toEqual(['linux', 'win']);
    expect(() => chooseTargets(['linux-x86'])).toThrow('linux-x86');
  });

  test('are each made of a Node whose bytes are pinned', () => {
    const runtimes = [...TARGETS.map(({ runtime }) => runtime), ...GENERATORS];
    for (const runtime of runtimes) expect(expectedIntegrity(lock, runtime)).toMatch(/^sha512-[\w+/]{86}==$/);
  });
});

test('each version that is sealed has a Node that runs where we build', () => {
  const versions = new Set(GENERATORS.map(({ version }) => version));
  expect(TARGETS.filter(({ runtime }) => !versions.has(runtime.version))).toEqual([]);
});

describe('a Node', () => {
  test('is pinned by the lock file where that has the same version, else by our own word', () => {
    const packages = { 'node_modules/node-x': { version: '2.0.0', integrity: 'sha512-lock' } };
    expect(expectedIntegrity({ packages }, { ...node, integrity: 'sha512-own' })).toBe('sha512-lock');
    expect(expectedIntegrity({ packages }, { ...node, version: '1.0.0', integrity: 'sha512-own' })).toBe('sha512-own');
  });

  test('that is pinned nowhere is not used', () => {
    expect(() => expectedIntegrity({ packages: {} }, node)).toThrow('node-x 2.0.0 is pinned nowhere');
  });
});

describe('signing for Windows', () => {
  test('is left out without a certificate, and refused with half of one', () => {
    expect(signingArguments({}, 'a.exe')).toBeUndefined();
    expect(() => signingArguments({ WINDOWS_KEY: 'k.pem' }, 'a.exe')).toThrow('belong together');
  });

  test('takes the password from a file and never as an argument', () => {
    const env = { WINDOWS_CERTIFICATE: 'c.pem', WINDOWS_KEY: 'k.pem', WINDOWS_KEY_PASSWORD_FILE: 'p.txt' };
    const args = signingArguments(env, 'a.exe')?.join(' ');
    expect(args).toContain('-certs c.pem -key k.pem -readpass p.txt');
    expect(args).not.toContain('-pass ');
  });
});
