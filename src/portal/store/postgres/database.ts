import pg from 'pg';
import { describe, Failure, systemCode } from '../../../core/failure.ts';
import type { Log } from '../../../core/log.ts';
import { StoreUnavailable } from '../store-unavailable.ts';
import { type ConnectionOptions, connectionConfig } from './connection.ts';

type Single = string | number | null | Uint8Array;
/** What stands for a `?`; a list is an array of PostgreSQL. */
export type Value = Single | readonly Single[];

/** Asks one statement. Each `?` of it stands for one of the values, in order. */
export interface Rows {
  all<Row>(sql: string, values?: readonly Value[]): Promise<Row[]>;
  get<Row>(sql: string, values?: readonly Value[]): Promise<Row | undefined>;
  /** How many rows it changed. */
  run(sql: string, values?: readonly Value[]): Promise<number>;
}

/** One organisation's statements: `$1` is always its id, and `values` never hold it. */
export interface OfOrg extends Rows {
  readonly org: string;
  /** In `writing`: where the organisation's chain ends, as far as this transaction has made it. */
  end?: ChainEnd | undefined;
}

/** The last link of a chain. */
export interface ChainEnd {
  position: number;
  hash: Uint8Array;
}

/** An open PostgreSQL. What fails because it cannot be reached, or for too long, throws `StoreUnavailable`. */
export interface Database {
  /** Single statements, each on its own. */
  of(org: string): OfOrg;
  /** A picture of one moment, over several statements. */
  reading<T>(org: string, work: (rows: OfOrg) => Promise<T>): Promise<T>;
  /**
   * All of it or nothing of it. It waits for whoever else writes for this organisation, so that transactions of one organisation
   * happen one after the other, as SQLite's do, and none waits for another in a circle. Done again when PostgreSQL asks for it.
   */
  writing<T>(org: string, work: (rows: OfOrg) => Promise<T>): Promise<T>;
  /** Statements about no one organisation; each such is named in `across.ts`. */
  portal: Rows;
  /** The same in one transaction. */
  portalWriting<T>(work: (rows: Rows) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface DatabaseOptions extends ConnectionOptions {
  log: Log;
  /** Told of every statement with the organisation it is for: tests hold each to that. */
  heard?: ((sql: string, org: string | undefined) => void) | undefined;
  /** Says in `capsule.org` whose statements follow, for a database that watches over it by row security. */
  namesOrg?: boolean | undefined;
}

const TRIES = 5;

/** A pool of connections. Opens none before the first statement. */
export function openPool(options: DatabaseOptions): Database {
  const pool = new pg.Pool(connectionConfig(options));
  // A connection that breaks while nobody uses it is replaced by the pool.
  pool.on('error', (error) => options.log.warn('a connection to the database ended', { reason: describe(error) }));
  // Unheard, the end of one that is in use would end this process; whoever uses it is told by the statement that fails.
  pool.on('connect', (client) => client.on('error', () => {}));
  const ask = (on: pg.Pool | pg.PoolClient, org: string | undefined) => rowsOn(on, org, options.heard);

  const transaction = async <T>(
    org: string | undefined,
    begin: readonly string[],
    work: (rows: Rows) => Promise<T>,
  ): Promise<T> => {
    const client = await connect(pool);
    let broken: Error | undefined;
    try {
      for (const sql of begin) await client.query(sql);
      if (org !== undefined && options.namesOrg) await client.query(NAME_ORG, [org]);
      const result = await work(ask(client, org));
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((failed: Error) => {
        broken = failed;
      });
      throw understand(error);
    } finally {
      client.release(broken);
    }
  };
  const ofOrg = (rows: Rows, org: string): OfOrg => ({ ...rows, org });
  const writing = <T>(org: string, work: (rows: OfOrg) => Promise<T>): Promise<T> =>
    again(() =>
      transaction(org, ['BEGIN'], async (rows) => {
        const end = await rows.get<ChainEnd>(`${CHAIN_END} FOR UPDATE`);
        return work({ ...ofOrg(rows, org), end });
      }),
    );
  const alone = (org: string): Rows =>
    options.namesOrg ? byEach((use) => transaction(org, ['BEGIN'], use)) : ask(pool, org);
  return {
    of: (org) => ofOrg(alone(org), org),
    reading: (org, work) =>
      transaction(org, ['BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'], (rows) => work(ofOrg(rows, org))),
    writing,
    portal: ask(pool, undefined),
    portalWriting: (work) => again(() => transaction(undefined, ['BEGIN'], work)),
    close: () => pool.end(),
  };
}

const NAME_ORG = "SELECT set_config('capsule.org', $1, true)";
/** Asked for the end of a chain. */
export const CHAIN_END = 'SELECT position, hash FROM chain_heads WHERE org_id = $1';

function byEach(use: <T>(work: (rows: Rows) => Promise<T>) => Promise<T>): Rows {
  return {
    all: (sql, values) => use((rows) => rows.all(sql, values)),
    get: (sql, values) => use((rows) => rows.get(sql, values)),
    run: (sql, values) => use((rows) => rows.run(sql, values)),
  };
}

/** Statements on one connection, about no one organisation. */
export const rowsOf = (client: pg.Client): Rows => rowsOn(client, undefined, undefined);

function rowsOn(on: pg.Pool | pg.ClientBase, org: string | undefined, heard: DatabaseOptions['heard']): Rows {
  const query = async (sql: string, values: readonly Value[] = []) => {
    heard?.(sql, org);
    const bound = values.map(storable);
    try {
      return await on.query<pg.QueryResultRow>(
        numbered(sql, org === undefined ? 1 : 2),
        org === undefined ? bound : [org, ...bound],
      );
    } catch (error) {
      throw understand(error);
    }
  };
  return {
    all: async <Row>(sql: string, values?: readonly Value[]) => (await query(sql, values)).rows as Row[],
    get: async <Row>(sql: string, values?: readonly Value[]) => (await query(sql, values)).rows[0] as Row | undefined,
    run: async (sql, values) => (await query(sql, values)).rowCount ?? 0,
  };
}

/** `?` becomes `$<n>`; what stands in quotes stays. */
export function numbered(sql: string, first: number): string {
  let next = first;
  return sql.replace(/'[^']*'|\?/g, (found) => (found === '?' ? `$${next++}` : found));
}

/** A text of PostgreSQL cannot hold the character of number 0. */
function storable(value: Value): unknown {
  if (typeof value === 'string') return storableText(value);
  if (value instanceof Uint8Array) return Buffer.from(value);
  return Array.isArray(value) ? value.map((each: Single) => storable(each)) : value;
}

/** As PostgreSQL gives a text back: without the character of number 0, which it cannot hold. */
export const storableText = (text: string): string => text.replaceAll('\0', '\uFFFD');

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw understand(error);
  }
}

/** Serialisation failure, deadlock: PostgreSQL asks for the same again. */
const AGAIN = new Set(['40001', '40P01']);

async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!AGAIN.has(systemCode(error) ?? '')) throw error;
      if (tries === TRIES) throw new StoreUnavailable('The database is too busy', error);
    }
    // Apart from one another, so that the same two do not meet again and again.
    await new Promise((resolve) => setTimeout(resolve, tries * 20 * Math.random()));
  }
}

/**
 * Classes of PostgreSQL's codes (https://www.postgresql.org/docs/current/errcodes-appendix.html) that say nothing of the statement:
 * connection, out of resources, shutting down or cancelled by a time limit, lock not had in time, and a server that only reads.
 */
const UNAVAILABLE = /^(08|53|57|58)|^(55P03|25006)$/;
const NETWORK = /^E[A-Z_]+$/;
const LOST =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed|The server does not support SSL)/;

function understand(error: unknown): unknown {
  if (error instanceof StoreUnavailable || error instanceof Failure) return error;
  const code = systemCode(error) ?? '';
  if (UNAVAILABLE.test(code) || NETWORK.test(code) || LOST.test(describe(error))) {
    return new StoreUnavailable(`The database cannot be used at the moment: ${describe(error)}`, error);
  }
  return error;
}
