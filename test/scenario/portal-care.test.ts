/** What an administrator does to a portal's data while it runs. */
import { cpSync, existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { aMachine, until } from '../helpers/machine.ts';
import { installAt, runPortal } from '../helpers/running-portal.ts';

test('a backup of a running portal is whole, its owner’s alone, and another portal goes on from it', async () => {
  const machine = aMachine();
  machine.open();
  const portal = await runPortal(machine);
  await installAt(machine, portal);
  const session = machine.session('written');
  await machine.playTurn(session, session.turns[0]);
  await until(async () => (await portal.events(session.id)).length > 0, 'the first events at the portal');
  const file = path.join(machine.folder, 'backup.db');
  expect(await machine.must(['portal', 'backup', file, '--data', portal.data])).toContain('as it was at one moment');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await machine.capsule(['portal', 'backup', file, '--data', portal.data])).exitCode).toBe(1);
  const events = await portal.events();
  await portal.stop();

  const data = path.join(machine.folder, 'restored');
  mkdirSync(data);
  cpSync(file, path.join(data, 'portal.db'));
  expect(await machine.must(['portal', 'verify', '--data', data])).toMatch(
    /^✓ org_\w+: \d+ links? fit; the last is #\d+ [0-9a-f]{64}$/m,
  );
  const copy = new DatabaseSync(path.join(data, 'portal.db'), { readOnly: true });
  const copied = copy
    .prepare('SELECT event_id AS id FROM events')
    .all()
    .map(({ id }) => String(id));
  expect(copied.length).toBeGreaterThan(0);
  expect(events.map(({ id }) => id)).toEqual(expect.arrayContaining(copied));
  copy.close();
});

test('verify names the first place where what is stored is not what was stored, and ends with 1', async () => {
  const machine = aMachine();
  const data = path.join(machine.folder, 'portal');
  await machine.must(['portal', 'key', '--data', data]);
  await machine.must(['portal', 'key', '--data', data]);
  expect(await machine.must(['portal', 'verify', '--data', data])).toContain('✓');
  const database = new DatabaseSync(path.join(data, 'portal.db'));
  database.exec("UPDATE acts SET actor = 'somebody else' WHERE seq = 2");
  database.close();
  const ran = await machine.capsule(['portal', 'verify', '--data', data]);
  expect(ran.exitCode).toBe(1);
  expect(ran.stdout).toMatch(/✕ org_\w+: at #2 what is stored is not what was stored then/);
});

test('a backup of what is not there, or to nowhere, says so and leaves nothing', async () => {
  const machine = aMachine();
  const missing = await machine.capsule(['portal', 'backup', path.join(machine.folder, 'b.db'), '--data', '/none']);
  expect(missing).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("There is no portal's data in /none") });
  expect(existsSync(path.join(machine.folder, 'b.db.unfinished'))).toBe(false);
  expect((await machine.capsule(['portal', 'backup'])).exitCode).toBe(2);
});
