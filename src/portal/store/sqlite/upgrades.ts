import { type Database, inTransaction } from '../../../core/database.ts';
import { toPage } from '../cursor.ts';
import { isNotShutOut } from '../shut-out.ts';
import { type HaltRow, haltAct, type MemberRow, toHalt, toMember } from '../upgrade-row.ts';
import type { OfferTally, UpgradeStore } from '../upgrade-store.ts';
import { recordAct } from './acts.ts';

/** The store's upgrades, in this database. */
export function upgradesIn(database: Database): UpgradeStore {
  return {
    async offer(org, { device, version, ring, at, since }) {
      database
        .prepare(
          `INSERT INTO upgrade_offers (org_id, device_id, version, ring, offered_at) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (org_id, device_id) DO UPDATE SET version = excluded.version, ring = excluded.ring,
             offered_at = excluded.offered_at, failed_at = NULL, why = NULL
           WHERE version <> excluded.version OR (failed_at IS NULL AND offered_at <= ?)`,
        )
        .run(org, device, version, ring, at, since);
    },
    async fail(org, { device, version, why, at }) {
      const row = database
        .prepare(
          `UPDATE upgrade_offers SET failed_at = ?, why = ?
           WHERE org_id = ? AND device_id = ? AND version = ? AND failed_at IS NULL RETURNING ring`,
        )
        .get(at, why, org, device, version);
      return row as { ring: string | null } | undefined;
    },
    async tally(org, version) {
      const rows = database
        .prepare(
          `SELECT ring, coalesce(sum(offered_at > since), 0) AS offered,
             coalesce(sum(offered_at > since AND failed_at IS NOT NULL), 0) AS failed, min(offered_at) AS begunAt
           FROM upgrade_offers, (SELECT coalesce((SELECT resumed_at FROM upgrade_halts WHERE org_id = $org
             AND version = $version), '') AS since)
           WHERE org_id = $org AND version = $version GROUP BY ring ORDER BY ring`,
        )
        .all({ org, version });
      return rows as unknown as OfferTally[];
    },
    async halts(org) {
      const rows = database
        .prepare('SELECT * FROM upgrade_halts WHERE org_id = ? ORDER BY halted_at DESC, version LIMIT 100')
        .all(org);
      return (rows as unknown as HaltRow[]).map(toHalt);
    },
    halt: async (org, halt) =>
      inTransaction(database, () => {
        const { version, ring, offered, failed, haltedAt } = halt;
        const { changes } = database
          .prepare(
            `INSERT INTO upgrade_halts (org_id, version, ring, offered, failed, halted_at) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (org_id, version) DO UPDATE SET ring = excluded.ring, offered = excluded.offered,
               failed = excluded.failed, halted_at = excluded.halted_at, resumed_at = NULL, resumed_by = NULL
             WHERE resumed_at IS NOT NULL`,
          )
          .run(org, version, ring, offered, failed, haltedAt);
        if (changes > 0) recordAct(database, org, haltAct(halt));
        return changes > 0;
      }),
    resume: async (org, version, at, by) =>
      inTransaction(database, () => {
        const { changes } = database
          .prepare(
            `UPDATE upgrade_halts SET resumed_at = ?, resumed_by = ?
             WHERE org_id = ? AND version = ? AND resumed_at IS NULL`,
          )
          .run(at, by, org, version);
        if (changes > 0)
          recordAct(database, org, { time: at, actor: by, act: 'resumed', object: `upgrade:${version}` });
        return changes > 0;
      }),
    async members(org, { limit, after = '' }) {
      const rows = database
        .prepare(
          `SELECT a.device_id AS id, a.user, a.name, a.agent_version AS version, o.version AS offered, o.ring, o.offered_at,
             o.failed_at, o.why
           FROM agents a INDEXED BY agents_for_rings
             LEFT JOIN upgrade_offers o ON o.org_id = a.org_id AND o.device_id = a.device_id
           WHERE a.org_id = ? AND a.device_id > ? AND ${isNotShutOut('a')} ORDER BY a.device_id LIMIT ?`,
        )
        .all(org, after, limit + 1);
      return toPage(rows as unknown as MemberRow[], limit, ({ id }) => id, toMember);
    },
  };
}
