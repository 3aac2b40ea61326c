/** The daemon under a real service manager: registered, started again after a crash and only then, and taken away. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { upgraderOf } from '../../src/cli/upgrading/upgrade-by-itself.ts';
import { ownPathsIn } from '../../src/core/host.ts';
import { PROGRAM, until } from '../helpers/machine.ts';
import { release } from '../helpers/other-version.ts';
import { tempFolder, tempHost } from '../helpers/temp-home.ts';
import { noUserSystemd, type UserSystemd, userSystemd } from '../helpers/user-systemd.ts';

const why = noUserSystemd();
const suite = why === undefined ? describe : describe.skip;

suite(`under systemd --user${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let systemd: UserSystemd;
  const capsule = (...args: string[]) => systemd.as(PROGRAM, ...args);
  const status = () => JSON.parse(capsule('status', '--json').stdout) as Record<string, Record<string, unknown> | null>;
  const unitFile = () => path.join(systemd.home, '.config', 'systemd', 'user', 'capsule-kiro.service');

  beforeAll(async () => {
    systemd = await userSystemd();
  });
  afterAll(async () => {
    await systemd.stop();
  });

  test('install registers the unit, and the daemon runs under it', () => {
    const { stdout } = capsule('install');
    expect(stdout).toContain('Autostart: at every login, through systemd');
    const unit = systemd.unit();
    expect(unit).toMatchObject({ ActiveState: 'active', UnitFileState: 'enabled' });
    expect(status()).toMatchObject({
      daemon: { pid: Number(unit.MainPID), supervised: true },
      autostart: { kind: 'systemd' },
    });
  });

  test('the daemon bears the name by which the dispatcher knows it', () => {
    expect(readFileSync(`/proc/${systemd.unit().MainPID}/comm`, 'utf8')).toBe('capsule-kiro\n');
  });

  test('a second install leaves the registration and the daemon alone', () => {
    const before = systemd.unit();
    capsule('install');
    expect(systemd.unit()).toEqual(before);
  });

  test('diagnose asks systemd whether it starts the daemon, and its own fix enables it again', () => {
    const autostart = () => {
      const { exitCode, stdout } = capsule('diagnose', '--json', '--only', 'daemon.autostart');
      const [check] = (JSON.parse(stdout) as { checks: { status: string; evidence: string[] }[] }).checks;
      return { exitCode, status: check?.status, said: check?.evidence.join() };
    };
    expect(autostart()).toMatchObject({ exitCode: 0, status: 'pass' });
    expect(autostart().said).toMatch(/is-enabled: enabled,it (may end|ends) with the last logout/);
    systemd.as('systemctl', '--user', 'disable', 'capsule-kiro.service');
    expect(autostart()).toMatchObject({ exitCode: 3, status: 'warn' });
    expect(autostart().said).toContain('it is registered, but systemctl --user is-enabled: disabled');
    expect(capsule('diagnose', '--fix', '--only', 'daemon.autostart').stdout).toContain('Repaired:');
    expect(systemd.unit().UnitFileState).toBe('enabled');
    expect(autostart()).toMatchObject({ exitCode: 0, status: 'pass' });
  });

  test('a daemon that is killed comes back, and answers', async () => {
    const { MainPID } = systemd.unit();
    process.kill(Number(MainPID), 'SIGKILL');
    await until(() => {
      const { NRestarts, ActiveState, MainPID: now } = systemd.unit();
      return NRestarts === '1' && ActiveState === 'active' && now !== MainPID && status().daemon !== null;
    }, 'it comes back');
  });

  test('a daemon that was asked to stop stays down until it is asked to start', async () => {
    expect(capsule('stop').exitCode).toBe(0);
    await until(() => systemd.unit().ActiveState === 'inactive', 'it is down');
    // A restart would have been put in line at once, as the state `activating`.
    expect(systemd.unit()).toMatchObject({ ActiveState: 'inactive', MainPID: '0', NRestarts: '1' });
    expect(capsule('start').stdout).toContain('kept up by the service manager');
    expect(systemd.unit().ActiveState).toBe('active');
  });

  test('a daemon that upgrades itself is followed by the newer one, under the same unit', async () => {
    const data = tempFolder();
    const portal = spawn(PROGRAM, ['portal', '--port', '0', '--data', data], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      let said = '';
      portal.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
      const address = await until(() => /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0], 'the portal is up');
      const code = spawnSync(PROGRAM, ['portal', 'code', '--data', data], { encoding: 'utf8' }).stdout.trim();
      release(data, '9.9.9');
      const enrolled = systemd.as(
        '/usr/bin/env',
        `CAPSULE_ENROLMENT_CODE=${code}`,
        PROGRAM,
        'install',
        '--portal',
        address,
      );
      expect(enrolled.stdout).toContain('Portal: enrolled');
      const { MainPID } = systemd.unit();
      const own = ownPathsIn(path.join(systemd.home, '.local', 'share', 'capsule-kiro'));
      const { program, args } = upgraderOf({ ...tempHost(), home: systemd.home, env: {}, own }, true);
      expect([program, systemd.as(program, ...args).exitCode]).toEqual(['systemd-run', 0]);
      await until(() => {
        const { ActiveState, MainPID: now } = systemd.unit();
        return ActiveState === 'active' && now !== MainPID && status().daemon !== null;
      }, 'the newer one runs');
      expect(systemd.as(own.program, '--version').stdout).toBe('9.9.9\n');
      expect(status()).toMatchObject({ daemon: { pid: Number(systemd.unit().MainPID), supervised: true } });
    } finally {
      portal.kill('SIGTERM');
    }
  });

  test('uninstall stops it and takes the unit away', () => {
    const { stdout } = capsule('uninstall');
    expect(stdout).toContain('Autostart: unregistered');
    expect(existsSync(unitFile())).toBe(false);
    expect(systemd.unit()).toMatchObject({ ActiveState: 'inactive', LoadState: 'not-found', MainPID: '0' });
  });
});
