import type { CapsuleEvent } from '../../../core/event.ts';
import type { Judging } from '../../policies/stored.ts';
import { MAX_TRIES } from '../judging-bounds.ts';
import type { Database, OfOrg } from './database.ts';
import { judgeStored, type RuleCache } from './judging.ts';

/**
 * Judges up to `limit` events that were stored and not judged; answers whose they are. An organisation's are judged under its
 * lock: what another replica has judged meanwhile is no longer there.
 */
export async function judgeAgain(
  database: Database,
  cache: RuleCache,
  judging: Judging,
  at: string,
  limit: number,
): Promise<string[]> {
  const waiting = await database.portal.all<{ org: string; n: number }>(
    'SELECT org_id AS org, count(*) AS n FROM unjudged WHERE tries < ? GROUP BY org_id ORDER BY org_id',
    [MAX_TRIES],
  );
  const judged: string[] = [];
  let left = limit;
  for (const { org, n } of waiting) {
    if (left <= 0) break;
    await database.writing(org, (rows) => judgeSome(rows, cache, judging, at, Math.min(n, left)));
    left -= n;
    judged.push(org);
  }
  return judged;
}

async function judgeSome(rows: OfOrg, cache: RuleCache, judging: Judging, at: string, limit: number): Promise<void> {
  const waiting = await rows.all<{ id: string; tries: number; event: string }>(
    `SELECT u.event_id AS id, u.tries, e.event FROM unjudged u
     JOIN event_ids i ON i.org_id = u.org_id AND i.event_id = u.event_id
     JOIN events e ON e.org_id = i.org_id AND e.seq = i.seq AND e.received_at = i.received_at
     WHERE u.org_id = $1 AND u.tries < ? ORDER BY u.since LIMIT ?`,
    [MAX_TRIES, limit],
  );
  const events = waiting.map(({ event }) => JSON.parse(event) as CapsuleEvent);
  await judgeStored(rows, cache, judging, { events, at });
  // One that failed again has another number of tries now, and stays.
  await rows.run(
    `DELETE FROM unjudged u USING unnest(?::text[], ?::integer[]) AS done (id, tries)
     WHERE u.org_id = $1 AND u.event_id = done.id AND u.tries = done.tries`,
    [waiting.map(({ id }) => id), waiting.map(({ tries }) => tries)],
  );
}
