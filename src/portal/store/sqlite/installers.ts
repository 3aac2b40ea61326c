import { type Database, inTransaction } from '../../../core/database.ts';
import { type InstallerRow, toInstaller } from '../installer-row.ts';
import type { InstalledAgent, InstallerStore } from '../installer-store.ts';
import { recordAct } from './acts.ts';

const SELECT = `SELECT i.*, c.created_at, c.expires_at, c.revoked_at, c.uses, c.max_uses,
    (SELECT count(*) FROM credential_users u WHERE u.org_id = i.org_id AND u.credential_id = i.installer_id) AS agents
  FROM installers i JOIN credentials c ON c.org_id = i.org_id AND c.credential_id = i.installer_id`;

/** The store's installers, in this database. */
export function installersIn(database: Database): InstallerStore {
  return {
    async make(org, id, { label, system, credentialDays, content, hooks }, by) {
      database
        .prepare(
          `INSERT INTO installers (org_id, installer_id, label, system, credential_days, content, hooks, made_by)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(org, id, label, system, credentialDays, content, hooks, by);
    },
    async list(org) {
      const rows = database.prepare(`${SELECT} WHERE i.org_id = ? ORDER BY c.created_at DESC, i.installer_id`).all(org);
      return (rows as unknown as InstallerRow[]).map(toInstaller);
    },
    async get(org, id) {
      const row = database.prepare(`${SELECT} WHERE i.org_id = ? AND i.installer_id = ?`).get(org, id);
      return row === undefined ? undefined : toInstaller(row as unknown as InstallerRow);
    },
    async agents(org, id, limit) {
      return database
        .prepare(
          `SELECT a.device_id AS id, a.name, a.user, a.enrolled_at AS enrolledAt, a.last_event_at AS lastEventAt
           FROM credential_users u JOIN agents a ON a.org_id = u.org_id AND a.device_id = u.user
           WHERE u.org_id = ? AND u.credential_id = ? ORDER BY a.enrolled_at DESC, a.device_id LIMIT ?`,
        )
        .all(org, id, limit) as unknown as InstalledAgent[];
    },
    async revokeAgents(org, id, at, by) {
      return inTransaction(database, () => {
        const revoked = database
          .prepare(
            `UPDATE credentials SET revoked_at = ? WHERE org_id = ? AND kind = 'device' AND revoked_at IS NULL
             AND subject IN (SELECT user FROM credential_users WHERE org_id = ? AND credential_id = ?)
             RETURNING subject`,
          )
          .all(at, org, org, id) as unknown as { subject: string }[];
        const devices = new Set(revoked.map(({ subject }) => subject));
        for (const device of devices) {
          recordAct(database, org, { time: at, actor: by, act: 'revoked', object: `device:${device}` });
        }
        return devices.size;
      });
    },
  };
}
