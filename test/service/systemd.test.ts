import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { renderUnit, systemd } from '../../src/service/systemd.ts';
import { fakeRun } from '../helpers/fake-run.ts';
import { tempFolder, tempHost } from '../helpers/temp-home.ts';

const FOLDERS = ['plain', 'with space', '100% %h %%', '$HOME $' + '{HOME} $&', 'R&D <x>', 'žofie 🦆'];

const analyze = spawnSync('systemd-analyze', ['--version']).status === 0 ? test : test.skip;

/** What systemd has to say about a unit of this text. */
function verify(text: string): string {
  const unit = path.join(tempFolder(), 'capsule-kiro.service');
  writeFileSync(unit, text);
  const env = { ...process.env, XDG_RUNTIME_DIR: path.dirname(unit) };
  return spawnSync('systemd-analyze', ['verify', '--user', '--man=no', unit], { env, encoding: 'utf8' }).stderr;
}

describe('the unit’s text', () => {
  analyze.each(FOLDERS)(
    'is nothing systemd complains of, and starts the program in %j (skipped without systemd-analyze: install systemd)',
    (name) => {
      const folder = path.join(tempFolder(), name);
      mkdirSync(folder);
      const program = path.join(folder, 'capsule-kiro');
      writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
      expect(verify(renderUnit(program))).toBe('');
    },
  );

  analyze('is checked by a systemd that would complain of a program that is not there', () => {
    expect(verify(renderUnit('/no/such/program'))).toContain('/no/such/program');
  });

  test('leaves no placeholder', () => {
    expect(renderUnit('/home/dev/bin/capsule-kiro')).toContain(
      'ExecStart="/home/dev/bin/capsule-kiro" run --supervised\n',
    );
    expect(renderUnit('/x')).not.toContain('{{');
  });
});

describe('systemd', () => {
  const given = (answers: Record<string, { exitCode?: number | null; stdout?: string; stderr?: string }> = {}) => {
    const { ran, run } = fakeRun((line) => answers[/(?:--user|loginctl) (\S+)/.exec(line)?.[1] ?? ''] ?? {});
    const host = tempHost({ run });
    return { ran, host: { ...host, env: { ...host.env, XDG_RUNTIME_DIR: '/run/user/7' } } };
  };

  test('keeps the unit in the user’s configuration, wherever that is', () => {
    const { host } = given();
    expect(systemd.file(host)).toBe(`${host.home}/.config/systemd/user/capsule-kiro.service`);
    expect(systemd.file({ ...host, env: { XDG_CONFIG_HOME: '/conf' } })).toBe(
      '/conf/systemd/user/capsule-kiro.service',
    );
  });

  test.each([`o'brien`, 'back\\slash', 'a" run; b', 'line\nbreak'])(
    'is not given a program in a folder called %j, which it would refuse to start',
    async (name) => {
      const { host } = given();
      const own = { ...host.own, program: `/home/${name}/bin/capsule-kiro` };
      expect(await systemd.render({ ...host, own })).toEqual({ why: expect.stringContaining('capsule-kiro') });
    },
  );

  test('takes in a new unit: read again, enabled, and started anew', async () => {
    const { host, ran } = given();
    expect(await systemd.enable(host)).toEqual({ from: 'now' });
    expect(ran).toEqual(
      ['daemon-reload', 'enable capsule-kiro.service', 'restart capsule-kiro.service'].map(
        (args) => `systemctl --user ${args}`,
      ),
    );
  });

  test('that cannot be reached takes the unit for the next login, and says why', async () => {
    const noBus = { exitCode: 1, stderr: 'Failed to connect to bus: No medium found\n' };
    const { host } = given({ 'daemon-reload': noBus, restart: noBus });
    expect(await systemd.enable(host)).toEqual({
      from: 'next-login',
      why: 'it cannot be started from here: Failed to connect to bus: No medium found',
    });
  });

  test('that refuses is quoted with its first line', async () => {
    const { host } = given({ enable: { exitCode: 1, stderr: 'Unit is masked\nmore\n' } });
    expect(await systemd.enable(host)).toEqual({
      from: 'never',
      why: 'systemctl --user enable capsule-kiro.service failed: Unit is masked',
    });
  });

  test('is found in a session that lacks its variable', async () => {
    const { host, ran } = given();
    await systemd.disable({ ...host, env: {} });
    expect(ran).toEqual([
      `/usr/bin/env XDG_RUNTIME_DIR=/run/user/${process.getuid?.()} systemctl --user disable --now capsule-kiro.service`,
    ]);
  });

  test.each([
    [{ stdout: 'enabled\n' }, { stdout: 'Linger=yes\n' }, true, 'enabled', true],
    [{ exitCode: 1, stdout: 'disabled\n' }, { stdout: 'Linger=no\n' }, false, 'disabled', false],
    [
      { exitCode: 1, stderr: 'Failed to connect to bus\nmore' },
      { exitCode: 1 },
      null,
      'Failed to connect to bus',
      null,
    ],
  ])('is asked whether it starts it, and whether that outlives a logout: %j, %j', async (...asked) => {
    const [enabled, linger, starts, said, outlivesLogout] = asked;
    const { host, ran } = given({ 'is-enabled': enabled, 'show-user': linger });
    const told = `systemctl --user is-enabled: ${said}`;
    expect(await systemd.ask(host)).toEqual({ starts, said: told, outlivesLogout });
    expect(ran).toEqual([
      'systemctl --user is-enabled capsule-kiro.service',
      'loginctl show-user dev --property=Linger',
    ]);
  });

  test.each([
    [0, true],
    [5, false],
    [null, false],
  ])('that answers a start with %s has started it: %s', async (exitCode, started) => {
    const { host, ran } = given({ start: { exitCode } });
    expect(await systemd.start(host)).toBe(started);
    expect(ran).toEqual(['systemctl --user start capsule-kiro.service']);
  });
});
