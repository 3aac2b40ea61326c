/** Each breakage of our own program, files and daemon is told under its own id, and its own advice heals it. That only the next is told proves that the one before is healed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, test } from '@jest/globals';
import { toLines } from '../../src/cli/demo/script.ts';
import { aMachine, until } from '../helpers/machine.ts';
import { installAt, runPortal } from '../helpers/running-portal.ts';
import { freezeDaemon, healthyMachine, sick as sickOf } from '../helpers/sick-machine.ts';

const editors: ChildProcess[] = [];
afterEach(() => {
  for (const editor of editors.splice(0)) editor.kill('SIGKILL');
});

describe('our own files', () => {
  test('open modes, broken settings and half an install are told and healed', async () => {
    const sick = await healthyMachine();
    const { own, home } = sick.machine;

    chmodSync(own.credential, 0o644);
    chmodSync(path.join(home, '.kiro', 'scripts', 'capsule-dispatch.sh'), 0o777);
    const modes = await sick.only('files.modes');
    expect(modes.evidence).toHaveLength(2);
    const plan = await sick.machine.capsule(['diagnose', '--fix', '--dry-run']);
    expect(plan.stdout).toContain('credential.json: mode 644 → 600');
    await sick.only('files.modes');
    expect(await sick.obey(modes)).toContain('Repaired:');

    const settings = readFileSync(own.settings, 'utf8');
    writeFileSync(own.settings, '{ "portal.url": ');
    expect((await sick.only('settings.valid')).fix?.say).toBe('Correct or delete it.');
    writeFileSync(own.settings, settings);

    rmSync(own.program);
    await sick.obey(await sick.only('install.present'));
    await sick.healthy();
  });
});

describe('the daemon', () => {
  test('that is dead, hangs, or has a socket open to others is told and brought back', async () => {
    const sick = await healthyMachine();
    const { machine } = sick;

    await machine.killDaemon();
    await sick.obey(await sick.only('daemon.running'));

    chmodSync(machine.own.socket, 0o666);
    await sick.obey(await sick.only('socket.answers'));

    const pid = await freezeDaemon(machine);
    const hung = await sick.only('daemon.running');
    expect(hung.fix?.command).toBe(`kill -9 ${pid}; capsule-kiro start`);
    expect((await machine.capsule(['status'])).stdout).toContain(`kill -9 ${pid}; capsule-kiro start`);
    expect(hung.evidence.join()).toContain('does not answer');
    await sick.obey(hung);
    await sick.healthy();
  });

  test('whose database is held, damaged, or of a newer version is told, and what heals it', async () => {
    const sick = await healthyMachine();
    const { machine } = sick;
    await machine.killDaemon();

    const holder = new DatabaseSync(machine.own.database, { timeout: 5_000 });
    holder.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT');
    expect((await sick.troubles()).map(({ id, status }) => [id, status])).toEqual([
      ['daemon.running', 'fail'],
      ['outbox.intact', 'unknown'],
    ]);
    holder.exec('PRAGMA locking_mode = NORMAL; PRAGMA user_version = 99');
    holder.close();

    await sick.obey(await sick.only('daemon.running'));
    const standsBy = await sick.only('daemon.running');
    expect(standsBy.evidence.join()).toContain('written by a newer version');
    expect(standsBy.fix?.say).toContain('move the file away');
    rmSync(machine.own.database);
    await sick.obey(standsBy);

    await machine.killDaemon();
    for (const ending of ['-wal', '-shm']) rmSync(machine.own.database + ending, { force: true });
    writeFileSync(machine.own.database, 'this was a database');
    const [, damaged] = await sick.troubles();
    expect(damaged?.id).toBe('outbox.intact');
    if (damaged === undefined) throw new Error('not told');
    await sick.obey(damaged);
    await sick.obey(await sick.only('outbox.intact'));
    await sick.healthy();
  });
});

describe('what Kiro does', () => {
  test('a Kiro older than its hook, and a folder in which nothing rings, are told until it was restarted', async () => {
    const machine = aMachine();
    machine.open();
    // Other tests look at the programs of this machine meanwhile: here alone this one is called Kiro.
    const program = path.join(machine.folder, 'kiro-here');
    copyFileSync('/bin/sleep', program);
    const bin = path.join(machine.folder, 'bin');
    mkdirSync(bin);
    writeFileSync(path.join(bin, 'ps'), '#!/bin/sh\n/bin/ps "$@" | sed "s/kiro-here$/kiro/"\n', {
      mode: 0o755,
    });
    machine.env.PATH = `${bin}:${machine.env.PATH}`;
    const openKiro = () => {
      editors.push(spawn(program, ['600'], { stdio: 'ignore' }));
    };
    openKiro();
    const began = Date.now();
    const portal = await runPortal(machine);
    // Ages of processes are told in whole seconds.
    await until(() => Date.now() - began > 3_000, 'Kiro has run for a while');
    await installAt(machine, portal);
    const sick = sickOf(machine, portal);
    expect((await sick.only('kiro.restarted')).fix?.say).toBe('Restart Kiro');

    const session = machine.session('recorded');
    const [first, second] = session.turns;
    machine.append(session, toLines([...(first?.before ?? []), ...(first?.after ?? [])]));
    await machine.must(['restart']);
    await until(
      async () => (await sick.troubles()).some(({ id }) => id === 'capture.coverage'),
      'a turn without a ring',
    );
    await sick.only('kiro.restarted', 'capture.coverage');

    for (const editor of editors.splice(0)) editor.kill('SIGKILL');
    openKiro();
    await machine.playTurn(session, second);
    await until(async () => (await sick.troubles()).length === 0, 'the turn has rung');
  });

  test('a record of an unknown kind is told by its name', async () => {
    const sick = await healthyMachine();
    const { machine } = sick;
    const session = machine.session('written');
    const [first] = session.turns;
    machine.append(session, toLines(first?.before ?? []));
    machine.append(
      session,
      '{"id":"h-1","timestamp":"2026-09-03T12:00:00.000Z","payload":{"type":"hologram"}}\nno JSON\n',
    );
    await machine.playTurn(session, { before: [], after: first?.after ?? [] });
    await until(async () => (await sick.troubles()).length > 0, 'it was read');
    const { evidence } = await sick.only('capture.unknown');
    expect(evidence).toContain('1 record malformed or too long');
    expect(evidence.join()).toContain('hologram');
  });
});

test('diagnose answers without a home, before any install, and knows no check of another name', async () => {
  const machine = aMachine();
  const before = await machine.json(['diagnose']);
  expect(before.exitCode).toBe(3);
  expect(before.body.summary).toMatchObject({ fail: 1 });
  const env = machine.env;
  machine.env.HOME = path.join(machine.folder, 'nowhere');
  const homeless = await machine.capsule(['diagnose']);
  machine.env = env;
  expect(homeless.exitCode).toBe(3);
  expect(homeless.stdout).toContain('install.present');
  expect((await machine.capsule(['diagnose', '--only', 'hook.nothing'])).exitCode).toBe(2);
  expect((await machine.capsule(['diagnose', '--list', '--only', 'portal'])).stdout).toMatch(/^portal\.name /);
});
