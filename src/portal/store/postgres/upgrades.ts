import { toPage } from '../cursor.ts';
import { isNotShutOut } from '../shut-out.ts';
import { type HaltRow, haltAct, type MemberRow, toHalt, toMember } from '../upgrade-row.ts';
import type { OfferTally, UpgradeStore } from '../upgrade-store.ts';
import { recordAct } from './acts.ts';
import type { Database } from './database.ts';

/** The store's upgrades, in this database. */
export function upgradesIn(database: Database): UpgradeStore {
  return {
    async offer(org, { device, version, ring, at, since }) {
      await database.of(org).run(
        `INSERT INTO upgrade_offers AS o (org_id, device_id, version, ring, offered_at) VALUES ($1, ?, ?, ?, ?)
         ON CONFLICT (org_id, device_id) DO UPDATE SET version = excluded.version, ring = excluded.ring,
           offered_at = excluded.offered_at, failed_at = NULL, why = NULL
         WHERE o.version <> excluded.version OR (o.failed_at IS NULL AND o.offered_at <= ?)`,
        [device, version, ring, at, since],
      );
    },
    fail: (org, { device, version, why, at }) =>
      database.of(org).get(
        `UPDATE upgrade_offers SET failed_at = ?, why = ?
         WHERE org_id = $1 AND device_id = ? AND version = ? AND failed_at IS NULL RETURNING ring`,
        [at, why, device, version],
      ),
    tally: (org, version) =>
      database.reading(org, async (rows) => {
        const halt = await rows.get<{ resumed_at: string | null }>(
          'SELECT resumed_at FROM upgrade_halts WHERE org_id = $1 AND version = ?',
          [version],
        );
        const since = halt?.resumed_at ?? '';
        return rows.all<OfferTally>(
          `SELECT ring, count(*) FILTER (WHERE offered_at > ?) AS offered,
             count(*) FILTER (WHERE offered_at > ? AND failed_at IS NOT NULL) AS failed, min(offered_at) AS "begunAt"
           FROM upgrade_offers WHERE org_id = $1 AND version = ? GROUP BY ring ORDER BY ring NULLS FIRST`,
          [since, since, version],
        );
      }),
    async halts(org) {
      const rows = await database
        .of(org)
        .all<HaltRow>('SELECT * FROM upgrade_halts WHERE org_id = $1 ORDER BY halted_at DESC, version LIMIT 100');
      return rows.map(toHalt);
    },
    halt: (org, halt) =>
      database.writing(org, async (rows) => {
        const { version, ring, offered, failed, haltedAt } = halt;
        const changed = await rows.run(
          `INSERT INTO upgrade_halts AS h (org_id, version, ring, offered, failed, halted_at) VALUES ($1, ?, ?, ?, ?, ?)
           ON CONFLICT (org_id, version) DO UPDATE SET ring = excluded.ring, offered = excluded.offered,
             failed = excluded.failed, halted_at = excluded.halted_at, resumed_at = NULL, resumed_by = NULL
           WHERE h.resumed_at IS NOT NULL`,
          [version, ring, offered, failed, haltedAt],
        );
        if (changed > 0) await recordAct(rows, haltAct(halt));
        return changed > 0;
      }),
    resume: (org, version, at, by) =>
      database.writing(org, async (rows) => {
        const changed = await rows.run(
          `UPDATE upgrade_halts SET resumed_at = ?, resumed_by = ?
           WHERE org_id = $1 AND version = ? AND resumed_at IS NULL`,
          [at, by, version],
        );
        if (changed > 0) await recordAct(rows, { time: at, actor: by, act: 'resumed', object: `upgrade:${version}` });
        return changed > 0;
      }),
    async members(org, { limit, after = '' }) {
      const rows = await database.of(org).all<MemberRow>(
        `SELECT a.device_id AS id, a.user_name AS "user", a.name, a.agent_version AS version, o.version AS offered, o.ring,
           o.offered_at, o.failed_at, o.why
         FROM agents a LEFT JOIN upgrade_offers o ON o.org_id = a.org_id AND o.device_id = a.device_id
         WHERE a.org_id = $1 AND a.device_id > ? AND ${isNotShutOut('a')} ORDER BY a.device_id LIMIT ?`,
        [after, limit + 1],
      );
      return toPage(rows, limit, ({ id }) => id, toMember);
    },
  };
}
