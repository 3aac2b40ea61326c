import { and } from '../conditions.ts';
import { readCursor, toPage, writeCursor } from '../cursor.ts';
import type { Credential, CredentialStore, OwnedCredential } from '../store.ts';
import { recordAct } from './acts.ts';
import { forOrg } from './conditions.ts';
import type { Database, OfOrg } from './database.ts';

const COLUMNS = `c.credential_id AS id, c.kind, c.secret_hash AS "secretHash", c.subject, c.role, c.created_at AS "createdAt",
  c.expires_at AS "expiresAt", c.revoked_at AS "revokedAt", c.uses, c.max_uses AS "maxUses"`;
const OWNED = `SELECT ${COLUMNS}, c.org_id AS "orgId", o.name AS "orgName"
  FROM credentials c JOIN organisations o ON o.org_id = c.org_id`;

type OwnedRow = Credential & { orgId: string; orgName: string };

/** The store's credentials, in this database. */
export function credentialsIn(database: Database): CredentialStore {
  return {
    issue: (org, credential, by) =>
      database.writing(org, async (rows) => {
        await insert(rows, credential);
        const object = `${credential.kind}:${credential.id}`;
        await recordAct(rows, { time: credential.createdAt, actor: by, act: 'issued', object });
      }),
    find: async (org, id) =>
      owned(await database.of(org).get<OwnedRow>(`${OWNED} WHERE c.org_id = $1 AND c.credential_id = ?`, [id])),
    findBySecret: async (hash) =>
      owned(await database.portal.get<OwnedRow>(`${OWNED} WHERE c.secret_hash = ?`, [hash])),
    async list(org, kinds, { limit, after, subject }) {
      const where = forOrg();
      where.sql.push(`kind IN (${kinds.map(() => '?').join(', ')})`);
      where.values.push(...kinds);
      and(where, 'subject = ?', subject);
      const cursor = after === undefined ? undefined : readCursor(after);
      if (cursor !== undefined) {
        where.sql.push('(created_at, credential_id) < (?, ?)');
        where.values.push(...cursor);
      }
      const rows = await database.of(org).all<Credential>(
        `SELECT ${COLUMNS} FROM credentials c WHERE ${where.sql.join(' AND ')}
         ORDER BY created_at DESC, credential_id DESC LIMIT ?`,
        [...where.values, limit + 1],
      );
      return toPage(
        rows,
        limit,
        ({ createdAt, id }) => writeCursor(createdAt, id),
        (credential) => credential,
      );
    },
    revoke: (org, id, at, by) =>
      database.writing(org, async (rows) => {
        const changes = await rows.run(
          'UPDATE credentials SET revoked_at = coalesce(revoked_at, ?) WHERE org_id = $1 AND credential_id = ?',
          [at, id],
        );
        if (changes === 0) return false;
        await recordAct(rows, { time: at, actor: by, act: 'revoked', object: `credential:${id}` });
        return true;
      }),
    use: (org, id, user) => database.writing(org, (rows) => takeUse(rows, id, user)),
  };
}

async function insert(rows: OfOrg, credential: Credential): Promise<void> {
  const { id, kind, secretHash, subject, role, createdAt, expiresAt, revokedAt, uses, maxUses } = credential;
  await rows.run(
    `INSERT INTO credentials (org_id, credential_id, kind, secret_hash, subject, role, created_at, expires_at,
     revoked_at, uses, max_uses) VALUES ($1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [id, kind, secretHash, subject, role, createdAt, expiresAt, revokedAt, uses, maxUses],
  );
}

async function takeUse(rows: OfOrg, id: string, user: string): Promise<boolean> {
  const known = await rows.get(
    'SELECT 1 FROM credential_users WHERE org_id = $1 AND credential_id = ? AND user_name = ?',
    [id, user],
  );
  if (known !== undefined) return true;
  const changes = await rows.run(
    `UPDATE credentials SET uses = uses + 1
     WHERE org_id = $1 AND credential_id = ? AND (max_uses IS NULL OR uses < max_uses)`,
    [id],
  );
  if (changes === 0) return false;
  await rows.run('INSERT INTO credential_users (org_id, credential_id, user_name) VALUES ($1, ?, ?)', [id, user]);
  return true;
}

function owned(row: OwnedRow | undefined): OwnedCredential | undefined {
  if (row === undefined) return undefined;
  const { orgId, orgName, ...credential } = row;
  return { ...credential, organisation: { id: orgId, name: orgName } };
}
