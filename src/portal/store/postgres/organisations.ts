import { randomBytes } from 'node:crypto';
import { FIRST_HASH } from '../chain-hash.ts';
import type { Organisation, PortalStore } from '../store.ts';
import type { Database, Rows } from './database.ts';

/** The store's organisations, in this database. */
export function organisationsIn(database: Database): Pick<PortalStore, 'organisation' | 'findOrganisation'> {
  return {
    findOrganisation: (name) => find(database.portal, name),
    async organisation(name, at) {
      return (await find(database.portal, name)) ?? database.portalWriting(async (rows) => make(rows, name, at));
    },
  };
}

const find = (rows: Rows, name: string) =>
  rows.get<Organisation>('SELECT org_id AS id, name FROM organisations WHERE name = ?', [name]);

/** Two replicas may make the same one: whoever is later finds it there. */
async function make(rows: Rows, name: string, at: string): Promise<Organisation> {
  const id = `org_${randomBytes(8).toString('hex')}`;
  const made = await rows.run(
    'INSERT INTO organisations (org_id, name, created_at) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING',
    [id, name, at],
  );
  if (made === 0) return (await find(rows, name)) ?? { id, name };
  await rows.run('INSERT INTO chain_heads (org_id, position, hash) VALUES (?, 0, ?)', [id, FIRST_HASH]);
  return { id, name };
}
