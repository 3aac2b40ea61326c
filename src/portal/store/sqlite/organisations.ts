import { randomBytes } from 'node:crypto';
import { type Database, inTransaction } from '../../../core/database.ts';
import type { Organisation, PortalStore } from '../store.ts';

/** The store's organisations, in this database. */
export function organisationsIn(database: Database): Pick<PortalStore, 'organisation' | 'findOrganisation'> {
  const find = (name: string) =>
    database.prepare('SELECT org_id AS id, name FROM organisations WHERE name = ?').get(name) as unknown as
      | Organisation
      | undefined;
  return {
    findOrganisation: async (name) => find(name),
    async organisation(name, at) {
      return inTransaction(database, () => {
        const found = find(name);
        if (found !== undefined) return found;
        const id = `org_${randomBytes(8).toString('hex')}`;
        database.prepare('INSERT INTO organisations (org_id, name, created_at) VALUES (?, ?, ?)').run(id, name, at);
        return { id, name };
      });
    },
  };
}
