import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { factsOfTurn } from '../../src/cli/demo/facts.ts';
import { toLines } from '../../src/cli/demo/script.ts';
import { aMachine, until } from '../helpers/machine.ts';
import { installAt, runPortal } from '../helpers/running-portal.ts';

const NOTHING = { missing: [], surplus: [] };

test('every fact stands in the portal once, although the hook ran twice, the daemon was killed in the middle of a turn, and the portal was down', async () => {
  const machine = aMachine();
  const portal = await runPortal(machine);
  await installAt(machine, portal);
  machine.open();
  await until(
    () => existsSync(path.join(machine.workspace, '.kiro', 'hooks', 'capsule-stop.kiro.hook')),
    'the workspace is attached',
  );

  const session = machine.session('written');
  const [first, second, third] = session.turns;
  if (first === undefined || second === undefined || third === undefined)
    throw new Error('the session has three turns');
  const started = `session.started ${session.id}`;

  // The hook runs twice for the first turn, once from each hook file.
  machine.append(session, toLines(first.before));
  const hooks = [await machine.hook1x(session), await machine.hook0x()];
  machine.append(session, toLines(first.after));
  const facts = [started, ...factsOfTurn(first)];
  expect(await portal.arrival(session.id, facts)).toEqual(NOTHING);

  // The portal goes away. In the second turn the daemon dies with half a line on disk; the next hook brings it back.
  await portal.stop();
  const lines = toLines(second.before);
  machine.append(session, lines.slice(0, lines.length / 2));
  hooks.push(await machine.hook1x(session));
  const firstPid = machine.daemonPid();
  await machine.killDaemon();
  machine.append(session, lines.slice(lines.length / 2));
  hooks.push(await machine.hook1x(session), await machine.hook1x(session));
  machine.append(session, toLines(second.after));
  await until(
    async () => machine.daemonPid() !== firstPid && (await machine.json(['status'])).body.daemon !== null,
    'the hook started a new daemon',
  );

  // Killed once more, while the events wait in its outbox.
  await until(
    async () => outbox((await machine.json(['status'])).body) >= factsOfTurn(second).length,
    'the second turn waits in the outbox',
  );
  await machine.killDaemon();
  await portal.again();
  await machine.must(['start']);
  facts.push(...factsOfTurn(second));
  expect(await portal.arrival(session.id, facts)).toEqual(NOTHING);

  hooks.push(await machine.playTurn(session, third));
  facts.push(...factsOfTurn(third));
  expect(await portal.arrival(session.id, facts)).toEqual(NOTHING);
  expect(hooks.map(({ exitCode, output }) => ({ exitCode, output }))).toEqual(
    hooks.map(() => ({ exitCode: 0, output: '' })),
  );
  await until(async () => outbox((await machine.json(['status'])).body) === 0, 'the outbox is empty');
});

function outbox(status: Record<string, unknown>): number {
  const daemon = status.daemon as { outbox: { events: number } } | null;
  return daemon?.outbox.events ?? 0;
}
