/** The load tool itself, with a small fleet: what it says at the end is what it is for. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { postgresPrograms } from '../helpers/postgres-server.ts';

const MAIN = fileURLToPath(new URL('../load/main.ts', import.meta.url));

const run = (database: string) => {
  const args = [MAIN, '--agents', '20', '--minutes', '1.5', '--database', database, '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as { measured: { events: number } };
};
const WHOLE = { enrolling: { done: 20 }, storm: { done: 20 }, doubles: 0, missing: 0, strangers: 0 };

test('twenty agents enrol, work, come back after an outage, and every event is there once', () => {
  const { measured } = run('sqlite');
  expect(measured).toMatchObject(WHOLE);
  expect(measured.events).toBeGreaterThan(100);
}, 120_000);

const withPostgres = postgresPrograms === undefined ? test.skip : test;
withPostgres(
  'the same through two replicas on PostgreSQL',
  () => {
    expect(run('postgres').measured).toMatchObject(WHOLE);
  },
  120_000,
);
