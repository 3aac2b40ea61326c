import type { Database } from '../../../core/database.ts';
import type { CapsuleEvent } from '../../../core/event.ts';
import { seenIn } from '../seen-values.ts';

/** Keeps each value that lists can be narrowed by, with when it was first and last seen; in the caller's transaction. */
export function keepValues(database: Database, org: string, events: readonly CapsuleEvent[]): void {
  const keep = database.prepare(
    `INSERT INTO values_seen (org_id, field, value, label, first_seen_at, first_session, last_seen_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (org_id, field, value) DO UPDATE SET label = excluded.label,
       first_session = CASE WHEN excluded.first_seen_at < first_seen_at THEN excluded.first_session ELSE first_session END,
       first_seen_at = min(first_seen_at, excluded.first_seen_at), last_seen_at = max(last_seen_at, excluded.last_seen_at)`,
  );
  for (const { field, value, label, first, last } of seenIn(events)) {
    keep.run(org, field, value, label, first.time, first.session.id, last);
  }
}
