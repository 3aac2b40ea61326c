import type { Database } from '../../../core/database.ts';
import type { CapsuleEvent } from '../../../core/event.ts';
import { readCursor, toPage, writeCursor } from '../cursor.ts';
import { sessionOrder } from '../session-conditions.ts';
import { SELECT_SESSION, type SessionRow, type TurnRow, toSession, toTurn } from '../session-row.ts';
import type { SessionStore, StoredTurn, TurnsAsked } from '../store.ts';
import { sessionConditions } from './session-conditions.ts';

/** The store's sessions and their turns, in this database. */
export function sessionsIn(database: Database): SessionStore {
  return {
    async list(org, filter, { limit, after, sort }) {
      const where = sessionConditions(org, filter);
      const { by, descending } = sessionOrder(sort);
      const cursor = after === undefined ? undefined : readCursor(after);
      if (cursor !== undefined) {
        where.sql.push(`(${by}, session_id) ${descending ? '<' : '>'} (?, ?)`);
        where.values.push(...cursor);
      }
      const direction = descending ? 'DESC' : 'ASC';
      const rows = database
        .prepare(
          `${SELECT_SESSION}, ${by} AS sorted_by FROM sessions s WHERE ${where.sql.join(' AND ')}
           ORDER BY ${by} ${direction}, session_id ${direction} LIMIT ?`,
        )
        .all(...where.values, limit + 1) as unknown as (SessionRow & { sorted_by: string | number })[];
      return toPage(rows, limit, (row) => writeCursor(row.sorted_by, row.session_id), toSession);
    },
    async count(org, filter, limit) {
      const { sql, values } = sessionConditions(org, filter);
      const { n } = database
        .prepare(`SELECT count(*) AS n FROM (SELECT 1 FROM sessions s WHERE ${sql.join(' AND ')} LIMIT ?)`)
        .get(...values, limit + 1) as { n: number };
      return { count: Math.min(n, limit), exact: n <= limit, searchedTo: null };
    },
    async get(org, id) {
      const row = database
        .prepare(`${SELECT_SESSION} FROM sessions s WHERE org_id = ? AND session_id = ?`)
        .get(org, id);
      return row === undefined ? undefined : toSession(row as unknown as SessionRow);
    },
    turns: async (org, id, page) => readTurns(database, org, id, page),
    async positionOf(org, id, eventId) {
      const turn = database
        .prepare(
          `SELECT t.first_ordinal, t.turn_key FROM events e JOIN turns t
           ON t.org_id = e.org_id AND t.session_id = e.session_id AND t.turn_key = e.turn_key
           WHERE e.org_id = ? AND e.event_id = ? AND e.session_id = ?`,
        )
        .get(org, eventId, id) as { first_ordinal: number; turn_key: string } | undefined;
      if (turn === undefined) return undefined;
      const before = database
        .prepare(
          `SELECT count(*) AS n FROM turns WHERE org_id = ? AND session_id = ? AND (first_ordinal, turn_key) < (?, ?)`,
        )
        .get(org, id, turn.first_ordinal, turn.turn_key);
      return Number(before?.n ?? 0);
    },
  };
}

function readTurns(
  database: Database,
  org: string,
  session: string,
  { first, limit, maxEvents, maxBytes, skip = 0 }: TurnsAsked,
): { entries: StoredTurn[]; total: number } {
  const total = database
    .prepare('SELECT count(*) AS n FROM turns WHERE org_id = ? AND session_id = ?')
    .get(org, session);
  const rows = database
    .prepare(
      `SELECT * FROM turns WHERE org_id = ? AND session_id = ? ORDER BY first_ordinal, turn_key LIMIT ? OFFSET ?`,
    )
    .all(org, session, limit, first) as unknown as TurnRow[];
  const eventsOf = database.prepare(
    `SELECT event FROM events WHERE org_id = ? AND session_id = ? AND turn_key = ? ORDER BY ordinal, seq LIMIT ? OFFSET ?`,
  );
  const entries: StoredTurn[] = [];
  let room = maxEvents;
  let bytes = maxBytes;
  for (const row of rows) {
    const isFirst = entries.length === 0;
    if (!isFirst && (row.events > room || bytes <= 0)) break;
    const before = isFirst ? skip : 0;
    const events: CapsuleEvent[] = [];
    for (const { event } of eventsOf.iterate(org, session, row.turn_key, room, before) as Iterable<{ event: string }>) {
      bytes -= Buffer.byteLength(event);
      events.push(JSON.parse(event) as CapsuleEvent);
      if (bytes <= 0) break;
    }
    room -= events.length;
    const upTo = before + events.length;
    if (!isFirst && upTo < row.events) break;
    entries.push({ turn: toTurn(row), events, upTo, omitted: row.events - upTo });
  }
  return { entries, total: Number(total?.n ?? 0) };
}
