/** A newer executable is installed over an older one, or an older one over a newer, while the daemon runs. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ownVersion } from '../../src/core/assets.ts';
import { aMachine, type Machine, PROGRAM } from '../helpers/machine.ts';
import { otherVersion } from '../helpers/other-version.ts';
import { installAt, runPortal } from '../helpers/running-portal.ts';

/** A machine with that version of the program installed and running. */
async function installed(version: string): Promise<Machine> {
  const machine = aMachine();
  const portal = await runPortal(machine);
  await installAt(machine, portal);
  await machine.must(['config', 'set', 'content.level', 'metadata']);
  await machine.must(['stop']);
  rmSync(machine.own.program);
  otherVersion(machine.own.program, version);
  await machine.must(['start']);
  return machine;
}

const kept = ({ own }: Machine) => [own.settings, own.credential, own.device].map((file) => readFileSync(file, 'utf8'));

describe('installing', () => {
  test('a newer version takes the place of the older, starts the daemon anew and keeps what was set', async () => {
    const machine = await installed('0.0.1');
    const [before, pid] = [kept(machine), machine.daemonPid()];
    const said = await machine.must(['install', '--no-service']);
    expect(said).toContain(`Program: version ${ownVersion()} took the place of 0.0.1`);
    expect(machine.daemonPid()).not.toBe(pid);
    expect((await machine.json(['status'])).body).toMatchObject({ daemon: { version: ownVersion() } });
    expect(kept(machine)).toEqual(before);
  });

  test('an older version is refused, with everything left running, unless it is asked for', async () => {
    const machine = await installed('9.9.9');
    const [before, pid] = [readFileSync(machine.own.program, 'utf8'), machine.daemonPid()];
    const { exitCode, body } = await machine.json(['install', '--no-service']);
    expect([exitCode, body]).toMatchObject([1, { error: { code: 'downgrade-refused', hint: expect.any(String) } }]);
    expect([readFileSync(machine.own.program, 'utf8'), machine.daemonPid()]).toEqual([before, pid]);
    await machine.must(['install', '--no-service', '--downgrade']);
    expect(machine.daemonPid()).not.toBe(pid);
    expect((await machine.capsule(['--version'])).stdout.trim()).toBe(ownVersion());
  });
});

test('the program can be started by its name, and uninstalls itself by it', async () => {
  const machine = aMachine();
  const bin = path.join(machine.home, '.local', 'bin');
  mkdirSync(bin, { recursive: true });
  const portal = await runPortal(machine);
  await installAt(machine, portal);
  expect(await machine.must(['install', '--no-service'])).toContain('~/.local/bin/capsule-kiro status');
  const link = path.join(bin, 'capsule-kiro');
  expect(readlinkSync(link)).toBe(machine.own.program);
  const sealed = process.env.CAPSULE_KIRO_PROGRAM !== undefined;
  expect(lstatSync(machine.own.program).isSymbolicLink()).toBe(!sealed);
  expect(sealed || readlinkSync(machine.own.program) === PROGRAM).toBe(true);
  const ran = spawnSync(link, ['uninstall'], { env: machine.env, encoding: 'utf8' });
  expect([ran.status, ran.stdout]).toEqual([0, expect.stringContaining('nothing of ours is left')]);
  expect([readdirSync(bin), existsSync(machine.own.home)]).toEqual([[], false]);
});

const whenSealed = process.env.CAPSULE_KIRO_PROGRAM === undefined ? test.skip : test;
whenSealed(
  'an executable installs from a folder that is closed to writing, renamed, through a link, and may go',
  async () => {
    const machine = aMachine();
    const folder = path.join(machine.folder, 'read only, with spaces');
    mkdirSync(folder);
    const renamed = path.join(folder, 'the agent (1)');
    copyFileSync(PROGRAM, renamed);
    chmodSync(renamed, 0o555);
    chmodSync(folder, 0o555);
    const link = path.join(machine.folder, 'link');
    symlinkSync(renamed, link);
    const ran = spawnSync(link, ['install', '--no-service'], { env: machine.env, encoding: 'utf8' });
    expect([ran.status, ran.stdout]).toEqual([3, expect.stringContaining('Daemon: runs')]);
    chmodSync(folder, 0o755);
    for (const file of [link, renamed]) rmSync(file);
    const again = spawnSync(machine.own.program, ['restart'], { env: machine.env, encoding: 'utf8' });
    expect([again.status, again.stderr]).toEqual([0, '']);
  },
);
