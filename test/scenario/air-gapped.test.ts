/** A machine without a way to the portal: what it captured is carried there by hand. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { aMachine, until } from '../helpers/machine.ts';
import { runPortal } from '../helpers/running-portal.ts';

test('events of a machine without a portal are exported, imported once, and forgotten by the receipt', async () => {
  const machine = aMachine();
  await machine.must(['config', 'set', 'kiro.appDir', `${machine.folder}/no-kiro`]);
  await machine.capsule(['install', '--no-service']);
  machine.open();
  const session = machine.session('written');
  await machine.playTurn(session, session.turns[0]);
  await until(async () => (await machine.must(['events', '--last', '1000'])).includes('turn end'), 'the turn');
  const file = path.join(machine.folder, 'out.gz');
  expect(await machine.must(['events', '--export', file])).toContain('they stay here, too');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await machine.capsule(['events', '--export', file])).exitCode).toBe(1);

  const portal = await runPortal(machine);
  const receipt = path.join(machine.folder, 'receipt.json');
  const take = async () =>
    JSON.parse(
      await machine.must(['portal', 'import', file, '--data', portal.data, '--receipt', receipt, '--json']),
    ) as { accepted: number; duplicates: number };
  const { accepted } = await take();
  expect(accepted).toBeGreaterThan(3);
  expect(await portal.events(session.id)).toHaveLength((await portal.events()).length);
  expect(await portal.events()).toHaveLength(accepted);
  expect(await take()).toMatchObject({ accepted: 0, duplicates: accepted });
  expect(await portal.events()).toHaveLength(accepted);

  expect((await machine.capsule(['events', '--acknowledge', receipt])).stderr).toMatch(/running|holds/);
  await machine.must(['stop']);
  writeFileSync(`${receipt}.cut`, readFileSync(receipt).subarray(0, 40));
  expect((await machine.capsule(['events', '--acknowledge', `${receipt}.cut`])).exitCode).toBe(1);
  expect(await machine.must(['events', '--acknowledge', receipt])).toMatch(/left the outbox; 0 events wait/);
});
