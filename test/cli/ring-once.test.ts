import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { type OwnPaths, ownPathsIn } from '../../src/core/host.ts';
import { parseRing, type Ring } from '../../src/relay/ring.ts';
import { tempFolder } from '../helpers/temp-home.ts';
import { pipeFor } from '../installer-assets/dispatch.ts';

const MAIN = fileURLToPath(new URL('../../bin/main.ts', import.meta.url));
const SILENT = { status: 0, stdout: '', stderr: '' };

function given(): OwnPaths {
  const own = ownPathsIn(path.join(tempFolder(), 'our own'));
  for (const folder of [own.rings, path.dirname(own.socket), path.dirname(own.program)])
    mkdirSync(folder, { recursive: true });
  writeFileSync(own.endpoint, JSON.stringify({ pid: process.pid, socket: own.socket, version: '1', startedAt: 'now' }));
  return own;
}

function hook(own: OwnPaths, args: string[], { input = '', env = {} }: { input?: string; env?: object } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'hook', ...args], {
    input,
    encoding: 'utf8',
    env: {
      CAPSULE_KIRO_HOME: own.home,
      NODE_NO_WARNINGS: '1',
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      ...env,
    },
  });
  return { status, stdout, stderr };
}

function theRing({ rings }: OwnPaths): Ring | undefined {
  const [name = '', ...others] = readdirSync(rings);
  expect(others).toEqual([]);
  return parseRing(name, readFileSync(path.join(rings, name), 'utf8'), 'now');
}

describe('the command hook', () => {
  test('leaves what Kiro 1.x writes as a ring that only its owner can read', () => {
    const own = given();
    expect(hook(own, ['stdin'], { input: '{"session_id":"sess_1","cwd":"/home/dev/žofie"}' })).toEqual(SILENT);
    expect(theRing(own)).toMatchObject({ from: 'stdin', sessionId: 'sess_1', cwd: '/home/dev/žofie' });
    const [name = ''] = readdirSync(own.rings);
    expect(statSync(path.join(own.rings, name)).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['{"session_id":"sess_1"}', 'sess_1'],
    ['Write tests', null],
    ['7', null],
  ])('rings for Kiro 0.x with the folder and %j', (USER_PROMPT, sessionId) => {
    const own = given();
    expect(hook(own, [], { env: { USER_PROMPT } })).toEqual(SILENT);
    expect(theRing(own)).toMatchObject({ from: 'env', sessionId, cwd: process.cwd() });
  });

  test('says nothing and fails nothing where it is not installed, or is called with anything', () => {
    const own = given();
    rmSync(own.home, { recursive: true });
    for (const args of [[], ['stdin'], ['start'], ['--json', 'nonsense', '--unknown']])
      expect(hook(own, args, { input: '\0' })).toEqual(SILENT);
    expect(existsSync(own.home)).toBe(false);
  });

  test('takes no more than 256 KiB', () => {
    const own = given();
    expect(hook(own, ['stdin'], { input: 'x'.repeat(1024 * 1024) })).toEqual(SILENT);
    const [name = ''] = readdirSync(own.rings);
    expect(statSync(path.join(own.rings, name)).size).toBe(256 * 1024);
  });

  test.each<[string, (own: OwnPaths) => void]>([
    ['is gone', ({ endpoint }) => rmSync(endpoint)],
    ['left the ring before lying', ({ rings }) => writeFileSync(path.join(rings, '7-0.json'), '{}')],
  ])('starts a daemon that %s, once in half a minute', async (_, spoil) => {
    const own = given();
    const started = pipeFor(path.join(own.home, 'started'));
    writeFileSync(own.program, '#!/bin/sh\necho "$*" >"$CAPSULE_KIRO_HOME/started"\n', { mode: 0o755 });
    spoil(own);
    expect(hook(own, ['env'])).toEqual(SILENT);
    expect(await started).toBe('start\n');
    const marker = path.join(own.home, 'run', 'started');
    const before = readFileSync(marker, 'utf8');
    writeFileSync(own.program, '#!/bin/sh\n: >"$CAPSULE_KIRO_HOME/again"\n', { mode: 0o755 });
    expect(hook(own, ['env'])).toEqual(SILENT);
    expect(readFileSync(marker, 'utf8')).toBe(before);
    expect(existsSync(path.join(own.home, 'again'))).toBe(false);
  });

  test('leaves a daemon alone that lives and takes its rings', () => {
    const own = given();
    expect(hook(own, ['env'])).toEqual(SILENT);
    expect(existsSync(path.join(own.home, 'run', 'started'))).toBe(false);
  });
});
