/** A PostgreSQL for one test file. */
import { afterAll, beforeAll, describe } from '@jest/globals';
import { type Postgres, postgresPrograms, startPostgres } from './postgres-server.ts';

/** `describe` with a PostgreSQL, or a suite that is skipped and says how it is not. */
export const withPostgres: (name: string, suite: () => void) => void =
  postgresPrograms === undefined
    ? (name, suite) => describe.skip(`${name} (skipped without PostgreSQL: apt-get install postgresql)`, suite)
    : describe;

/** One for the tests of this file (or this `describe`), from before the first to after the last. */
export function postgresForTests(options: readonly string[] = []): Postgres {
  const later: { started?: Postgres } = {};
  const started = (): Postgres => {
    if (later.started === undefined) throw new Error('PostgreSQL runs in tests only');
    return later.started;
  };
  beforeAll(async () => {
    later.started = await startPostgres(options);
  }, 60_000);
  afterAll(async () => later.started?.stop());
  return {
    get port() {
      return started().port;
    },
    database: () => started().database(),
    admin: (url, work) => started().admin(url, work),
    kill: () => started().kill(),
    start: () => started().start(),
    stop: () => started().stop(),
  };
}
