/** Log records as spans, for endpoints that take spans alone: what belongs to no turn is a trace by itself. Pure. */
import type { CapsuleEvent, Probe } from '../../core/event.ts';
import { text } from './attributes.ts';
import { INTERNAL, UNSET } from './conventions.ts';
import { spanIdOf, traceIdOf } from './ids.ts';
import { toLogRecords } from './log-records.ts';
import { parentOf, type Span } from './spans.ts';

/** One span without length for each, with the record's name and attributes. */
export function toRecordSpans(events: readonly (CapsuleEvent | Probe)[]): Span[] {
  return events.flatMap((event) =>
    toLogRecords([event]).map(({ eventName, timeUnixNano, attributes }) => ({
      traceId: traceIdOf(event),
      spanId: spanIdOf(event),
      ...parentOf(event),
      name: eventName,
      kind: INTERNAL,
      startTimeUnixNano: timeUnixNano,
      endTimeUnixNano: timeUnixNano,
      attributes: [...attributes, ...text('kiro.event.id', event.id)],
      status: { code: UNSET },
      events: [],
      links: [],
    })),
  );
}
