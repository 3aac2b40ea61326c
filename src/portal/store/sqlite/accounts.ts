import { type Database, inTransaction } from '../../../core/database.ts';
import { changesBetween } from '../../noted-act.ts';
import { actOf } from '../account-act.ts';
import type { Account, AccountStore } from '../store.ts';
import { recordAct } from './acts.ts';

const SELECT = `SELECT account_id AS id, role, created_at AS createdAt, signed_in_at AS signedInAt,
  disabled_at AS disabledAt, password FROM accounts WHERE org_id = ?`;

/** The store's accounts, in this database. */
export function accountsIn(database: Database): AccountStore {
  const get = (org: string, id: string) =>
    database.prepare(`${SELECT} AND account_id = ?`).get(org, id) as unknown as Account | undefined;
  return {
    get: async (org, id) => get(org, id),
    list: async (org) => database.prepare(`${SELECT} ORDER BY account_id`).all(org) as unknown as Account[],
    any: async (org) => database.prepare('SELECT 1 FROM accounts WHERE org_id = ? LIMIT 1').get(org) !== undefined,
    async signIn(org, { id, role }, at) {
      inTransaction(database, () => {
        database
          .prepare(
            `INSERT INTO accounts (org_id, account_id, role, created_at, signed_in_at) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (org_id, account_id)
             DO UPDATE SET signed_in_at = excluded.signed_in_at, role = excluded.role, disabled_at = NULL`,
          )
          .run(org, id, role, at, at);
        recordAct(database, org, { time: at, actor: `account:${id}`, act: 'signed in', object: `account:${id}` });
      });
    },
    async setPassword(org, id, password, at) {
      inTransaction(database, () => {
        database.prepare('UPDATE accounts SET password = ? WHERE org_id = ? AND account_id = ?').run(password, org, id);
        recordAct(database, org, {
          time: at,
          actor: `account:${id}`,
          act: 'chose a password',
          object: `account:${id}`,
        });
      });
    },
    change: async (org, id, change, at, by) =>
      inTransaction(database, () => {
        const before = get(org, id);
        if (before === undefined) return 'unknown';
        const { role = before.role, disabled = before.disabledAt !== null } = change;
        const wasAdmin = before.role === 'admin' && before.disabledAt === null;
        const staysAdmin = role === 'admin' && !disabled;
        if (wasAdmin && !staysAdmin && admins(database, org) === 1) return 'last-admin';
        database
          .prepare('UPDATE accounts SET role = ?, disabled_at = ? WHERE org_id = ? AND account_id = ?')
          .run(role, disabled ? (before.disabledAt ?? at) : null, org, id);
        endSessions(database, org, id, at);
        const changes = changesBetween({ role: before.role, disabled: before.disabledAt !== null }, { role, disabled });
        recordAct(database, org, {
          ...{ time: at, actor: by, act: actOf(before, role, disabled), object: `account:${id}`, changes },
        });
        return 'changed';
      }),
    async endSessions(org, id, at, but) {
      endSessions(database, org, id, at, but);
    },
  };
}

/** Sessions carry the role they began with, and links would bring back who was shut out: both end. */
function endSessions(database: Database, org: string, account: string, at: string, but = ''): void {
  database
    .prepare(
      `UPDATE credentials SET revoked_at = ? WHERE org_id = ? AND subject = ? AND kind IN ('session', 'link')
       AND revoked_at IS NULL AND credential_id <> ?`,
    )
    .run(at, org, account, but);
}

function admins(database: Database, org: string): number {
  const row = database
    .prepare("SELECT count(*) AS n FROM accounts WHERE org_id = ? AND role = 'admin' AND disabled_at IS NULL")
    .get(org);
  return Number(row?.n);
}
