import { type Database, inTransaction } from '../../../core/database.ts';
import { EVENT_KINDS } from '../../../core/event.ts';
import { removedName } from '../removed-name.ts';
import { retentionChanges } from '../retention-changes.ts';
import type { Retention, RetentionStore } from '../retention-store.ts';
import { recordAct } from './acts.ts';

/** How long the store keeps events, in this database. */
export function retentionIn(database: Database): RetentionStore {
  const get = (org: string): Retention => {
    const rows = database.prepare('SELECT kind, days FROM retention WHERE org_id = ?').all(org) as unknown as {
      kind: string;
      days: number;
    }[];
    const days = new Map(rows.map((row) => [row.kind, row.days]));
    return Object.fromEntries(EVENT_KINDS.map((kind) => [kind, days.get(kind) ?? null])) as Retention;
  };
  return {
    get: async (org) => get(org),
    async set(org, retention, at, by) {
      inTransaction(database, () => {
        const before = get(org);
        database.prepare('DELETE FROM retention WHERE org_id = ?').run(org);
        const insert = database.prepare('INSERT INTO retention (org_id, kind, days) VALUES (?, ?, ?)');
        for (const kind of EVENT_KINDS) if (retention[kind] !== null) insert.run(org, kind, retention[kind]);
        for (const change of retentionChanges(before, retention)) {
          recordAct(database, org, { time: at, actor: by, act: 'changed', ...change });
        }
      });
    },
    async organisations() {
      const rows = database.prepare('SELECT org_id AS id FROM organisations ORDER BY org_id').all();
      return rows.map(({ id }) => String(id));
    },
    async count(org, kind, before) {
      const row = database
        .prepare('SELECT count(*) AS n FROM events WHERE org_id = ? AND kind = ? AND received_at < ?')
        .get(org, kind, before);
      return Number(row?.n);
    },
    remove: async (org, kind, before, limit) =>
      inTransaction(database, () => {
        const note = database.prepare('INSERT INTO removed_events (org_id, name) VALUES (?, ?) ON CONFLICT DO NOTHING');
        const gone = database
          .prepare(
            `DELETE FROM events WHERE seq IN (SELECT seq FROM events WHERE org_id = ? AND kind = ? AND received_at < ? LIMIT ?)
             RETURNING session_id, event_id`,
          )
          .all(org, kind, before, limit);
        for (const row of gone) note.run(org, removedName(String(row.event_id)));
        for (const session of new Set(gone.map((row) => String(row.session_id)))) removeEmpty(database, org, session);
        return gone.length;
      }),
    // One file holds all of it: nothing is kept apart by time.
    removeWhole: async () => [],
  };
}

function removeEmpty(database: Database, org: string, session: string): void {
  const left = database.prepare('SELECT 1 FROM events WHERE org_id = ? AND session_id = ? LIMIT 1').get(org, session);
  if (left !== undefined) return;
  for (const table of ['turns', 'session_tools', 'session_exits', 'marks', 'sessions']) {
    database.prepare(`DELETE FROM ${table} WHERE org_id = ? AND session_id = ?`).run(org, session);
  }
}
