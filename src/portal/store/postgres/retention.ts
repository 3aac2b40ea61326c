import { EVENT_KINDS, type EventKind } from '../../../core/event.ts';
import { retentionChanges } from '../retention-changes.ts';
import type { Retention, RetentionStore } from '../retention-store.ts';
import { recordAct } from './acts.ts';
import { forOrg } from './conditions.ts';
import type { Database, OfOrg } from './database.ts';
import { dropMonths } from './drop-months.ts';
import { addRows, type RowPlace } from './find-events.ts';
import { forgetIds, removeEmpty } from './forget-events.ts';

/** How long the store keeps events, in this database. */
export function retentionIn(database: Database): RetentionStore {
  return {
    get: (org) => read(database.of(org)),
    set: (org, retention, at, by) =>
      database.writing(org, async (rows) => {
        const before = await read(rows);
        const kept = EVENT_KINDS.filter((kind) => retention[kind] !== null);
        await rows.run('DELETE FROM retention WHERE org_id = $1');
        await rows.run(
          'INSERT INTO retention (org_id, kind, days) SELECT $1, r.kind, r.days FROM unnest(?::text[], ?::int[]) AS r (kind, days)',
          [kept, kept.map((kind) => retention[kind])],
        );
        for (const change of retentionChanges(before, retention)) {
          await recordAct(rows, { time: at, actor: by, act: 'changed', ...change });
        }
      }),
    async organisations() {
      const rows = await database.portal.all<{ id: string }>('SELECT org_id AS id FROM organisations ORDER BY org_id');
      return rows.map(({ id }) => id);
    },
    async count(org, kind, before) {
      const row = await database
        .of(org)
        .get<{ n: number }>('SELECT count(*) AS n FROM events WHERE org_id = $1 AND kind = ? AND received_at < ?', [
          kind,
          before,
        ]);
      return row?.n ?? 0;
    },
    remove: (org, kind, before, limit) => database.writing(org, (rows) => remove(rows, kind, before, limit)),
    removeWhole: (at) => dropMonths(database, at),
  };
}

async function read(rows: OfOrg): Promise<Retention> {
  const kept = await rows.all<{ kind: string; days: number }>('SELECT kind, days FROM retention WHERE org_id = $1');
  const days = new Map(kept.map((row) => [row.kind, row.days]));
  return Object.fromEntries(EVENT_KINDS.map((kind) => [kind, days.get(kind) ?? null])) as Retention;
}

async function remove(rows: OfOrg, kind: EventKind, before: string, limit: number): Promise<number> {
  const places = await rows.all<RowPlace>(
    'SELECT seq, received_at FROM events WHERE org_id = $1 AND kind = ? AND received_at < ? LIMIT ?',
    [kind, before, limit],
  );
  if (places.length === 0) return 0;
  const where = forOrg();
  addRows(where, places);
  const gone = await rows.all<{ event_id: string; session_id: string }>(
    `DELETE FROM events WHERE ${where.sql.join(' AND ')} RETURNING event_id, session_id`,
    where.values,
  );
  await forgetIds(
    rows,
    gone.map((row) => row.event_id),
  );
  await removeEmpty(rows, [...new Set(gone.map((row) => row.session_id))], '');
  return gone.length;
}
