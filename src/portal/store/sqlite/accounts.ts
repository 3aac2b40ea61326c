import { type Database, inTransaction } from '../../../core/database.ts';
import type { AccountStore } from '../store.ts';
import { recordAct } from './acts.ts';

/** The store's accounts, in this database. */
export function accountsIn(database: Database): AccountStore {
  return {
    async signIn(org, { id, role }, at) {
      inTransaction(database, () => {
        database
          .prepare(
            `INSERT INTO accounts (org_id, account_id, role, created_at, signed_in_at) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (org_id, account_id) DO UPDATE SET signed_in_at = excluded.signed_in_at`,
          )
          .run(org, id, role, at, at);
        recordAct(database, org, { time: at, actor: `account:${id}`, act: 'signed in', object: `account:${id}` });
      });
    },
    any: async (org) => database.prepare('SELECT 1 FROM accounts WHERE org_id = ? LIMIT 1').get(org) !== undefined,
  };
}
