import { DatabaseSync } from 'node:sqlite';
import { type Reference, referencesInRecentList } from './registry-lists.ts';

const KEY = 'history.recentlyOpenedPathsList';

/**
 * The workspaces in `globalStorage/state.vscdb` (kiro/README K22). The database is Kiro's and in use: it is opened for
 * reading alone, for one key (others hold account data), and given back at once. Throws when it is locked or damaged.
 */
export function readRecentList(file: string): Reference[] {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 100 });
  try {
    const value = database.prepare('SELECT value FROM ItemTable WHERE key = ?').get(KEY)?.value;
    return referencesInRecentList(value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value));
  } finally {
    database.close();
  }
}
