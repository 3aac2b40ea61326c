import type { Database } from '../../../core/database.ts';
import type { CapsuleEvent } from '../../../core/event.ts';
import type { HourSum } from '../../observed.ts';

/** Adds events to the sums by hour that charts are drawn from, in the caller's transaction. */
export function addToHours(database: Database, org: string, events: readonly CapsuleEvent[]): void {
  const add = database.prepare(
    `INSERT INTO hourly (org_id, hour, kind, tool, events, failures, credits) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (org_id, hour, kind, tool) DO UPDATE SET events = events + excluded.events,
       failures = failures + excluded.failures, credits = credits + excluded.credits`,
  );
  for (const sum of sumUp(events)) add.run(org, sum.hour, sum.kind, sum.tool, sum.events, sum.failures, sum.credits);
}

function sumUp(events: readonly CapsuleEvent[]): Iterable<HourSum> {
  const sums = new Map<string, HourSum>();
  for (const event of events) {
    const hour = event.time.slice(0, 13);
    const tool = event.kind === 'tool.invoked' ? event.body.name : '';
    const key = `${hour} ${event.kind} ${tool}`;
    const sum = sums.get(key) ?? { hour, kind: event.kind, tool, events: 0, failures: 0, credits: 0 };
    sum.events++;
    if (event.kind === 'tool.invoked' && event.body.success === false) sum.failures++;
    if (event.kind === 'turn.ended') sum.credits += event.body.credits ?? 0;
    sums.set(key, sum);
  }
  return sums.values();
}
