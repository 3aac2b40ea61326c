import { type Database, inTransaction } from '../../../core/database.ts';
import { and } from '../conditions.ts';
import { readCursor, toPage, writeCursor } from '../cursor.ts';
import type { Credential, CredentialStore, OwnedCredential } from '../store.ts';
import { recordAct } from './acts.ts';
import { forOrg } from './conditions.ts';

const COLUMNS = `credential_id AS id, kind, secret_hash AS secretHash, subject, role, created_at AS createdAt,
  expires_at AS expiresAt, revoked_at AS revokedAt, uses, max_uses AS maxUses`;
const OWNED = `SELECT ${COLUMNS.replaceAll('created_at', 'c.created_at')}, c.org_id AS orgId, o.name AS orgName
  FROM credentials c JOIN organisations o ON o.org_id = c.org_id`;

/** The store's credentials, in this database. */
export function credentialsIn(database: Database): CredentialStore {
  return {
    async issue(org, credential, by) {
      inTransaction(database, () => {
        insert(database, org, credential);
        const object = `${credential.kind}:${credential.id}`;
        recordAct(database, org, { time: credential.createdAt, actor: by, act: 'issued', object });
      });
    },
    async find(org, id) {
      return owned(database.prepare(`${OWNED} WHERE c.org_id = ? AND c.credential_id = ?`).get(org, id));
    },
    async findBySecret(hash) {
      return owned(database.prepare(`${OWNED} WHERE c.secret_hash = ?`).get(hash));
    },
    async list(org, kinds, { limit, after, subject }) {
      const where = forOrg(org);
      where.sql.push(`kind IN (${kinds.map(() => '?').join(', ')})`);
      where.values.push(...kinds);
      and(where, 'subject = ?', subject);
      const cursor = after === undefined ? undefined : readCursor(after);
      if (cursor !== undefined) {
        where.sql.push('(created_at, credential_id) < (?, ?)');
        where.values.push(...cursor);
      }
      const rows = database
        .prepare(
          `SELECT ${COLUMNS} FROM credentials WHERE ${where.sql.join(' AND ')}
           ORDER BY created_at DESC, credential_id DESC LIMIT ?`,
        )
        .all(...where.values, limit + 1) as unknown as Credential[];
      return toPage(
        rows,
        limit,
        ({ createdAt, id }) => writeCursor(createdAt, id),
        (credential) => credential,
      );
    },
    async revoke(org, id, at, by) {
      return inTransaction(database, () => {
        const { changes } = database
          .prepare('UPDATE credentials SET revoked_at = coalesce(revoked_at, ?) WHERE org_id = ? AND credential_id = ?')
          .run(at, org, id);
        if (changes === 0) return false;
        recordAct(database, org, { time: at, actor: by, act: 'revoked', object: `credential:${id}` });
        return true;
      });
    },
    use: async (org, id, user) => inTransaction(database, () => takeUse(database, org, id, user)),
  };
}

function insert(database: Database, org: string, credential: Credential): void {
  const { id, kind, secretHash, subject, role, createdAt, expiresAt, revokedAt, uses, maxUses } = credential;
  database
    .prepare(
      `INSERT INTO credentials (org_id, credential_id, kind, secret_hash, subject, role, created_at, expires_at,
       revoked_at, uses, max_uses) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(org, id, kind, secretHash, subject, role, createdAt, expiresAt, revokedAt, uses, maxUses);
}

function takeUse(database: Database, org: string, id: string, user: string): boolean {
  const known = database.prepare('SELECT 1 FROM credential_users WHERE org_id = ? AND credential_id = ? AND user = ?');
  if (known.get(org, id, user) !== undefined) return true;
  const { changes } = database
    .prepare(
      `UPDATE credentials SET uses = uses + 1
       WHERE org_id = ? AND credential_id = ? AND (max_uses IS NULL OR uses < max_uses)`,
    )
    .run(org, id);
  if (changes === 0) return false;
  database.prepare('INSERT INTO credential_users (org_id, credential_id, user) VALUES (?, ?, ?)').run(org, id, user);
  return true;
}

function owned(row: unknown): OwnedCredential | undefined {
  if (row === undefined) return undefined;
  const { orgId, orgName, ...credential } = row as Credential & { orgId: string; orgName: string };
  return { ...credential, organisation: { id: orgId, name: orgName } };
}
