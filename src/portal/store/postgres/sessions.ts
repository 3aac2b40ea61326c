import type { CapsuleEvent } from '../../../core/event.ts';
import { readCursor, toPage, writeCursor } from '../cursor.ts';
import { sessionOrder } from '../session-conditions.ts';
import { SELECT_SESSION, type SessionRow, type TurnRow, toSession, toTurn } from '../session-row.ts';
import type { SessionStore, StoredTurn, TurnsAsked } from '../store.ts';
import { forOrg } from './conditions.ts';
import type { Database, OfOrg } from './database.ts';
import { addArrival, eventMonths } from './event-months.ts';
import { sessionConditions } from './session-conditions.ts';

type Stored = Omit<SessionRow, 'user'> & { user_name: string };

/** The store's sessions and their turns, in this database. */
export function sessionsIn(database: Database): SessionStore {
  return {
    async list(org, filter, { limit, after, sort }) {
      const where = sessionConditions(filter);
      const { by, descending } = sessionOrder(sort);
      const cursor = after === undefined ? undefined : readCursor(after);
      if (cursor !== undefined) {
        where.sql.push(`(${by}, session_id) ${descending ? '<' : '>'} (?, ?)`);
        where.values.push(...cursor);
      }
      const direction = descending ? 'DESC' : 'ASC';
      const rows = await database.of(org).all<Stored & { sorted_by: string | number }>(
        `${SELECT_SESSION}, ${by} AS sorted_by FROM sessions s WHERE ${where.sql.join(' AND ')}
         ORDER BY ${by} ${direction}, session_id ${direction} LIMIT ?`,
        [...where.values, limit + 1],
      );
      return toPage(rows, limit, (row) => writeCursor(row.sorted_by, row.session_id), toSummary);
    },
    async count(org, filter, limit) {
      const { sql, values } = sessionConditions(filter);
      const row = await database
        .of(org)
        .get<{ n: number }>(
          `SELECT count(*) AS n FROM (SELECT 1 FROM sessions s WHERE ${sql.join(' AND ')} LIMIT ?) AS found`,
          [...values, limit + 1],
        );
      const count = row?.n ?? 0;
      return { count: Math.min(count, limit), exact: count <= limit, searchedTo: null };
    },
    async get(org, id) {
      const row = await database
        .of(org)
        .get<Stored>(`${SELECT_SESSION} FROM sessions s WHERE org_id = $1 AND session_id = ?`, [id]);
      return row === undefined ? undefined : toSummary(row);
    },
    turns: (org, id, page) => database.reading(org, (rows) => readTurns(rows, id, page)),
    async positionOf(org, id, eventId) {
      const row = await database.of(org).get<{ n: number }>(
        `SELECT (SELECT count(*) FROM turns b WHERE b.org_id = $1 AND b.session_id = t.session_id
           AND (b.first_ordinal, b.turn_key) < (t.first_ordinal, t.turn_key)) AS n
         FROM event_ids i
         JOIN events e ON e.org_id = i.org_id AND e.seq = i.seq AND e.received_at = i.received_at
         JOIN turns t ON t.org_id = e.org_id AND t.session_id = e.session_id AND t.turn_key = e.turn_key
         WHERE i.org_id = $1 AND i.event_id = ? AND e.session_id = ?`,
        [eventId, id],
      );
      return row?.n;
    },
  };
}

const toSummary = ({ user_name: user, ...row }: Stored) => toSession({ ...row, user });

async function readTurns(
  rows: OfOrg,
  session: string,
  { first, limit, maxEvents, maxBytes, skip = 0 }: TurnsAsked,
): Promise<{ entries: StoredTurn[]; total: number }> {
  const counted = await rows.get<{ n: number }>(
    'SELECT count(*) AS n FROM turns WHERE org_id = $1 AND session_id = ?',
    [session],
  );
  const turns = await rows.all<TurnRow>(
    'SELECT * FROM turns WHERE org_id = $1 AND session_id = ? ORDER BY first_ordinal, turn_key LIMIT ? OFFSET ?',
    [session, limit, first],
  );
  const where = await eventsOf(rows, session);
  const entries: StoredTurn[] = [];
  let room = maxEvents;
  let bytes = maxBytes;
  for (const row of turns) {
    const isFirst = entries.length === 0;
    if (!isFirst && (row.events > room || bytes <= 0)) break;
    const before = isFirst ? skip : 0;
    const events = await rows.all<{ event: string; bytes: number }>(
      `SELECT event, bytes FROM (
         SELECT event, ordinal, seq, octet_length(event) AS bytes,
           sum(octet_length(event)) OVER (ORDER BY ordinal, seq) - octet_length(event) AS before
         FROM (
           SELECT event, ordinal, seq FROM events WHERE ${where.sql.join(' AND ')} AND turn_key = ?
           ORDER BY ordinal, seq LIMIT ? OFFSET ?
         ) AS fitting
       ) AS measured WHERE before < ? ORDER BY ordinal, seq`,
      [...where.values, row.turn_key, room, before, bytes],
    );
    for (const event of events) bytes -= event.bytes;
    room -= events.length;
    const upTo = before + events.length;
    if (!isFirst && upTo < row.events) break;
    entries.push({
      turn: toTurn(row),
      events: events.map(({ event }) => JSON.parse(event) as CapsuleEvent),
      upTo,
      omitted: row.events - upTo,
    });
  }
  return { entries, total: counted?.n ?? 0 };
}

/** A session's events, looked for only in the months that hold anything of its time. */
async function eventsOf(rows: OfOrg, session: string) {
  const where = forOrg();
  where.sql.push('session_id = ?');
  where.values.push(session);
  const span = await rows.get<{ from: string; to: string }>(
    'SELECT started_at AS "from", last_event_at AS "to" FROM sessions WHERE org_id = $1 AND session_id = ?',
    [session],
  );
  if (span !== undefined) addArrival(where, await eventMonths(rows), span);
  return where;
}
