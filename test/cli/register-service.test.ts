import { existsSync, readFileSync, statSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { registerService, unregisterService } from '../../src/cli/register-service.ts';
import { launchd } from '../../src/service/launchd.ts';
import { fakeRun } from '../helpers/fake-run.ts';
import { tempHost } from '../helpers/temp-home.ts';

/** A Mac, on which `launchctl bootstrap` answers as it is told. */
function given(bootstrap = { exitCode: 0, stderr: '' }) {
  const { ran, run } = fakeRun((line) => (line.includes(' bootstrap ') ? bootstrap : {}));
  return { ran, bootstrap, host: tempHost({ platform: 'darwin', run }) };
}

test('a registration is written for this program, and the system told', async () => {
  const { host, ran } = given();
  expect(await registerService(host, true)).toEqual({
    kind: 'launchd',
    said: expect.stringContaining('at every login'),
  });
  expect(readFileSync(launchd.file(host), 'utf8')).toBe(launchd.render(host.own.program));
  expect(statSync(launchd.file(host)).mode & 0o777).toBe(0o644);
  expect(ran).toHaveLength(3);
});

test('a second time changes nothing', async () => {
  const { host, ran } = given();
  await registerService(host, true);
  const before = ran.length;
  expect(await registerService(host, true)).toMatchObject({ kind: 'launchd' });
  expect(ran).toHaveLength(before);
});

test('a system that refuses is quoted, again the second time, until it takes it', async () => {
  const { host, bootstrap } = given({ exitCode: 5, stderr: 'Input/output error' });
  for (const _ of ['first', 'second'])
    expect(await registerService(host, true)).toEqual({
      kind: 'none',
      said: expect.stringContaining('Input/output error'),
    });
  bootstrap.exitCode = 0;
  expect(await registerService(host, true)).toMatchObject({ kind: 'launchd' });
});

test('a system that takes it for the next login keeps it, and says why not sooner', async () => {
  const { host } = given({ exitCode: 125, stderr: 'Domain does not support specified action' });
  expect(await registerService(host, true)).toEqual({
    kind: 'launchd',
    said: expect.stringMatching(/from the next on, because nobody is logged in/),
  });
  expect(existsSync(launchd.file(host))).toBe(true);
});

test('who does not want it, or has no service manager, is told how the daemon comes back', async () => {
  const { host, ran } = given();
  for (const [each, wanted] of [
    [host, false],
    [{ ...host, platform: 'win32' as const }, true],
  ] as const) {
    expect(await registerService(each, wanted)).toEqual({
      kind: 'none',
      said: expect.stringContaining('capsule-kiro start'),
    });
  }
  expect(ran).toEqual([]);
  expect(existsSync(launchd.file(host))).toBe(false);
});

test('unregistering stops it, removes the file, and is done the second time', async () => {
  const { host, ran } = given();
  await registerService(host, true);
  expect(await unregisterService(host)).toBe(true);
  expect(ran.at(-1)).toContain('bootout');
  expect(existsSync(launchd.file(host))).toBe(false);
  expect(await unregisterService(host)).toBe(false);
});
