import type { Rows } from './database.ts';
import { PARTITIONED } from './schema.ts';

/** How many months ahead there is a partition for what is to come. */
const AHEAD = 2;

/** `<table>_<year>_<month>`. */
export const partitionOf = (table: string, month: string): string => `${table}_${month.replace('-', '_')}`;

/** The months from that of `at` on, as `2026-03`, one more than `ahead`. */
export function monthsFrom(at: Date, ahead: number = AHEAD): string[] {
  return Array.from({ length: ahead + 1 }, (_, offset) =>
    new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + offset, 1)).toISOString().slice(0, 7),
  );
}

const nextMonth = (month: string): string => monthsFrom(new Date(`${month}-01T00:00:00.000Z`), 1)[1] ?? month;

/**
 * Makes the partitions of this month and the next ones, in the caller's transaction and under its lock. What came for a month
 * before there was a partition for it lies in the default one, and is moved.
 */
export async function makePartitions(rows: Rows, at: Date): Promise<void> {
  for (const table of Object.keys(PARTITIONED)) {
    await rows.run(`CREATE TABLE IF NOT EXISTS ${table}_default PARTITION OF ${table} DEFAULT`);
  }
  await makePartitionsOf(rows, monthsFrom(at));
}

/** The same for these months alone, each like `2026-03`. */
export async function makePartitionsOf(rows: Rows, months: readonly string[]): Promise<void> {
  for (const [table, column] of Object.entries(PARTITIONED)) {
    for (const month of months) await makePartition(rows, table, column, month);
  }
}

async function makePartition(rows: Rows, table: string, column: string, month: string): Promise<void> {
  const name = partitionOf(table, month);
  const there = await rows.get(
    'SELECT 1 FROM pg_class WHERE relname = ? AND relnamespace = current_schema()::regnamespace',
    [name],
  );
  if (there !== undefined) return;
  const [from, to] = [month, nextMonth(month)];
  await rows.run(`CREATE TABLE ${name} (LIKE ${table} INCLUDING DEFAULTS INCLUDING STORAGE)`);
  await rows.run(
    `WITH moved AS (DELETE FROM ${table}_default WHERE ${column} >= '${from}' AND ${column} < '${to}' RETURNING *)
     INSERT INTO ${name} SELECT * FROM moved`,
  );
  await rows.run(`ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM ('${from}') TO ('${to}')`);
}
