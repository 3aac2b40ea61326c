import { changesBetween } from '../../noted-act.ts';
import { actOf } from '../account-act.ts';
import type { Account, AccountStore } from '../store.ts';
import { recordAct } from './acts.ts';
import type { Database, OfOrg, Rows } from './database.ts';

const SELECT = `SELECT account_id AS id, role, created_at AS "createdAt", signed_in_at AS "signedInAt",
  disabled_at AS "disabledAt", password FROM accounts WHERE org_id = $1`;

/** The store's accounts, in this database. */
export function accountsIn(database: Database): AccountStore {
  return {
    get: (org, id) => get(database.of(org), id),
    list: (org) => database.of(org).all<Account>(`${SELECT} ORDER BY account_id`),
    any: async (org) => (await database.of(org).get('SELECT 1 FROM accounts WHERE org_id = $1 LIMIT 1')) !== undefined,
    signIn: (org, { id, role }, at) =>
      database.writing(org, async (rows) => {
        await rows.run(
          `INSERT INTO accounts (org_id, account_id, role, created_at, signed_in_at) VALUES ($1, ?, ?, ?, ?)
           ON CONFLICT (org_id, account_id)
           DO UPDATE SET signed_in_at = excluded.signed_in_at, role = excluded.role, disabled_at = NULL`,
          [id, role, at, at],
        );
        await recordAct(rows, { time: at, actor: `account:${id}`, act: 'signed in', object: `account:${id}` });
      }),
    setPassword: (org, id, password, at) =>
      database.writing(org, async (rows) => {
        await rows.run('UPDATE accounts SET password = ? WHERE org_id = $1 AND account_id = ?', [password, id]);
        await recordAct(rows, { time: at, actor: `account:${id}`, act: 'chose a password', object: `account:${id}` });
      }),
    change: (org, id, change, at, by) => database.writing(org, (rows) => changeAccount(rows, id, change, at, by)),
    endSessions: (org, id, at, but) => database.writing(org, (rows) => endSessions(rows, id, at, but)),
  };
}

const get = (rows: Rows, id: string) => rows.get<Account>(`${SELECT} AND account_id = ?`, [id]);

async function changeAccount(
  rows: OfOrg,
  id: string,
  change: Parameters<AccountStore['change']>[2],
  at: string,
  by: string,
): Promise<'changed' | 'unknown' | 'last-admin'> {
  const before = await get(rows, id);
  if (before === undefined) return 'unknown';
  const { role = before.role, disabled = before.disabledAt !== null } = change;
  const wasAdmin = before.role === 'admin' && before.disabledAt === null;
  if (wasAdmin && (role !== 'admin' || disabled) && (await admins(rows)) === 1) return 'last-admin';
  await rows.run('UPDATE accounts SET role = ?, disabled_at = ? WHERE org_id = $1 AND account_id = ?', [
    ...[role, disabled ? (before.disabledAt ?? at) : null, id],
  ]);
  await endSessions(rows, id, at);
  const changes = changesBetween({ role: before.role, disabled: before.disabledAt !== null }, { role, disabled });
  const act = actOf(before, role, disabled);
  await recordAct(rows, { time: at, actor: by, act, object: `account:${id}`, changes });
  return 'changed';
}

/** Sessions carry the role they began with, and links would bring back who was shut out: both end. */
async function endSessions(rows: OfOrg, account: string, at: string, but = ''): Promise<void> {
  await rows.run(
    `UPDATE credentials SET revoked_at = ? WHERE org_id = $1 AND subject = ? AND kind IN ('session', 'link')
     AND revoked_at IS NULL AND credential_id <> ?`,
    [at, account, but],
  );
}

async function admins(rows: OfOrg): Promise<number> {
  const row = await rows.get<{ n: number }>(
    "SELECT count(*) AS n FROM accounts WHERE org_id = $1 AND role = 'admin' AND disabled_at IS NULL",
  );
  return row?.n ?? 0;
}
