import type { PortalStore } from '../store.ts';
import type { Database } from './database.ts';

/** The store's own values, by name, in this database. */
export function valuesIn(database: Database): Pick<PortalStore, 'value' | 'valueOr' | 'setValue' | 'bytes'> {
  const read = async (name: string) =>
    (await database.portal.get<{ value: string }>('SELECT value FROM portal_values WHERE name = ?', [name]))?.value;
  return {
    value: read,
    async bytes() {
      const row = await database.portal.get<{ bytes: number }>('SELECT pg_database_size(current_database()) AS bytes');
      return row?.bytes ?? 0;
    },
    async setValue(name, value) {
      await database.portal.run(
        'INSERT INTO portal_values (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
        [name, value],
      );
    },
    async valueOr(name, make) {
      const found = await read(name);
      if (found !== undefined) return found;
      const made = make();
      await database.portal.run('INSERT INTO portal_values (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING', [
        name,
        made,
      ]);
      // Another replica may have been faster: what is stored is everybody's.
      return (await read(name)) ?? made;
    },
  };
}
