import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { systemd } from '../../src/service/systemd.ts';
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
      expect(verify(systemd.render(program))).toBe('');
    },
  );

  analyze.each([`o'brien "ob"`, 'back\\slash', 'a" run; b'])(
    'in a folder called %j is refused by systemd as one name that it does not start, and adds no other word',
    (name) => {
      const program = `/home/${name}/bin/capsule-kiro`;
      expect(verify(systemd.render(program))).toContain(`Executable name contains special characters: ${program}\n`);
    },
  );

  analyze('is checked by a systemd that would complain of a program that is not there', () => {
    expect(verify(systemd.render('/no/such/program'))).toContain('/no/such/program');
  });

  test('leaves no placeholder', () => {
    expect(systemd.render('/home/dev/bin/capsule-kiro')).toContain(
      'ExecStart="/home/dev/bin/capsule-kiro" run --supervised\n',
    );
    expect(systemd.render('/x')).not.toContain('{{');
  });
});

describe('systemd', () => {
  const given = (answers: Record<string, { exitCode?: number | null; stdout?: string; stderr?: string }> = {}) => {
    const { ran, run } = fakeRun((line) => answers[line.split(' ')[2] ?? ''] ?? {});
    return { ran, host: tempHost({ run }) };
  };

  test('keeps the unit in the user’s configuration, wherever that is', () => {
    const { host } = given();
    expect(systemd.file(host)).toBe(`${host.home}/.config/systemd/user/capsule-kiro.service`);
    expect(systemd.file({ ...host, env: { XDG_CONFIG_HOME: '/conf' } })).toBe(
      '/conf/systemd/user/capsule-kiro.service',
    );
  });

  test('takes in a new unit: read again, then enabled and started', async () => {
    const { host, ran } = given();
    expect(await systemd.enable(host)).toEqual({ from: 'now' });
    expect(ran).toEqual(['systemctl --user daemon-reload', 'systemctl --user enable --now capsule-kiro.service']);
  });

  test('that refuses is quoted with its first line', async () => {
    const { host } = given({ enable: { exitCode: 1, stderr: 'Failed to connect to bus\nmore\n' } });
    expect(await systemd.enable(host)).toEqual({
      from: 'never',
      why: 'systemctl --user enable capsule-kiro.service failed: Failed to connect to bus',
    });
  });

  test('forgets the unit and stops what runs by it', async () => {
    const { host, ran } = given({ disable: { exitCode: 1 } });
    await systemd.disable(host);
    expect(ran).toEqual(['systemctl --user disable --now capsule-kiro.service']);
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

  test.each([
    ['running', true],
    ['degraded', true],
    ['starting', true],
    ['offline', false],
    ['', false],
  ])('that says %j of itself is usable: %s, and never where it did not start the machine', async (says, usable) => {
    const { host } = given({ 'is-system-running': { exitCode: 1, stdout: `${says}\n` } });
    expect(await systemd.usable(host)).toBe(usable && existsSync('/run/systemd/system'));
  });
});
