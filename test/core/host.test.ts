import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ownHome, ownPathsIn, realHost } from '../../src/core/host.ts';
import { silentLog } from '../../src/core/log.ts';
import { runElsewhere, source } from '../helpers/other-process.ts';

describe('our own paths', () => {
  test('all lie in one folder', () => {
    const { home, ...inside } = ownPathsIn('/data/capsule-kiro');
    expect(home).toBe('/data/capsule-kiro');
    for (const file of Object.values(inside)) expect(path.dirname(file)).toMatch(/^\/data\/capsule-kiro(\/|$)/);
    expect(new Set(Object.values(inside)).size).toBe(Object.keys(inside).length);
  });

  test('follow CAPSULE_KIRO_HOME when it says something', () => {
    expect(ownHome({ CAPSULE_KIRO_HOME: '/elsewhere' })).toBe('/elsewhere');
    expect(ownHome({ CAPSULE_KIRO_HOME: '' })).toMatch(/capsule-kiro$/);
  });

  const where = (assignments: string) =>
    runElsewhere(
      `import { realHost } from ${source('core/host.ts')};
       const { home, own, platform } = realHost({});
       process.stdout.write(JSON.stringify({ home, own: own.home, platform }));`,
      `unset XDG_DATA_HOME CAPSULE_KIRO_HOME; ${assignments}`,
    ).stdout;

  test('follow the environment, so that a temporary home is a whole sandbox', () => {
    const place = process.platform === 'darwin' ? 'Library/Application Support' : '.local/share';
    expect(JSON.parse(where('export HOME=/tmp/sandbox'))).toMatchObject({
      home: '/tmp/sandbox',
      own: `/tmp/sandbox/${place}/capsule-kiro`,
      platform: process.platform,
    });
  });

  const onLinux = process.platform === 'linux' ? test : test.skip;
  onLinux('follow XDG_DATA_HOME on Linux (skipped elsewhere: run on Linux)', () => {
    expect(where('export HOME=/tmp/sandbox XDG_DATA_HOME=/tmp/xdg')).toContain('"own":"/tmp/xdg/capsule-kiro"');
  });
});

describe('running a program', () => {
  const { run } = realHost(silentLog);

  test('answers its exit code and both outputs', async () => {
    expect(await run('/bin/sh', ['-c', 'echo out; echo err >&2; exit 5'])).toEqual({
      exitCode: 5,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  test('hands arguments over as they are, through no shell', async () => {
    const hostile = '$(touch /tmp/canary); `id` "\'\n*';
    expect((await run('/bin/echo', ['-n', hostile])).stdout).toBe(hostile);
  });

  test('gives it nothing to read', async () => {
    expect(await run('/bin/cat', [])).toMatchObject({ exitCode: 0, stdout: '' });
  });

  test('that does not exist answers instead of throwing', async () => {
    expect(await run('/no/such/program', [])).toMatchObject({
      exitCode: null,
      stderr: expect.stringContaining('ENOENT'),
    });
  });

  test('that cannot be started at all answers instead of throwing', async () => {
    expect(await run('/bin/echo', ['nul\0byte'])).toMatchObject({ exitCode: null, stderr: expect.stringMatching(/./) });
  });

  test('ends when its time is up, also one that will not end and has a child that holds its output', async () => {
    const { exitCode, stdout } = await run('/bin/sh', ['-c', 'trap "" TERM; sleep 60 & echo $!; wait; sleep 60'], 300);
    expect(stdout).toMatch(/^[1-9]\d*\n$/);
    process.kill(Number(stdout), 'SIGKILL');
    expect(exitCode).toBeNull();
  });
});
