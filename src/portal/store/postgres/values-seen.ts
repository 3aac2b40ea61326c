import type { CapsuleEvent } from '../../../core/event.ts';
import { seenIn } from '../seen-values.ts';
import type { OfOrg } from './database.ts';
import { insertAll } from './insert-all.ts';
import { key } from './session-sums.ts';

const COLUMNS = {
  ...({ field: 'text', value: 'text', label: 'text' } as const),
  ...({ first_seen_at: 'text', first_session: 'text', last_seen_at: 'text' } as const),
};

/** Keeps each value that lists can be narrowed by, with when it was first and last seen; in the caller's transaction. */
export async function keepValues(rows: OfOrg, events: readonly CapsuleEvent[]): Promise<void> {
  const seen = new Map(
    [...seenIn(events)].map(({ field, value, label, first, last }) => [
      `${field} ${key(value)}`,
      {
        field,
        value: key(value),
        label,
        first_seen_at: first.time,
        first_session: first.session.id,
        last_seen_at: last,
      },
    ]),
  );
  await insertAll(
    ...([rows, 'values_seen', COLUMNS, [...seen.values()]] as const),
    `ON CONFLICT (org_id, field, value) DO UPDATE SET label = excluded.label,
       first_session = CASE WHEN excluded.first_seen_at < values_seen.first_seen_at THEN excluded.first_session
         ELSE values_seen.first_session END,
       first_seen_at = least(values_seen.first_seen_at, excluded.first_seen_at),
       last_seen_at = greatest(values_seen.last_seen_at, excluded.last_seen_at)`,
  );
}
