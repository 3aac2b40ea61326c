import type { Database } from '../../../core/database.ts';
import type { CapsuleEvent } from '../../../core/event.ts';
import type { EventFilter, EventStore, Page, StoredEvent } from '../store.ts';
import { and, type Conditions, forOrg, holding } from './conditions.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { ingest } from './ingest.ts';

/** The store's events, in this database. */
export function eventsIn(database: Database): EventStore {
  return {
    ingest: async (org, deviceId, events, at) => ingest(database, org, deviceId, events, at),
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
