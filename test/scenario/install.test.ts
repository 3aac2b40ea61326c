import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { aMachine, type Machine, until } from '../helpers/machine.ts';
import { installAt, runPortal } from '../helpers/running-portal.ts';

/** Every file below the home with its bytes and mode, our own folder left out. */
function picture(machine: Machine): Record<string, string> {
  const files = readdirSync(machine.home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !file.startsWith(machine.own.home));
  return Object.fromEntries(
    paths
      .sort()
      .map((file) => [
        path.relative(machine.home, file),
        `${statSync(file).mode.toString(8)} ${readFileSync(file, 'latin1')}`,
      ]),
  );
}

describe('install and uninstall', () => {
  test("leave the user's and Kiro's files byte for byte as they were", async () => {
    const machine = aMachine();
    machine.open();
    const before = picture(machine);
    const portal = await runPortal(machine);
    await installAt(machine, portal);
    const during = picture(machine);
    expect(Object.keys(during)).toEqual(
      expect.arrayContaining([
        '.kiro/hooks/capsule-stop.json',
        '.kiro/scripts/capsule-dispatch.sh',
        'projects/demo/.kiro/hooks/capsule-stop.kiro.hook',
      ]),
    );
    expect(await machine.must(['uninstall'])).toContain('nothing of ours is left');
    expect(picture(machine)).toEqual(before);
    expect(existsSync(machine.own.home)).toBe(false);
    expect(machine.daemonPid()).toBeUndefined();
    expect(await machine.must(['uninstall', '--verify'])).toContain('Nothing of ours is left');
    expect(await machine.must(['uninstall'])).toContain('Nothing of ours was attached');
  });

  test('a second install changes no file and says so', async () => {
    const machine = aMachine();
    machine.open();
    const portal = await runPortal(machine);
    await installAt(machine, portal);
    const touched = () => Object.keys(picture(machine)).map((file) => statSync(path.join(machine.home, file)).mtimeMs);
    const before = touched();
    const pid = machine.daemonPid();
    const again = await machine.must(['install', '--no-service']);
    expect(again).toContain('Everything was in place already');
    expect(touched()).toEqual(before);
    expect(machine.daemonPid()).toBe(pid);
  });

  test('a dry run writes nothing at all', async () => {
    const machine = aMachine();
    const before = picture(machine);
    const said = await machine.must(['install', '--dry-run']);
    expect(said).toContain('This would be changed');
    expect(said).toContain('settings.json');
    expect(picture(machine)).toEqual(before);
    expect(existsSync(machine.own.home)).toBe(false);
  });

  test('install without a reachable portal does everything local and enrols when the portal is there', async () => {
    const machine = aMachine();
    const portal = await runPortal(machine);
    const code = await machine.must(['portal', 'code', '--data', portal.data]);
    await portal.stop();
    const { exitCode, stdout } = await machine.capsule(
      ['install', '--portal', portal.address, '--code-stdin', '--no-service'],
      code,
    );
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/Portal: not enrolled yet \(the portal cannot be reached \(ECONNREFUSED\)\)/);
    await portal.again();
    await until(
      async () => (await machine.capsule(['token'])).stdout.includes('Enrolled at'),
      'the daemon enrols by itself',
    );
    expect(existsSync(machine.own.enrolment)).toBe(false);
  });

  test('secrets are in owner-only files and in no output', async () => {
    const machine = aMachine();
    const portal = await runPortal(machine);
    await installAt(machine, portal);
    const { token } = JSON.parse(readFileSync(machine.own.credential, 'utf8')) as { token: string };
    const outputs = await Promise.all(
      [['status'], ['token'], ['config'], ['workspaces'], ['status', '--json']].map((args) => machine.capsule(args)),
    );
    for (const { stdout, stderr } of outputs) expect(stdout + stderr).not.toContain(token);
    expect(readFileSync(machine.own.log, 'utf8')).not.toContain(token);
    const modes = readdirSync(machine.own.home, { recursive: true, withFileTypes: true }).map((entry) => {
      return [entry.name, entry.isSymbolicLink() ? 0 : statSync(path.join(entry.parentPath, entry.name)).mode & 0o077];
    });
    expect(modes.filter(([, mode]) => mode !== 0)).toEqual([]);
  });
});
