import { type Database, inTransaction } from '../../../core/database.ts';
import type { CapsuleEvent } from '../../../core/event.ts';
import type { Judging } from '../../policies/stored.ts';
import { MAX_TRIES } from '../judging-bounds.ts';
import { judgeStored, type RuleCache } from './judging.ts';

/** Judges up to `limit` events that were stored and not judged; answers whose they are. */
export function judgeAgain(
  database: Database,
  cache: RuleCache,
  judging: Judging,
  at: string,
  limit: number,
): string[] {
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
