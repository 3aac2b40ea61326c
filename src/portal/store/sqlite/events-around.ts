import type { Database } from '../../../core/database.ts';
import type { CapsuleEvent } from '../../../core/event.ts';

/** An event with up to `count` before and after it in its session, in the session's order. */
export function eventsAround(database: Database, org: string, id: string, count: number): CapsuleEvent[] {
  const place = database
    .prepare('SELECT session_id, ordinal, seq FROM events WHERE org_id = ? AND event_id = ?')
    .get(org, id);
  if (place === undefined) return [];
  const { session_id: session, ordinal, seq } = place as { session_id: string; ordinal: number; seq: number };
  const read = (side: '<' | '>=', order: 'DESC' | 'ASC', limit: number) =>
    database
      .prepare(
        `SELECT event FROM events WHERE org_id = ? AND session_id = ? AND (ordinal, seq) ${side} (?, ?)
         ORDER BY ordinal ${order}, seq ${order} LIMIT ?`,
      )
      .all(org, session, ordinal, seq, limit)
      .map((row) => JSON.parse(String(row.event)) as CapsuleEvent);
  return [...read('<', 'DESC', count).reverse(), ...read('>=', 'ASC', count + 1)];
}
