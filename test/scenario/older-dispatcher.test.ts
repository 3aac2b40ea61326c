/** A dispatcher that an older version placed, and that stays where today's daemon does not look, rings all the same. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { toLines } from '../../src/cli/demo/script.ts';
import { runHook1x, stopPayload } from '../../src/cli/run-hook.ts';
import { aMachine, isAlive, type Machine, until } from '../helpers/machine.ts';
import { installAt, runPortal } from '../helpers/running-portal.ts';

const FIXTURES = new URL('../fixtures/', import.meta.url);
const OLDER = readdirSync(FIXTURES).filter((name) => name.startsWith('version-'));

/** As that version laid it out, in a folder of its own. */
function place(machine: Machine, version: string): string {
  const folder = path.join(machine.folder, version);
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'capsule-home'), `${machine.own.home}\n`);
  const script = path.join(folder, 'capsule-dispatch.sh');
  writeFileSync(script, readFileSync(new URL(`${version}/capsule-dispatch.sh`, FIXTURES)), { mode: 0o755 });
  return script;
}

test.each(OLDER)('the dispatcher of %s rings today’s daemon, and starts it when it is gone', async (version) => {
  const machine = aMachine();
  const portal = await runPortal(machine);
  await installAt(machine, portal);
  const script = place(machine, version);
  const session = machine.session('written');
  const ring = async (turn: number) => {
    const { before, after } = session.turns[turn] ?? { before: [], after: [] };
    machine.append(session, toLines(before));
    const where = { cwd: machine.workspace, env: machine.env };
    const run = await runHook1x(`'${script}' stdin`, stopPayload(session.id, machine.workspace), where);
    machine.append(session, toLines(after));
    return run;
  };
  expect(await ring(0)).toMatchObject({ exitCode: 0, output: '' });
  await until(async () => (await portal.events(session.id)).length > 0, 'events of the first turn arrive');
  const before = (await portal.events(session.id)).length;
  const pid = machine.daemonPid() ?? 0;
  await machine.killDaemon();
  expect(await ring(1)).toMatchObject({ exitCode: 0, output: '' });
  await until(() => machine.daemonPid() !== pid && isAlive(machine.daemonPid() ?? 0), 'a daemon was started');
  await until(async () => (await portal.events(session.id)).length > before, 'events of the second turn arrive');
});
