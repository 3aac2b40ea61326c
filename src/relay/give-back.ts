import type { Database } from '../core/database.ts';
import type { Queries } from './queries.ts';
import { sqliteTrouble } from './sqlite-trouble.ts';

const GIVE_BACK_FROM = 32 * 1024 * 1024;

/** After a long time offline the file is mostly empty pages: they go back to the disk. */
export function giveBackPages(database: Database, sql: Queries): void {
  const pages = (name: string) => Number(sql.get(`PRAGMA ${name}`)?.[name]);
  const free = pages('freelist_count');
  if (free * pages('page_size') < GIVE_BACK_FROM || free < pages('page_count') / 2) return;
  try {
    database.exec('VACUUM');
  } catch (error) {
    // It copies what is left, for which there may be no room: next time.
    if (sqliteTrouble(error) !== 'full') throw error;
  }
}
