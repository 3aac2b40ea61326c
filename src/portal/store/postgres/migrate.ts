import pg from 'pg';
import { describe, Failure } from '../../../core/failure.ts';
import { type ConnectionOptions, patientConfig } from './connection.ts';
import { type Rows, rowsOf } from './database.ts';
import { makePartitions } from './partitions.ts';
import { MIGRATIONS } from './schema.ts';

/** Ours among the advisory locks of the database: `cap` in ASCII, and a number for what it keeps. */
export const LOCKS = { class: 0x636170, migrate: 1, retention: 2, runs: 3, drop: 4, streams: 5 } as const;

/**
 * Brings the tables up to this version and makes the partitions that will be needed, whoever else is starting at the same moment:
 * one at a time, under an advisory lock. Throws `database-unusable`.
 */
export async function migrate(options: ConnectionOptions, now: Date): Promise<void> {
  const client = new pg.Client(patientConfig(options));
  try {
    await client.connect();
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1, $2)', [LOCKS.class, LOCKS.migrate]);
    const rows = rowsOf(client);
    await runMigrations(rows);
    await makePartitions(rows, now);
    await client.query('COMMIT');
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('database-unusable', `The PostgreSQL database cannot be used: ${describe(error)}`, {
      hint: 'Check that it runs, that the address is right, and that its user may create tables.',
      cause: error,
    });
  } finally {
    await client.end().catch(() => {});
  }
}

async function runMigrations(rows: Rows): Promise<void> {
  await rows.run('CREATE TABLE IF NOT EXISTS portal_migrations (version INTEGER PRIMARY KEY)');
  const { done } = (await rows.get<{ done: number }>(
    'SELECT coalesce(max(version), 0) AS done FROM portal_migrations',
  )) ?? { done: 0 };
  if (done > MIGRATIONS.length) {
    throw new Failure('database-unusable', 'The database was written by a newer version of capsule-kiro', {
      hint: 'Run that version or a newer one.',
    });
  }
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < done) continue;
    await rows.run(byBytes(sql));
    await rows.run('INSERT INTO portal_migrations (version) VALUES (?)', [index + 1]);
  }
}

/** Texts compare by their bytes, as SQLite's do, whatever language the database was made for. */
export const byBytes = (sql: string): string => sql.replace(/\bTEXT\b/g, 'TEXT COLLATE "C"');
