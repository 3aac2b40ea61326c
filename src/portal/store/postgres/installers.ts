import { type InstallerRow, toInstaller } from '../installer-row.ts';
import type { InstalledAgent, InstallerStore } from '../installer-store.ts';
import { recordAct } from './acts.ts';
import type { Database } from './database.ts';

const SELECT = `SELECT i.*, c.created_at, c.expires_at, c.revoked_at, c.uses, c.max_uses,
    (SELECT count(*) FROM credential_users u WHERE u.org_id = i.org_id AND u.credential_id = i.installer_id) AS agents
  FROM installers i JOIN credentials c ON c.org_id = i.org_id AND c.credential_id = i.installer_id WHERE i.org_id = $1`;

/** The store's installers, in this database. */
export function installersIn(database: Database): InstallerStore {
  return {
    async make(org, id, { label, system, credentialDays, content, hooks }, by) {
      await database.of(org).run(
        `INSERT INTO installers (org_id, installer_id, label, system, credential_days, content, hooks, made_by)
         VALUES ($1, ?, ?, ?, ?, ?, ?, ?)`,
        [id, label, system, credentialDays, content, hooks, by],
      );
    },
    list: async (org) =>
      (await database.of(org).all<InstallerRow>(`${SELECT} ORDER BY c.created_at DESC, i.installer_id`)).map(
        toInstaller,
      ),
    async get(org, id) {
      const row = await database.of(org).get<InstallerRow>(`${SELECT} AND i.installer_id = ?`, [id]);
      return row === undefined ? undefined : toInstaller(row);
    },
    agents: (org, id, limit) =>
      database.of(org).all<InstalledAgent>(
        `SELECT a.device_id AS id, a.name, a.user_name AS "user", a.enrolled_at AS "enrolledAt", a.last_event_at AS "lastEventAt"
         FROM credential_users u JOIN agents a ON a.org_id = u.org_id AND a.device_id = u.user_name
         WHERE u.org_id = $1 AND u.credential_id = ? ORDER BY a.enrolled_at DESC, a.device_id LIMIT ?`,
        [id, limit],
      ),
    revokeAgents: (org, id, at, by) =>
      database.writing(org, async (rows) => {
        const revoked = await rows.all<{ subject: string }>(
          `UPDATE credentials SET revoked_at = ? WHERE org_id = $1 AND kind = 'device' AND revoked_at IS NULL
           AND subject IN (SELECT user_name FROM credential_users WHERE org_id = $1 AND credential_id = ?)
           RETURNING subject`,
          [at, id],
        );
        const devices = new Set(revoked.map(({ subject }) => subject));
        for (const device of devices) {
          await recordAct(rows, { time: at, actor: by, act: 'revoked', object: `device:${device}` });
        }
        return devices.size;
      }),
  };
}
