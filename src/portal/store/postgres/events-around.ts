import type { CapsuleEvent } from '../../../core/event.ts';
import type { Database } from './database.ts';

/** An event with up to `count` before and after it in its session, in the session's order. */
export async function eventsAround(
  database: Database,
  org: string,
  id: string,
  count: number,
): Promise<CapsuleEvent[]> {
  return database.reading(org, async (rows) => {
    const place = await rows.get<{ session_id: string; ordinal: number; seq: number }>(
      `SELECT e.session_id, e.ordinal, e.seq FROM event_ids i
       JOIN events e ON e.org_id = i.org_id AND e.seq = i.seq AND e.received_at = i.received_at
       WHERE i.org_id = $1 AND i.event_id = ?`,
      [id],
    );
    if (place === undefined) return [];
    const read = async (side: '<' | '>=', order: 'DESC' | 'ASC', limit: number) => {
      const found = await rows.all<{ event: string }>(
        `SELECT event FROM events WHERE org_id = $1 AND session_id = ? AND (ordinal, seq) ${side} (?, ?)
         ORDER BY ordinal ${order}, seq ${order} LIMIT ?`,
        [place.session_id, place.ordinal, place.seq, limit],
      );
      return found.map(({ event }) => JSON.parse(event) as CapsuleEvent);
    };
    return [...(await read('<', 'DESC', count)).reverse(), ...(await read('>=', 'ASC', count + 1))];
  });
}
