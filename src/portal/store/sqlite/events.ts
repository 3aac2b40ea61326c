import { type Database, inTransaction } from '../../../core/database.ts';
import type { CapsuleEvent } from '../../../core/event.ts';
import type { Judging } from '../../policies/stored.ts';
import type { EventFilter, EventStore, Page, StoredEvent } from '../store.ts';
import { and, type Conditions, forOrg, holding } from './conditions.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { ingest } from './ingest.ts';
import { cacheRules, judgeStored, type RuleCache } from './judging.ts';

/** The store's events, in this database. */
export function eventsIn(database: Database): EventStore {
  const cache = cacheRules(database);
  return {
    ingest: async (org, deviceId, events, at, judging) => ingest(database, org, deviceId, events, at, cache, judging),
    judgeAgain: async (judging, at, limit) => judgeAgain(database, cache, judging, at, limit),
    async get(org, id) {
      const row = database
        .prepare('SELECT event, received_at FROM events WHERE org_id = ? AND event_id = ?')
        .get(org, id);
      return row === undefined ? undefined : toEvent(row as unknown as EventRow);
    },
    list: async (org, filter, page) => list(database, org, filter, page),
  };
}

interface EventRow {
  seq: number;
  time: string;
  received_at: string;
  event: string;
}

function list(
  database: Database,
  org: string,
  filter: EventFilter,
  { limit, after, maxBytes }: { limit: number; after?: string; maxBytes: number },
): Page<StoredEvent> {
  const where = conditions(org, filter, after);
  const rows = database
    .prepare(
      `SELECT seq, time, received_at, event FROM events WHERE ${where.sql.join(' AND ')}
       ORDER BY time DESC, seq DESC LIMIT ?`,
    )
    .iterate(...where.values, limit + 1) as unknown as Iterable<EventRow>;
  const items: StoredEvent[] = [];
  let last: EventRow | undefined;
  let bytes = 0;
  for (const row of rows) {
    bytes += row.event.length;
    if (last !== undefined && (items.length === limit || bytes > maxBytes)) {
      return { items, next: writeCursor(last.time, last.seq) };
    }
    items.push(toEvent(row));
    last = row;
  }
  return { items, next: null };
}

function conditions(org: string, filter: EventFilter, after: string | undefined): Conditions {
  const where = forOrg(org);
  and(where, 'session_id = ?', filter.session);
  and(where, 'turn_key = ?', filter.turn);
  and(where, 'device_id = ?', filter.agent);
  and(where, 'workspace_id = ?', filter.workspace);
  and(where, 'time >= ?', filter.from);
  and(where, 'time <= ?', filter.to);
  if (filter.kinds !== undefined && filter.kinds.length > 0) {
    where.sql.push(`kind IN (${filter.kinds.map(() => '?').join(', ')})`);
    where.values.push(...filter.kinds);
  }
  for (const word of filter.words ?? []) {
    // The body is stored as JSON, so the word is looked for as JSON writes it.
    and(where, "event ->> '$.body' LIKE ? ESCAPE '\\'", holding(JSON.stringify(word).slice(1, -1)));
  }
  const cursor = after === undefined ? undefined : readCursor(after);
  if (cursor !== undefined) {
    where.sql.push('(time, seq) < (?, ?)');
    where.values.push(...cursor);
  }
  return where;
}

const toEvent = (row: Pick<EventRow, 'event' | 'received_at'>): StoredEvent => ({
  event: JSON.parse(row.event) as CapsuleEvent,
  receivedAt: row.received_at,
});

/** An event that failed this often is left alone until a person changes something. */
const MAX_TRIES = 5;

function judgeAgain(database: Database, cache: RuleCache, judging: Judging, at: string, limit: number): string[] {
  return inTransaction(database, () => {
    const rows = database
      .prepare(
        `SELECT u.org_id AS org, e.event FROM unjudged u JOIN events e ON e.org_id = u.org_id AND e.event_id = u.event_id
         WHERE u.tries < ? ORDER BY u.org_id, u.since LIMIT ?`,
      )
      .all(MAX_TRIES, limit) as unknown as { org: string; event: string }[];
    const byOrg = Map.groupBy(rows, ({ org }) => org);
    const settle = database.prepare('DELETE FROM unjudged WHERE org_id = ? AND event_id = ? AND tries = ?');
    const triesOf = database.prepare('SELECT tries FROM unjudged WHERE org_id = ? AND event_id = ?');
    for (const [org, own] of byOrg) {
      const events = own.map(({ event }) => JSON.parse(event) as CapsuleEvent);
      const before = events.map(({ id }) => Number(triesOf.get(org, id)?.tries ?? 0));
      judgeStored(database, cache, judging, { org, events, at });
      // One that failed again has another number of tries now, and stays.
      for (const [index, { id }] of events.entries()) settle.run(org, id, before[index] ?? 0);
    }
    return [...byOrg.keys()];
  });
}
