import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { describeAutostart, registerService, unregisterService } from '../../src/cli/register-service.ts';
import { launchd, renderPlist } from '../../src/service/launchd.ts';
import { runKey } from '../../src/service/run-key.ts';
import { taskScheduler } from '../../src/service/task-scheduler.ts';
import { xdgAutostart } from '../../src/service/xdg-autostart.ts';
import { fakeRun } from '../helpers/fake-run.ts';
import { tempHost } from '../helpers/temp-home.ts';

/** A Mac, on which `launchctl bootstrap` answers as it is told. */
function given(bootstrap = { exitCode: 0, stderr: '' }) {
  const { ran, run } = fakeRun((line) => {
    if (line.includes(' bootstrap ')) return bootstrap;
    return line.includes(' print ') ? { exitCode: 113 } : {};
  });
  return { ran, bootstrap, host: tempHost({ platform: 'darwin', run }) };
}

test('a registration is written for this program, and the system told', async () => {
  const { host, ran } = given();
  expect(await registerService(host, true)).toEqual({
    kind: 'launchd',
    said: expect.stringContaining('at every login'),
  });
  expect(readFileSync(launchd.file(host), 'utf8')).toBe(renderPlist(host.own.program));
  expect(statSync(launchd.file(host)).mode & 0o777).toBe(0o644);
  expect(ran.at(-1)).toContain(' bootstrap ');
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
    expect(await registerService(host, true, { pause: async () => {} })).toEqual({
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
    [{ ...host, platform: 'linux' as const, env: {} }, !existsSync('/run/systemd/system')],
  ] as const) {
    expect(await registerService(each, wanted)).toEqual({
      kind: 'none',
      said: expect.stringContaining('capsule-kiro start'),
    });
  }
  expect(ran).toEqual([]);
  expect(existsSync(launchd.file(host))).toBe(false);
});

test('that it is not wanted takes it away, and is remembered until the contrary is said', async () => {
  const { host } = given();
  await registerService(host, true);
  expect(await registerService(host, false)).toMatchObject({ kind: 'none' });
  expect(existsSync(launchd.file(host))).toBe(false);
  expect(await registerService(host, undefined)).toMatchObject({ kind: 'none' });
  expect((await describeAutostart(host)).said).toMatch(/^not at login, as asked at the install; /);
  expect(await registerService(host, true)).toMatchObject({ kind: 'launchd' });
  expect(await registerService(host, undefined)).toMatchObject({ kind: 'launchd' });
});

test('what stands there is told to the system anew on demand', async () => {
  const { host, ran } = given();
  await registerService(host, true);
  const before = ran.length;
  await registerService(host, true, { anew: true });
  expect(ran.slice(before).at(-1)).toContain(' bootstrap ');
});

test('unregistering stops it, removes the file, and is done the second time', async () => {
  const { host, ran } = given();
  await registerService(host, true);
  expect(await unregisterService(host)).toBe(true);
  expect(ran.at(-1)).toContain('bootout');
  expect(existsSync(launchd.file(host))).toBe(false);
  expect(await unregisterService(host)).toBe(false);
});

/** A Linux desktop without systemd, or a Windows on which `schtasks` answers as it is told. */
const desktop = () => {
  const host = tempHost({ platform: 'linux' });
  return { ...host, env: { ...host.env, XDG_CURRENT_DESKTOP: 'XFCE' } };
};
const noSystemd = existsSync('/run/systemd/system') ? test.skip : test;

noSystemd(
  'a desktop’s autostart that its user switched off stays off (skipped where systemd comes first)',
  async () => {
    const host = desktop();
    expect(await registerService(host, true)).toMatchObject({ kind: 'xdg-autostart' });
    const file = xdgAutostart.file(host);
    const off = readFileSync(file, 'utf8').replace('enabled=true', 'enabled=false');
    writeFileSync(file, off);
    expect(await registerService(host, true)).toEqual({
      kind: 'none',
      said: expect.stringContaining('its user switched it off'),
    });
    expect(readFileSync(file, 'utf8')).toBe(off);
    expect((await describeAutostart(host)).said).toMatch(/^switched off by its user/);
    expect(await unregisterService(host)).toBe(true);
    expect(existsSync(file)).toBe(false);
  },
);

test('Windows without a Task Scheduler for users has the Run key, and never both', async () => {
  let closed = true;
  const { run } = fakeRun((line) => {
    if (line.includes('whoami')) return { stdout: '"PC\\dev","S-1-5-21-7"\r\n' };
    return line.includes('/Create') && closed ? { exitCode: 1, stderr: 'ERROR: Access is denied.\r\n' } : {};
  });
  const host = tempHost({ platform: 'win32', run });
  expect(await registerService(host, true)).toMatchObject({ kind: 'run-key' });
  closed = false;
  expect(await registerService(host, true)).toMatchObject({ kind: 'task-scheduler' });
  expect([taskScheduler, runKey].map((each) => existsSync(each.file(host)))).toEqual([true, false]);
});

test('status tells how the daemon comes back, after a login and after a crash', async () => {
  const { host } = given();
  expect((await describeAutostart(host)).said).toMatch(/^not at login; the next turn/);
  await registerService(host, true);
  expect((await describeAutostart(host)).said).toBe(
    'at every login, and after a crash (launchd, ~/Library/LaunchAgents/dev.capsule.kiro.plist)',
  );
  writeFileSync(launchd.file(host), renderPlist('/elsewhere'));
  expect((await describeAutostart(host)).said).toMatch(/; not as this version writes it, .*capsule-kiro install$/);
});

test('nothing is registered for a program whose path cannot be written down', async () => {
  const { host, ran } = given();
  const own = { ...host.own, program: '/Volumes/Capsule/capsule-kiro' };
  expect(await registerService({ ...host, own }, true)).toEqual({
    kind: 'none',
    said: expect.stringContaining('is a passing place'),
  });
  expect(ran).toEqual([]);
});
