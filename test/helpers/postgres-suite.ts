/**
 * One PostgreSQL for all tests that open a store a second time on it (the project `postgres` in `jest.config.js`). Its tables are
 * made once; each test's database is a copy.
 */
import { migrate } from '../../src/portal/store/postgres/migrate.ts';
import { type Postgres, startPostgres } from './postgres-server.ts';

const running: { postgres?: Postgres } = {};

/** Jest calls it before the first test, with workers that inherit what it says. */
export default async function start(): Promise<void> {
  // Nothing of it outlives the run, and most of the time of a copy is its checkpoint.
  const postgres = await startPostgres(['full_page_writes=off', 'synchronous_commit=off', 'max_connections=200']);
  running.postgres = postgres;
  const template = await postgres.database();
  await migrate({ url: template }, new Date());
  process.env.CAPSULE_TEST_POSTGRES = template;
}

/** And after the last. */
export const stop = async (): Promise<void> => running.postgres?.stop();
