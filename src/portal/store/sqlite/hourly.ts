import type { Database } from '../../../core/database.ts';
import type { CapsuleEvent } from '../../../core/event.ts';
import { sumUp } from '../hour-sums.ts';

/** Adds events to the sums by hour that charts are drawn from, in the caller's transaction. */
export function addToHours(database: Database, org: string, events: readonly CapsuleEvent[]): void {
  const add = database.prepare(
    `INSERT INTO hourly (org_id, hour, kind, tool, events, failures, credits) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (org_id, hour, kind, tool) DO UPDATE SET events = events + excluded.events,
       failures = failures + excluded.failures, credits = credits + excluded.credits`,
  );
  for (const sum of sumUp(events)) add.run(org, sum.hour, sum.kind, sum.tool, sum.events, sum.failures, sum.credits);
}
