import pg from 'pg';
import type { Database } from '../../../core/database.ts';
import { describe, Failure } from '../../../core/failure.ts';
import { type ConnectionOptions, patientConfig } from '../postgres/connection.ts';
import { type Rows, rowsOf } from '../postgres/database.ts';
import { LOCKS, migrate } from '../postgres/migrate.ts';
import { makePartitionsOf } from '../postgres/partitions.ts';
import { markMoved, openAlone, refuseMoved } from '../sqlite/moved.ts';
import { type Copied, copyAll } from './copy-all.ts';

export interface Move {
  /** Of the portal's data, with `portal.db` in it. */
  folder: string;
  /** An empty database. */
  to: ConnectionOptions;
  now: () => Date;
  /** How many of how many events are there. */
  progress: (events: number, of: number) => void;
}

/**
 * Takes everything that a portal keeps in a folder into an empty PostgreSQL database, in one transaction: all of it is there
 * afterwards, or nothing of it. Events keep their places in the chain, so that its end is the same and what agents send again is
 * known. Then the folder is marked, and no portal runs on it any more. Throws `not-found`, `already-running` when a portal still
 * uses the folder, `database-unusable`, `usage`, `tls-unusable`.
 */
export async function moveToPostgres({ folder, to, now, progress }: Move): Promise<Copied> {
  const source = openAlone(folder);
  try {
    refuseMoved(source, folder);
    await migrate(to, now());
    const copied = await inOneTransaction(to, async (rows) => {
      await refuseUnlessEmpty(rows);
      await makePartitionsOf(rows, monthsIn(source));
      return copyAll(source, rows, progress);
    });
    markMoved(source, now().toISOString());
    return copied;
  } finally {
    source.close();
  }
}

async function inOneTransaction<T>(to: ConnectionOptions, work: (rows: Rows) => Promise<T>): Promise<T> {
  const client = new pg.Client(patientConfig(to));
  // Unheard, the end of the connection would end this process; the statement that fails says it.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1, $2)', [LOCKS.class, LOCKS.migrate]);
    const result = await work(rowsOf(client));
    await client.query('COMMIT');
    // Without figures about what the tables hold, the first questions would be answered by reading all of them.
    await client.query('ANALYZE');
    return result;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('database-unusable', `Nothing was moved: ${describe(error)}`, { cause: error });
  } finally {
    await client.end().catch(() => {});
  }
}

async function refuseUnlessEmpty(rows: Rows): Promise<void> {
  const found = await rows.get(
    'SELECT 1 FROM organisations UNION ALL SELECT 1 FROM portal_values UNION ALL SELECT 1 FROM events LIMIT 1',
  );
  if (found === undefined) return;
  throw new Failure('database-unusable', 'There is a portal’s data in that PostgreSQL database already', {
    hint: 'Name an empty one: CREATE DATABASE makes it. Nothing was changed.',
  });
}

/** In which anything arrived: that is what tables are cut by. */
function monthsIn(source: Database): string[] {
  const found = source
    .prepare(
      `SELECT substr(received_at, 1, 7) AS month FROM events UNION SELECT substr(time, 1, 7) FROM acts ORDER BY month`,
    )
    .all() as { month: string }[];
  return found.map(({ month }) => month);
}
