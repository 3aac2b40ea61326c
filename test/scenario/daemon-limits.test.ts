/** A daemon where the system gives less than it should: no watches, no file descriptors, no locks, no syncs, no runtime folder. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { daemonState } from '../../src/cli/daemon-state.ts';
import { factsOfTurn } from '../../src/cli/demo/facts.ts';
import type { DemoSession, DemoTurn } from '../../src/cli/demo/script.ts';
import { aMachine, longRunning, type Machine, until } from '../helpers/machine.ts';
import { installAt, runPortal } from '../helpers/running-portal.ts';
import { attach, hasStrace } from '../helpers/strace.ts';

const RUNS = /The daemon runs/;
const NOTHING = { missing: [], surplus: [] };
const withStrace = hasStrace ? describe : describe.skip;

/** `run`, with some of its system calls failing from the beginning. */
function runWith(machine: Machine, faults: string) {
  const wrapper = path.join(machine.folder, 'with-faults');
  writeFileSync(wrapper, `#!/bin/sh\nexec strace -f -o /dev/null ${faults} "$@"\n`);
  chmodSync(wrapper, 0o755);
  return longRunning(machine, ['run'], wrapper);
}

const troubleCodes = async (machine: Machine) => {
  const { body } = await machine.json(['status']);
  return ((body.troubles ?? []) as { code: string }[]).map(({ code }) => code);
};
const first = (session: DemoSession) => session.turns[0] as DemoTurn;

withStrace('a system (skipped without strace: install it)', () => {
  test('that has no watches left makes turns late, loses none, and is named in status', async () => {
    const machine = aMachine();
    const portal = await runPortal(machine);
    await installAt(machine, portal);
    await machine.must(['stop']);
    await runWith(machine, '-e inject=inotify_add_watch:error=ENOSPC').said(RUNS);
    await until(async () => {
      const state = await daemonState(machine.own);
      return typeof state === 'object' && state.capture.lastSweep !== null;
    }, 'everything was looked at once');
    const session = machine.session('written');
    expect(await machine.playTurn(session, first(session))).toMatchObject({ exitCode: 0, output: '' });
    expect(await portal.arrival(session.id, [`session.started ${session.id}`, ...factsOfTurn(first(session))])).toEqual(
      NOTHING,
    );
    await until(() => readdirSync(machine.own.rings).length === 0, 'the ring is taken');
    expect(await troubleCodes(machine)).toContain('no-watches-left');
    const dispatcher = path.join(machine.home, '.kiro', 'scripts', 'capsule-dispatch.sh');
    rmSync(dispatcher);
    await until(() => existsSync(dispatcher), 'what drifted is put right without a watch');
  });

  test('that has no file descriptors left for a while costs that while', async () => {
    const machine = aMachine();
    const portal = await runPortal(machine);
    await installAt(machine, portal);
    const session = machine.session('written');
    const pid = machine.daemonPid();
    const trace = path.join(machine.folder, 'trace');
    const tracer = await attach(pid, ['-e', 'inject=openat,socket,accept4:error=EMFILE', '-o', trace]);
    expect(await machine.playTurn(session, first(session))).toMatchObject({ exitCode: 0, output: '' });
    await until(() => /rings".*EMFILE.*INJECTED/.test(readFileSync(trace, 'utf8')), 'it looked for rings in vain');
    await tracer.stop();
    expect(await portal.arrival(session.id, [`session.started ${session.id}`, ...factsOfTurn(first(session))])).toEqual(
      NOTHING,
    );
    expect(machine.daemonPid()).toBe(pid);
  });

  test('whose disk is full is named in status, while the hook notices nothing', async () => {
    const machine = aMachine();
    await machine.capsule(['install', '--no-service']);
    const session = machine.session('written');
    const tracer = await attach(machine.daemonPid(), ['-e', 'inject=pwrite64:error=ENOSPC', '-o', '/dev/null']);
    expect(await machine.playTurn(session, first(session))).toMatchObject({ exitCode: 0, output: '' });
    await until(async () => (await troubleCodes(machine)).includes('disk-full'), 'status names it');
    await tracer.stop();
  });

  test('whose disk knows no locks is told apart from a daemon that runs', async () => {
    const machine = aMachine();
    mkdirSync(machine.own.home, { recursive: true });
    writeFileSync(machine.own.database, '');
    const ran = await runWith(machine, `-P '${machine.own.database}' -e inject=fcntl:error=ENOLCK`).said(
      /.*is locked.*\n.+/,
    );
    expect(ran).toMatch(/is locked, but no daemon answers[\s\S]*has no locks/);
  });

  test.each(['ENOSYS', 'EINVAL'])('whose disk cannot sync (%s) makes the daemon stand by and say so', async (error) => {
    const machine = aMachine();
    mkdirSync(machine.own.home, { recursive: true });
    writeFileSync(machine.own.database, '');
    const files = ['', '-wal', '-journal'].map((ending) => `-P '${machine.own.database}${ending}'`).join(' ');
    runWith(machine, `${files} -e inject=fsync,fdatasync:error=${error}`);
    await until(async () => (await troubleCodes(machine)).includes('daemon-stands-by'), 'it stands by');
    expect((await machine.capsule(['status'])).stdout).toMatch(/agent\.db cannot be opened[\s\S]*local disk/);
  });
});

test('a runtime folder that goes with the last logout takes nothing of the daemon along', async () => {
  const machine = aMachine();
  const runtime = path.join(machine.folder, 'run-user');
  mkdirSync(runtime, { mode: 0o700 });
  await longRunning({ ...machine, env: { ...machine.env, XDG_RUNTIME_DIR: runtime } }, ['run']).said(RUNS);
  rmSync(runtime, { recursive: true });
  expect(await daemonState(machine.own)).toMatchObject({ pid: machine.daemonPid() });
  // Nor does one that a hook sees and the daemon did not: where the socket is stands in a file of ours.
  expect((await machine.json(['status'])).body.daemon).toMatchObject({ pid: machine.daemonPid() });
});

test('`run` without an install reads sessions, places no hook and says so', async () => {
  const machine = aMachine();
  machine.open();
  await longRunning(machine, ['run']).said(RUNS);
  const state = await until(async () => {
    const found = await daemonState(machine.own);
    return typeof found === 'object' && found.capture.lastSweep !== null && found.workspaces.known > 0 ? found : null;
  }, 'everything was looked at');
  expect(state.workspaces).toMatchObject({ known: 1, attached: 0 });
  for (const place of [machine.workspace, machine.home]) {
    const hooks = path.join(place, '.kiro', 'hooks');
    expect(existsSync(hooks) ? readdirSync(hooks) : []).toEqual([]);
  }
  expect(await troubleCodes(machine)).toContain('not-installed');
  const { exitCode, stdout } = await machine.capsule(['status']);
  expect([exitCode, stdout]).toEqual([3, expect.stringMatching(/capsule-kiro install/)]);
});
