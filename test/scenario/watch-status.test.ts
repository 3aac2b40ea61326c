import { expect, test } from '@jest/globals';
import { aMachine, longRunning } from '../helpers/machine.ts';
import { installAt, runPortal } from '../helpers/running-portal.ts';

test('who watches through a pipe gets a line for each change and none for what only grows older', async () => {
  const machine = aMachine();
  const portal = await runPortal(machine);
  const watching = longRunning(machine, ['status', '--watch']);
  await watching.said(/no daemon at work/);
  await installAt(machine, portal);
  await watching.said(/portal idle/);
  const json = longRunning(machine, ['status', '--watch', '--json']);
  await json.said(/"daemon":\{/);
  const session = machine.session('written');
  await machine.playTurn(session, session.turns[0]);
  await watching.said(/, [1-9]\d* delivered/);
  await json.said(/"delivered":[1-9]/);
  await machine.must(['stop']);
  await watching.said(/delivered[\s\S]*no daemon at work: daemon-down/);

  const { exitCode, stdout } = await watching.stop();
  expect(exitCode).toBe(3);
  const said = stdout
    .trim()
    .split('\n')
    .map((line) => line.slice('2026-09-03T12:00:00.000Z  '.length));
  for (const [index, line] of said.entries()) expect(line).not.toBe(said[index - 1]);
  const lines = (await json.stop()).stdout.trim().split('\n');
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ schemaVersion: 1, time: expect.any(String) });
});
