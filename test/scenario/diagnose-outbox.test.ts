/** What becomes of events that cannot leave, or not stay, is told under its own id, and its own advice heals it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { httpPortal } from '../helpers/http-portal.ts';
import { aMachine, until } from '../helpers/machine.ts';
import { installAt, runPortal } from '../helpers/running-portal.ts';
import { healthyMachine, sick as sickOf, untilDelivered } from '../helpers/sick-machine.ts';

test('events that wait long, and events that had to go, are told until they left, or the bound is raised', async () => {
  const sick = await healthyMachine();
  const { machine, portal } = sick;
  const session = machine.session('written');
  await portal.stop();
  await machine.playTurn(session, session.turns[0]);
  await until(async () => (await machine.must(['events'])).includes('waits'), 'events wait');

  await machine.must(['stop']);
  const database = new DatabaseSync(machine.own.database);
  database.exec("UPDATE event SET taken = '2026-01-01T00:00:00.000Z'");
  database.close();
  expect((await sick.only('daemon.running', 'outbox.depth', 'portal.reachable')).id).toBe('daemon.running');
  await machine.must(['start']);
  const depth = await sick.only('outbox.depth', 'portal.reachable');
  expect(depth.evidence.join()).toMatch(/events .*, the oldest \d+ days ago,they wait because/);
  expect(await sick.obey(depth)).toContain('portal.reachable');

  await machine.must(['config', 'set', 'outbox.maxBytes', '3000']);
  await machine.playTurn(session, session.turns[1]);
  await until(async () => (await sick.troubles('--only', 'outbox.gaps')).length > 0, 'events had to go');
  await portal.again();
  await untilDelivered(machine);
  const gaps = await sick.only('outbox.gaps');
  expect(gaps.evidence.join()).toMatch(/^\d+ events? removed so far, the last .* by the bound outbox.maxBytes/);
  expect(gaps.fix?.command).toBe('capsule-kiro config set outbox.maxBytes 6000');
  await sick.obey(gaps);
  await sick.healthy();
});

test('events that the portal refuses are told as long as they are kept aside', async () => {
  const machine = aMachine();
  machine.open();
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  const { url } = await httpPortal((asked) => {
    if (asked.path === '/v1/enroll') return { status: 200, body: { credential: 'device', expiresAt, org: 'default' } };
    if (asked.path === '/api/health') return { status: 200, body: { ok: true, version: '0.1.0' } };
    if (asked.path !== '/v1/events') return { status: 200 };
    const rejected = asked.events.map(({ id }) => ({ id, code: 'schema', message: 'not understood' }));
    return { status: 200, body: { accepted: 0, duplicates: 0, rejected } };
  });
  await machine.must(['config', 'set', 'kiro.appDir', path.join(machine.folder, 'no-kiro')]);
  await machine.must(['install', '--portal', url, '--code-stdin', '--no-service'], 'code');
  const session = machine.session('written');
  await machine.playTurn(session, session.turns[0]);
  const look = async () => (await machine.json(['diagnose'])).body as { checks: { id: string; status: string }[] };
  const amiss = async () => (await look()).checks.filter(({ status }) => status !== 'pass' && status !== 'skip');
  const ids = async () => (await amiss()).map(({ id }) => id).join();
  await until(async () => (await ids()) === 'outbox.rejected', 'they were refused, and nothing else is amiss');
});

const mayMount =
  process.platform === 'linux' &&
  spawnSync('sh', ['-c', 'd=$(mktemp -d) && mount -t tmpfs tmpfs "$d" && umount "$d" && rmdir "$d"']).status === 0;

(mayMount ? describe : describe.skip)('a full disk (skipped without the right to mount: run as root)', () => {
  test('is told, loses nothing, and is healed by making room', async () => {
    const machine = aMachine();
    mkdirSync(machine.own.home, { recursive: true, mode: 0o700 });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=700m,mode=700', 'tmpfs', machine.own.home]);
    machine.open();
    const portal = await runPortal(machine);
    await installAt(machine, portal);
    const sick = sickOf(machine, portal);

    const movies = path.join(machine.own.home, 'movies');
    const leave = (mebibytes: number) => {
      const { bavail, bsize } = statfsSync(machine.own.home);
      execFileSync('fallocate', ['-l', String(bavail * bsize - mebibytes * 1024 * 1024), movies]);
      chmodSync(movies, 0o600);
    };
    try {
      leave(300);
      expect(await sick.only('disk.space')).toMatchObject({ status: 'warn', fix: { say: 'Make room on that disk' } });
      rmSync(movies);
      leave(0);
      expect((await sick.only('disk.space')).status).toBe('fail');
      const session = machine.session('written');
      await machine.playTurn(session, session.turns[0]);
      rmSync(movies);
      await machine.playTurn(session, session.turns[1]);
      await until(async () => (await portal.events(session.id)).filter(isEnd).length === 2, 'both turns arrive');
      await sick.healthy();
    } finally {
      await machine.killDaemon();
      execFileSync('umount', [machine.own.home]);
    }
  });
});

const isEnd = ({ kind }: CapsuleEvent) => kind === 'turn.ended';
