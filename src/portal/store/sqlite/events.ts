import type { Database } from '../../../core/database.ts';
import type { CapsuleEvent } from '../../../core/event.ts';
import type { Filter } from '../../filter/read-filter.ts';
import { writeCursor } from '../cursor.ts';
import { removedName } from '../removed-name.ts';
import type { EventPage, EventPageAsked, EventStore, StoredEvent } from '../store.ts';
import { countEvents, eventBars } from './count-events.ts';
import { addWordFunctions } from './event-words.ts';
import { eventsAround } from './events-around.ts';
import { findEvents } from './find-events.ts';
import { FIND_REMOVED, ingest } from './ingest.ts';
import { cacheRules } from './judging.ts';
import { judgeAgain } from './unjudged.ts';

/** The store's events, in this database. */
export function eventsIn(database: Database): EventStore {
  const cache = cacheRules(database);
  addWordFunctions(database);
  return {
    ingest: async (org, deviceId, events, at, judging) => ingest(database, org, deviceId, events, at, cache, judging),
    judgeAgain: async (judging, at, limit) => judgeAgain(database, cache, judging, at, limit),
    async get(org, id) {
      const row = database
        .prepare('SELECT event, received_at, position FROM events WHERE org_id = ? AND event_id = ?')
        .get(org, id);
      return row === undefined ? undefined : toEvent(row as unknown as EventRow);
    },
    async wasRemoved(org, id) {
      const row = database.prepare(FIND_REMOVED).get(org, removedName(id));
      return row !== undefined;
    },
    around: async (org, id, count) => eventsAround(database, org, id, count),
    list: async (org, filter, page) => list(database, org, filter, page),
    count: async (org, filter, limit, budgetMs) => countEvents(database, org, filter, limit, { budgetMs }),
    bars: async (org, filter, now, budgetMs) => eventBars(database, org, filter, { budgetMs }, now),
    async newest(org) {
      // The chain knows the row stored last; no index does.
      const row = database
        .prepare(
          `SELECT coalesce(
               (SELECT ref FROM chain WHERE org_id = $org AND what = 'event' ORDER BY position DESC LIMIT 1),
               (SELECT max(seq) FROM events WHERE org_id = $org)) AS seq,
             (SELECT max(time) FROM events WHERE org_id = $org) AS time`,
        )
        .get({ org }) as { seq: number | null; time: string | null };
      return row.seq === null || row.time === null ? undefined : { seq: row.seq, time: row.time };
    },
  };
}

interface EventRow {
  received_at: string;
  position: number | null;
  event: string;
}

function list(
  database: Database,
  org: string,
  filter: Filter,
  { limit, after, upTo, budgetMs, maxBytes }: EventPageAsked,
): EventPage {
  const { rows, next, searchedTo } = findEvents(database, org, filter, { limit, after, upTo, budgetMs });
  const read = database.prepare('SELECT event, received_at, position FROM events WHERE seq = ?');
  const items: StoredEvent[] = [];
  let bytes = 0;
  for (const [index, { seq }] of rows.entries()) {
    const row = read.get(seq) as unknown as EventRow;
    bytes += row.event.length;
    const before = rows[index - 1];
    if (before !== undefined && bytes > maxBytes) {
      return { items, next: writeCursor(before.time, before.seq), searchedTo: null };
    }
    items.push(toEvent(row));
  }
  return { items, next, searchedTo };
}

const toEvent = (row: EventRow): StoredEvent => ({
  event: JSON.parse(row.event) as CapsuleEvent,
  receivedAt: row.received_at,
  position: row.position,
});
