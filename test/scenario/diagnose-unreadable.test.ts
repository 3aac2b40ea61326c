/** Files of Kiro's that may not be read are told under their own ids, as a user whom permissions bind. */
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { PROGRAM } from '../helpers/machine.ts';
import { type CheckAnswer, healthyMachine } from '../helpers/sick-machine.ts';
import { isRoot } from '../helpers/unprivileged.ts';

const NOBODY = 65_534;

test('lists and sessions that may not be read are told, and the command that is named gives the right back', async () => {
  const { machine } = await healthyMachine();
  const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const run = (command: string, args: readonly string[]) =>
    spawnSync(command, args, { ...user, env: machine.env, encoding: 'utf8', cwd: machine.home });
  await machine.must(['stop']);
  if (isRoot) spawnSync('chown', ['-R', `${NOBODY}:${NOBODY}`, machine.folder]);
  expect(run(PROGRAM, ['start']).status).toBe(0);
  const amiss = (): CheckAnswer[] => {
    const checks = (JSON.parse(run(PROGRAM, ['diagnose', '--json']).stdout) as { checks: CheckAnswer[] }).checks;
    return checks.filter(({ status }) => status === 'warn' || status === 'fail' || status === 'unknown');
  };
  expect(amiss().map(({ id, evidence }) => `${id}: ${evidence}`)).toEqual([]);
  for (const [place, id] of [
    [path.join(machine.userData, 'User', 'globalStorage', 'storage.json'), 'workspaces.registry'],
    [path.join(machine.home, '.kiro', 'sessions'), 'sessions.readable'],
  ] as const) {
    chmodSync(place, 0o000);
    const found = amiss();
    expect(found.map((check) => check.id)).toContain(id);
    const command = found.find((check) => check.id === id)?.fix?.command ?? '';
    expect(command).toMatch(/^chmod /);
    expect(run('/bin/sh', ['-c', command.replaceAll('capsule-kiro', `'${PROGRAM}'`)]).status).toBe(0);
    expect(amiss().map((check) => `${check.id}: ${check.evidence}`)).toEqual([]);
  }
  expect(run(PROGRAM, ['stop']).status).toBe(0);
});
