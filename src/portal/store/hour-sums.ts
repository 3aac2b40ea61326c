import type { CapsuleEvent } from '../../core/event.ts';
import type { HourSum } from '../observed.ts';

/** Events summed up by hour, kind and tool; `key` shortens a tool's name where it has to be short. */
export function sumUp(events: readonly CapsuleEvent[], key = (name: string): string => name): Iterable<HourSum> {
  const sums = new Map<string, HourSum>();
  for (const event of events) {
    const hour = event.time.slice(0, 13);
    const tool = event.kind === 'tool.invoked' ? key(event.body.name) : '';
    const place = `${hour} ${event.kind} ${tool}`;
    const sum = sums.get(place) ?? { hour, kind: event.kind, tool, events: 0, failures: 0, credits: 0 };
    sum.events++;
    if (event.kind === 'tool.invoked' && event.body.success === false) sum.failures++;
    if (event.kind === 'turn.ended') sum.credits += event.body.credits ?? 0;
    sums.set(place, sum);
  }
  return sums.values();
}
