import type { CapsuleEvent } from '../../../core/event.ts';
import type { Filter } from '../../filter/read-filter.ts';
import { writeCursor } from '../cursor.ts';
import { removedName } from '../removed-name.ts';
import type { EventPage, EventPageAsked, EventStore, StoredEvent } from '../store.ts';
import { forOrg } from './conditions.ts';
import { countEvents, eventBars } from './count-events.ts';
import type { Database } from './database.ts';
import { eventsAround } from './events-around.ts';
import { addRows, type FoundRow, findEvents } from './find-events.ts';

/** How this database's events are read. */
export function eventReadsIn(database: Database): Omit<EventStore, 'ingest' | 'judgeAgain'> {
  return {
    async get(org, id) {
      const row = await database.of(org).get<EventRow>(
        `SELECT e.seq, e.event, e.received_at FROM event_ids i
         JOIN events e ON e.org_id = i.org_id AND e.seq = i.seq AND e.received_at = i.received_at
         WHERE i.org_id = $1 AND i.event_id = ?`,
        [id],
      );
      return row === undefined ? undefined : toEvent(row);
    },
    async wasRemoved(org, id) {
      const found = await database
        .of(org)
        .get('SELECT 1 FROM removed_events WHERE org_id = $1 AND name = ?', [removedName(id)]);
      return found !== undefined;
    },
    around: (org, id, count) => eventsAround(database, org, id, count),
    list: (org, filter, page) => list(database, org, filter, page),
    count: (org, filter, limit, budgetMs) => countEvents(database, org, filter, limit, { budgetMs }),
    bars: (org, filter, now, budgetMs) => eventBars(database, org, filter, { budgetMs }, now),
    async newest(org) {
      const row = await database.of(org).get<{ seq: number | null; time: string | null }>(
        `SELECT (SELECT seq FROM events WHERE org_id = $1 ORDER BY seq DESC LIMIT 1) AS seq,
           (SELECT time FROM events WHERE org_id = $1 ORDER BY time DESC LIMIT 1) AS time`,
      );
      return row === undefined || row.seq === null || row.time === null ? undefined : { seq: row.seq, time: row.time };
    },
  };
}

interface EventRow {
  seq: number;
  received_at: string;
  event: string;
}

async function list(
  database: Database,
  org: string,
  filter: Filter,
  { limit, after, upTo, budgetMs, maxBytes }: EventPageAsked,
): Promise<EventPage> {
  const found = await findEvents(database, org, filter, { limit, after, upTo, budgetMs });
  const shown = withinBytes(found.rows, maxBytes);
  const last = shown.at(-1);
  const items = await readEvents(database, org, shown);
  return shown.length < found.rows.length && last !== undefined
    ? { items, next: writeCursor(last.time, last.seq), searchedTo: null }
    : { items, next: found.next, searchedTo: found.searchedTo };
}

/** As many from the start as have room; one at least, however large. */
function withinBytes(rows: readonly FoundRow[], maxBytes: number): FoundRow[] {
  let bytes = 0;
  const shown: FoundRow[] = [];
  for (const row of rows) {
    bytes += row.bytes;
    if (shown.length > 0 && bytes > maxBytes) break;
    shown.push(row);
  }
  return shown;
}

/** In the order of `places`; without what has been removed meanwhile. */
async function readEvents(database: Database, org: string, places: readonly FoundRow[]): Promise<StoredEvent[]> {
  if (places.length === 0) return [];
  const where = forOrg();
  addRows(where, places);
  const rows = await database
    .of(org)
    .all<EventRow>(`SELECT seq, event, received_at FROM events WHERE ${where.sql.join(' AND ')}`, where.values);
  const bySeq = new Map(rows.map((row) => [row.seq, row]));
  return places.flatMap(({ seq }) => {
    const row = bySeq.get(seq);
    return row === undefined ? [] : [toEvent(row)];
  });
}

const toEvent = ({ seq, received_at: receivedAt, event }: EventRow): StoredEvent => ({
  event: JSON.parse(event) as CapsuleEvent,
  receivedAt,
  position: seq,
});
