import { DatabaseSync } from 'node:sqlite';
import { describe, Failure } from '../core/failure.ts';
import { type Coverage, readCoverage } from './coverage.ts';

/** What is in the database of a daemon that does not run, in numbers. */
export interface OutboxSummary {
  waiting: { kind: string; events: number; bytes: number }[];
  rejected: { code: string; events: number }[];
  sent: { answer: string; events: number; bytes: number }[];
  coverage: Coverage[];
}

/** Reads only, and no event's text. `from` is a day. Throws `database-unusable` (a daemon holds it, damage, an older form). */
export function summarizeOutbox(file: string, from: string): OutboxSummary {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    const groups = (table: string, by: string) =>
      (
        database?.prepare(`SELECT ${by} AS name, count(*) AS n, ${SIZE} AS bytes FROM ${table} GROUP BY 1`).all() ?? []
      ).map(({ name, n, bytes }) => ({ name: String(name), events: Number(n), bytes: Number(bytes) }));
    return {
      waiting: groups('event', 'kind').map(({ name, ...numbers }) => ({ kind: name, ...numbers })),
      rejected: groups('rejected', 'code').map(({ name, events }) => ({ code: name, events })),
      sent: groups('sent', 'answer').map(({ name, ...numbers }) => ({ answer: name, ...numbers })),
      coverage: readCoverage(database, from),
    };
  } catch (error) {
    throw new Failure('database-unusable', `${file} cannot be read: ${describe(error)}`, { cause: error });
  } finally {
    database?.close();
  }
}

const SIZE = 'coalesce(sum(length(json)), 0)';
