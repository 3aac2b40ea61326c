/**
 * The store that a measurement asks: SQLite in a folder, or PostgreSQL when `CAPSULE_BENCH_DATABASE` is the address of a database
 * (an empty one, or what a run before has filled).
 */
import { openSqliteStore } from '../../src/portal/store/sqlite/open.ts';
import type { PortalStore } from '../../src/portal/store/store.ts';

export const benchDatabase: string | undefined = process.env.CAPSULE_BENCH_DATABASE;

/** `from`: the month from which on PostgreSQL gets tables by the month. */
export async function openBenchStore(folder: string, from: Date): Promise<PortalStore> {
  if (benchDatabase === undefined) return openSqliteStore(folder);
  const { openPostgresStore } = await import('../../src/portal/store/postgres/open.ts');
  return openPostgresStore({ url: benchDatabase, now: () => from });
}
