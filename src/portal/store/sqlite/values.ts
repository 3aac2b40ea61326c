import { type Database, inTransaction } from '../../../core/database.ts';
import type { PortalStore } from '../store.ts';

/** The store's own values, by name, in this database. */
export function valuesIn(database: Database): Pick<PortalStore, 'value' | 'valueOr' | 'setValue' | 'bytes'> {
  const read = (name: string) =>
    database.prepare('SELECT value FROM portal_values WHERE name = ?').get(name)?.value as string | undefined;
  const write = (name: string, value: string) =>
    database
      .prepare(
        'INSERT INTO portal_values (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      )
      .run(name, value);
  return {
    value: async (name) => read(name),
    async bytes() {
      const pragma = (name: string) => Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
      return pragma('page_count') * pragma('page_size');
    },
    async setValue(name, value) {
      write(name, value);
    },
    async valueOr(name, make) {
      return inTransaction(database, () => {
        const found = read(name);
        if (found !== undefined) return found;
        const made = make();
        write(name, made);
        return made;
      });
    },
  };
}
