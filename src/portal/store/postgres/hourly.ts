import type { CapsuleEvent } from '../../../core/event.ts';
import { sumUp } from '../hour-sums.ts';
import type { OfOrg } from './database.ts';
import { insertAll } from './insert-all.ts';
import { key } from './session-sums.ts';

const COLUMNS = {
  ...({ hour: 'text', kind: 'text', tool: 'text' } as const),
  ...({ events: 'bigint', failures: 'bigint', credits: 'double precision' } as const),
};

/** Adds events to the sums by hour that charts are drawn from, in the caller's transaction. */
export async function addToHours(rows: OfOrg, events: readonly CapsuleEvent[]): Promise<void> {
  const sums = [...sumUp(events, key)].map((sum) => ({ ...sum }));
  await insertAll(
    ...([rows, 'hourly', COLUMNS, sums] as const),
    `ON CONFLICT (org_id, hour, kind, tool) DO UPDATE SET events = hourly.events + excluded.events,
       failures = hourly.failures + excluded.failures, credits = hourly.credits + excluded.credits`,
  );
}
