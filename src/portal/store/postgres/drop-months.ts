import { EVENT_KINDS } from '../../../core/event.ts';
import { StoreUnavailable } from '../store-unavailable.ts';
import type { Database, Rows } from './database.ts';
import { forgetIds, removeEmpty } from './forget-events.ts';
import { LOCKS } from './migrate.ts';
import { monthsFrom, partitionOf } from './partitions.ts';

const DAY_MS = 86_400_000;
const [IDS_AT_ONCE, SESSIONS_AT_ONCE] = [5_000, 500];
/** So long may taking a month away wait for those who read, while those who come behind it wait for it. */
const LOCK_MS = 2_000;

/**
 * Drops the tables of months of which no organisation keeps anything; how many events of each organisation went. What is left
 * of a month's events is done organisation by organisation before; whoever is interrupted in between goes on the next time. A
 * month that somebody reads at the moment is left for then, too.
 */
export async function dropMonths(database: Database, at: string): Promise<{ org: string; count: number }[]> {
  const gone = new Map<string, number>();
  for (const month of await monthsBefore(database.portal, at)) {
    if (await keepsAny(database.portal, month, at)) continue;
    for (const { org } of await ownersOf(database.portal, month)) await letGo(database, org, month);
    for (const { org, count } of await drop(database, month, at)) gone.set(org, (gone.get(org) ?? 0) + count);
  }
  return [...gone].map(([org, count]) => ({ org, count }));
}

/** Months that have a table of their own and are over. */
async function monthsBefore(rows: Rows, at: string): Promise<string[]> {
  const tables = await rows.all<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'events'::regclass ORDER BY 1`,
  );
  return tables.flatMap(({ name }) => {
    const [, year, number] = /^events_(\d{4})_(\d\d)$/.exec(name) ?? [];
    const month = `${year}-${number}`;
    return year !== undefined && month < at.slice(0, 7) ? [month] : [];
  });
}

const ownersOf = (rows: Rows, month: string) =>
  rows.all<{ org: string }>('SELECT org_id AS org FROM event_months WHERE month = ?', [month]);

/** Whether some organisation keeps a kind of event that it has in this month. */
async function keepsAny(rows: Rows, month: string, at: string): Promise<boolean> {
  const end = Date.parse(`${monthsFrom(new Date(`${month}-01T00:00:00.000Z`), 1)[1]}-01T00:00:00.000Z`);
  const days = Math.floor((Date.parse(at) - end) / DAY_MS);
  const kept = await rows.get(
    `SELECT 1 FROM event_months m CROSS JOIN unnest(?::text[]) AS k (kind)
     LEFT JOIN retention r ON r.org_id = m.org_id AND r.kind = k.kind
     WHERE m.month = ? AND (r.days IS NULL OR r.days > ?)
       AND EXISTS (SELECT 1 FROM ${partitionOf('events', month)} e WHERE e.org_id = m.org_id AND e.kind = k.kind)
     LIMIT 1`,
    [EVENT_KINDS, month, days],
  );
  return kept !== undefined;
}

/** What is kept elsewhere of an organisation's events of a month goes, in portions: nobody who stores events waits long. */
async function letGo(database: Database, org: string, month: string): Promise<void> {
  const table = partitionOf('events', month);
  for (let seq = 0, more = true; more; ) {
    more = await database.writing(org, async (rows) => {
      const some = await rows.all<{ seq: number; id: string }>(
        `SELECT seq, event_id AS id FROM ${table} WHERE org_id = $1 AND seq > ? ORDER BY seq LIMIT ?`,
        [seq, IDS_AT_ONCE],
      );
      await forgetIds(
        rows,
        some.map(({ id }) => id),
      );
      seq = some.at(-1)?.seq ?? seq;
      return some.length === IDS_AT_ONCE;
    });
  }
  for (let session = '', more = true; more; ) {
    more = await database.writing(org, async (rows) => {
      const some = await rows.all<{ id: string }>(
        `SELECT DISTINCT session_id AS id FROM ${table} WHERE org_id = $1 AND session_id > ? ORDER BY 1 LIMIT ?`,
        [session, SESSIONS_AT_ONCE],
      );
      await removeEmpty(
        rows,
        some.map(({ id }) => id),
        month,
      );
      session = some.at(-1)?.id ?? session;
      return some.length === SESSIONS_AT_ONCE;
    });
  }
}

/** Under a lock, so that of several replicas one does it; asked again, because retention may have been changed meanwhile. */
async function drop(database: Database, month: string, at: string): Promise<{ org: string; count: number }[]> {
  const table = partitionOf('events', month);
  try {
    return await database.portalWriting(async (rows) => {
      await rows.run(`SET LOCAL lock_timeout = ${LOCK_MS}`);
      await rows.run('SELECT pg_advisory_xact_lock(?::int, ?::int)', [LOCKS.class, LOCKS.drop]);
      const there = await rows.get('SELECT 1 FROM pg_class WHERE oid = to_regclass(?)', [table]);
      if (there === undefined || (await keepsAny(rows, month, at))) return [];
      const counts = await rows.all<{ org: string; count: number }>(
        `SELECT org_id AS org, count(*) AS count FROM ${table} GROUP BY org_id`,
      );
      await rows.run(`DROP TABLE ${table}`);
      await rows.run('DELETE FROM event_months WHERE month = ?', [month]);
      return counts;
    });
  } catch (error) {
    if (error instanceof StoreUnavailable) return [];
    throw error;
  }
}
