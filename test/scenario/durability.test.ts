/** Nothing that Kiro recorded is lost or told twice, whatever happens to the daemon's process and to its disk. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { daemonState } from '../../src/cli/daemon-state.ts';
import { type FactName, factsOfTurn } from '../../src/cli/demo/facts.ts';
import { type DemoSession, type DemoTurn, toLines } from '../../src/cli/demo/script.ts';
import { askDaemon } from '../../src/relay/local-client.ts';
import { aMachine, type Machine, until } from '../helpers/machine.ts';
import { turnAgain } from '../helpers/many-turns.ts';
import { installAt, type RunningPortal, runPortal } from '../helpers/running-portal.ts';
import { attach, hasStrace, inject } from '../helpers/strace.ts';

const NOTHING = { missing: [], surplus: [] };
/** `KILL_ROUNDS=100` is what CI runs. */
const ROUNDS = Number(process.env.KILL_ROUNDS ?? 5);

let machine: Machine;
let portal: RunningPortal;
let session: DemoSession;
let turn: DemoTurn;
let facts: FactName[];
beforeEach(async () => {
  machine = aMachine();
  portal = await runPortal(machine);
  await installAt(machine, portal);
  session = machine.session('written');
  const [first] = session.turns;
  if (first === undefined) throw new Error('the session has turns');
  turn = first;
  facts = [`session.started ${session.id}`];
});

/** A turn that nobody has seen yet. */
function nextTurn(n: number): DemoTurn {
  const again = turnAgain(turn, n);
  facts.push(...factsOfTurn(again));
  return again;
}
const state = async () => {
  const found = await daemonState(machine.own);
  return typeof found === 'object' ? found : undefined;
};
const log = () => readFileSync(machine.own.log, 'utf8');

test(
  `${ROUNDS} times killed in the middle of its work, the daemon tells every fact once`,
  async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await machine.must(['start']);
      await until(async () => (await state())?.capture.lastSweep, 'everything was looked at');
      const { before, after } = nextTurn(round);
      const lines = toLines(before);
      machine.append(session, lines);
      const hook = machine.hook1x(session);
      machine.append(session, toLines(after));
      // Anywhere between the ring and the portal's answer: chance is the point.
      await wait(Math.random() * 120);
      await machine.killDaemon();
      expect(await hook).toMatchObject({ exitCode: 0, output: '' });
      await machine.killDaemon();
    }
    await machine.must(['start']);
    expect(await portal.arrival(session.id, facts)).toEqual(NOTHING);
    await until(async () => (await state())?.outbox.events === 0, 'nothing waits');
    expect((await state())?.outbox.damage).toBeNull();
  },
  60_000 + ROUNDS * 5_000,
);

(hasStrace ? describe : describe.skip)('a disk (skipped without strace: install it)', () => {
  test.each([
    ['that is full', 'pwrite64:error=ENOSPC', /disk is full|outbox cannot be used/],
    ['beyond its quota', 'pwrite64:error=EDQUOT', /disk I\/O error|outbox/],
    ['that fails to sync', 'fsync,fdatasync:error=EIO', /disk I\/O error|outbox broke/],
  ])(
    '%s costs nothing but time: the hook returns, the daemon lives, and all facts arrive once it works again',
    async (_, fault, said) => {
      const pid = machine.daemonPid();
      await machine.playTurn(session, nextTurn(1));
      await portal.arrival(session.id, facts);
      const injected = await inject(machine.daemonPid(), fault);
      expect(await machine.playTurn(session, nextTurn(2))).toMatchObject({ exitCode: 0, output: '' });
      await until(() => said.test(log()), `the log tells of it: ${fault}`);
      await injected.stop();
      await until(
        async () => (await state()) !== undefined || (await askDaemon(machine.own, 'GET', '/v1/status')) !== undefined,
        'it answers',
      );
      await machine.must(['restart']).catch(() => machine.must(['start']));
      expect(machine.daemonPid()).not.toBe(pid);
      expect(await portal.arrival(session.id, facts)).toEqual(NOTHING);
    },
  );

  test('is asked to sync twice for a turn at most: what there is at the ring, and the rest', async () => {
    await machine.playTurn(session, nextTurn(1));
    await portal.arrival(session.id, facts);
    await until(async () => (await state())?.capture.openTurns === 0, 'the turn is over');
    const trace = path.join(machine.folder, 'syncs');
    // Of its own database: a workspace may be attached meanwhile, which is written down elsewhere.
    const tracer = await attach(machine.daemonPid(), ['-y', '-e', 'trace=fsync,fdatasync', '-o', trace]);
    await machine.playTurn(session, nextTurn(2));
    await portal.arrival(session.id, facts);
    await until(async () => (await state())?.outbox.events === 0, 'nothing waits');
    await tracer.stop();
    expect(readFileSync(trace, 'utf8').match(/sync\(.*agent\.db/g)?.length).toBeLessThanOrEqual(2);
  });

  test('that takes a whole second for each sync keeps nobody waiting, and loses nothing', async () => {
    // Attaching a workspace syncs a dozen times by itself; it is not what is looked at here.
    machine.open();
    await until(async () => (await state())?.workspaces.attached === 1, 'the workspace is attached');
    const injected = await inject(machine.daemonPid(), 'fsync,fdatasync:delay_exit=1000000');
    expect(await machine.playTurn(session, nextTurn(1))).toMatchObject({ exitCode: 0, output: '' });
    expect(await machine.playTurn(session, nextTurn(2))).toMatchObject({ exitCode: 0, output: '' });
    expect(await portal.arrival(session.id, facts)).toEqual(NOTHING);
    await injected.stop();
  });
});
