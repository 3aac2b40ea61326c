/** A PostgreSQL for a test file: one of its own, or databases of its own on the one of the project `postgres`. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { inDatabase, type Postgres, postgresPrograms, startPostgres, superUrl } from './postgres-server.ts';

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

/** Empty databases on the server that the whole project `postgres` shares: for tests that neither kill it nor set it up. */
export const sharedPostgres: Pick<Postgres, 'database' | 'admin'> = {
  async database() {
    const name = `own_${randomBytes(8).toString('hex')}`;
    const url = Object.assign(new URL(process.env.CAPSULE_TEST_POSTGRES ?? ''), { pathname: name }).href;
    await inDatabase(superUrl(url, 'postgres'), (client) => client.query(`CREATE DATABASE ${name} OWNER portal`));
    return url;
  },
  admin: (url, work) => inDatabase(superUrl(url, new URL(url).pathname.slice(1)), work),
};
