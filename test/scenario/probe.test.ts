import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import type { Hop, ProbeReport } from '../../src/cli/probe/hop.ts';
import { aMachine, type Machine, until } from '../helpers/machine.ts';
import { installAt, type RunningPortal, runPortal } from '../helpers/running-portal.ts';
import { freezeDaemon, inShell } from '../helpers/sick-machine.ts';

interface Said {
  exitCode: number | null;
  probes: (ProbeReport & { arrived: boolean; stoppedAt: string | null })[];
}

async function probe(machine: Machine): Promise<Said> {
  const { exitCode, body } = await machine.json(['diagnose', '--probe']);
  if (body.probes === undefined) throw new Error(JSON.stringify(body));
  return { exitCode, probes: body.probes as Said['probes'] };
}

async function given(): Promise<{ machine: Machine; portal: RunningPortal }> {
  const machine = aMachine();
  const portal = await runPortal(machine);
  await installAt(machine, portal);
  machine.open();
  const hook = path.join(machine.workspace, '.kiro', 'hooks', 'capsule-stop.kiro.hook');
  await until(() => existsSync(hook), 'the workspace is attached');
  return { machine, portal };
}

/** Demands that a probe of each hook comes all the way. */
async function expectArrival(machine: Machine): Promise<void> {
  const { exitCode, probes } = await probe(machine);
  expect([exitCode, probes.map(({ arrived }) => arrived)]).toEqual([0, [true, true]]);
}

const statuses = (hops: readonly Hop[] = []) => hops.map(({ hop, status }) => `${hop} ${status}`);
const ALL_PASSED = ['hook', 'ring', 'daemon', 'outbox', 'request', 'portal'].map((hop) => `${hop} passed`);
const dispatcher = (machine: Machine) => path.join(machine.home, '.kiro', 'scripts', 'capsule-dispatch.sh');

test('a probe of each Kiro arrives, hop by hop in order, is noted at the portal and is nowhere in its data', async () => {
  const { machine, portal } = await given();
  const { exitCode, probes } = await probe(machine);
  expect(probes.map(({ generation, arrived }) => [generation, arrived])).toEqual([
    ['ide-1.x', true],
    ['ide-0.x', true],
  ]);
  expect(exitCode).toBe(0);
  for (const { hops } of probes) {
    expect(statuses(hops)).toEqual(ALL_PASSED);
    const times = hops.map(({ at }) => Number(at));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  }
  const { agents } = (await portal.get('/api/agents')).body as { agents: { id: string }[] };
  const { agent } = (await portal.get(`/api/agents/${agents[0]?.id}`)).body as { agent: Record<string, unknown> };
  expect(agent).toMatchObject({ events: 0, lastEventAt: null, lastProbe: { id: probes[1]?.id } });
  expect((await portal.get('/api/events')).body.events).toEqual([]);
  expect((await portal.get('/api/sessions')).body.sessions).toEqual([]);
  expect((await machine.json(['status'])).body.daemon).toMatchObject({ capture: { lastRing: null, coverage: [] } });
  expect(readdirSync(machine.own.rings)).toEqual([]);
});

test('where the way is broken, the hop is named with what puts it right, and that does', async () => {
  const { machine, portal } = await given();

  // The daemon is dead: the hook itself brings it back.
  await machine.killDaemon();
  const revived = await probe(machine);
  expect(revived.probes.map(({ arrived }) => arrived)).toEqual([true, true]);
  expect(revived.probes[0]?.hops[2]?.detail).toContain('after the hook had started it');

  // The portal is down.
  await portal.stop();
  const unheard = await probe(machine);
  expect([unheard.exitCode, unheard.probes[0]?.stoppedAt]).toEqual([3, 'portal']);
  expect(unheard.probes[0]?.hops[5]?.detail).toMatch(/refused|ECONNREFUSED|nobody|answer/i);
  await portal.again();

  // The dispatcher is gone, and no daemon is there to put it back.
  await machine.must(['stop']);
  rmSync(dispatcher(machine));
  const said = (await machine.capsule(['diagnose', '--probe'])).stdout;
  expect(said).toContain('FAIL ');
  expect(said).not.toContain(machine.home);
  const lost = await probe(machine);
  expect(lost.probes.map(({ stoppedAt }) => stoppedAt)).toEqual(['ring', 'hook']);
  const fix = lost.probes[0]?.hops[1]?.fix ?? '';
  expect(fix).toBe('capsule-kiro install');
  await inShell(machine, fix);
  await expectArrival(machine);
});

test('a daemon that hangs is named and not waited for, and the advice heals it', async () => {
  const { machine } = await given();
  const pid = await freezeDaemon(machine);
  const hung = await probe(machine);
  expect(hung.probes[0]?.stoppedAt).toBe('daemon');
  expect(hung.probes[0]?.hops[2]?.fix).toBe(`kill -9 ${pid}; capsule-kiro start`);
  await inShell(machine, hung.probes[0]?.hops[2]?.fix ?? '');
  await expectArrival(machine);
});

test('a daemon that stands by because of its database is named with why, and the advice heals it', async () => {
  const { machine } = await given();
  await machine.must(['stop']);
  const database = new DatabaseSync(machine.own.database);
  database.exec('PRAGMA user_version = 99');
  database.close();
  await machine.capsule(['start']);
  const standing = await probe(machine);
  expect(standing.probes[0]?.stoppedAt).toBe('daemon');
  expect(standing.probes[0]?.hops[2]?.detail).toContain('the daemon stands by: ');
  expect(standing.probes[0]?.hops[2]?.fix).toContain('move the file away');
  rmSync(machine.own.database);
  await machine.must(['restart']);
  await expectArrival(machine);
});

test('a portal that does not take the credential stops the probe there, with what to do', async () => {
  const { machine } = await given();
  const credential = JSON.parse(readFileSync(machine.own.credential, 'utf8')) as { token: string };
  writeFileSync(machine.own.credential, JSON.stringify({ ...credential, token: 'no-token' }));
  await machine.must(['stop']);
  await machine.must(['start']);
  const { exitCode, probes } = await probe(machine);
  expect([exitCode, probes[0]?.stoppedAt]).toEqual([3, 'portal']);
  expect(probes[0]?.hops.at(-1)?.fix).toContain('diagnose --only token');
});

test('without an installed hook there is nothing to run', async () => {
  const { exitCode, stdout } = await aMachine().capsule(['diagnose', '--probe']);
  expect([exitCode, stdout]).toEqual([3, expect.stringContaining('capsule-kiro install')]);
});

test('a hook that fails, one that is gone or switched off, and a command that is not trusted are seen as Kiro sees them', async () => {
  const { machine } = await given();
  writeFileSync(dispatcher(machine), '#!/bin/sh\necho noise >&2\nexit 3\n');
  chmodSync(dispatcher(machine), 0o700);
  await machine.must(['stop']);
  const [of1x, of0x] = (await probe(machine)).probes;
  expect(statuses(of1x?.hops).slice(0, 3)).toEqual(['hook passed', 'ring failed', 'daemon skipped']);
  expect(of0x?.hops[0]).toMatchObject({ status: 'failed', detail: expect.stringContaining('exit code 3') });

  const hook = path.join(machine.home, '.kiro', 'hooks', 'capsule-stop.json');
  const text = readFileSync(hook, 'utf8');
  writeFileSync(hook, text.replace('"enabled": true', '"enabled": false'));
  // Of the workspace's own hook for 1.x there must be none, or that one is tried.
  rmSync(path.join(machine.workspace, '.kiro', 'hooks', 'capsule-stop.json'));
  writeFileSync(machine.settingsFile, '{}');
  const gone = (await probe(machine)).probes;
  expect(gone[0]?.hops[0]).toMatchObject({ status: 'failed', fix: 'Switch it on in Kiro, under Agent Hooks' });
  expect(gone[0]?.hops[0]?.detail).toContain('the hook is switched off in ');
  expect(gone[1]?.hops[0]).toMatchObject({ status: 'failed', fix: 'capsule-kiro install' });
  expect(gone[1]?.hops[0]?.detail).toContain('would ask first');
});
