/** Our spans and log records as the official OpenTelemetry packages hold theirs, so that these can write them. */
import type { JsonLogsSerializer, JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { Attribute, Value } from '../../src/relay/otlp/attributes.ts';
import type { LogRecord } from '../../src/relay/otlp/log-records.ts';
import type { Span } from '../../src/relay/otlp/spans.ts';

type OfficialSpan = Parameters<typeof JsonTraceSerializer.serializeRequest>[0][number];
type OfficialLog = Parameters<typeof JsonLogsSerializer.serializeRequest>[0][number];

/** Attributes as an object. */
export function plain(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, bare(value)]));
}

function bare(value: Value): unknown {
  if ('stringValue' in value) return value.stringValue;
  if ('intValue' in value) return Number(value.intValue);
  if ('doubleValue' in value) return value.doubleValue;
  return value.arrayValue.values.map(bare);
}

const resource = { attributes: {}, schemaUrl: undefined, asyncAttributesPending: false };
const instrumentationScope = { name: 'test' };
/** Seconds and nanoseconds. */
const time = (nanos: string): [number, number] => [
  Number(BigInt(nanos) / 10n ** 9n),
  Number(BigInt(nanos) % 10n ** 9n),
];

export function officialSpan(span: Span): OfficialSpan {
  const { traceId, parentSpanId } = span;
  return {
    name: span.name,
    // Its enumeration begins one earlier than the protocol's.
    kind: span.kind - 1,
    spanContext: () => ({ traceId, spanId: span.spanId, traceFlags: 1 }),
    ...(parentSpanId !== undefined && { parentSpanContext: { traceId, spanId: parentSpanId, traceFlags: 1 } }),
    startTime: time(span.startTimeUnixNano),
    endTime: time(span.endTimeUnixNano),
    status: { code: span.status.code ?? 0 },
    attributes: plain(span.attributes),
    links: [],
    events: [],
    duration: [0, 0],
    ended: true,
    resource,
    instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  } as unknown as OfficialSpan;
}

export function officialLog(record: LogRecord): OfficialLog {
  return {
    hrTime: time(record.timeUnixNano),
    hrTimeObserved: time(record.observedTimeUnixNano),
    severityNumber: record.severityNumber,
    severityText: record.severityText,
    body: record.body.stringValue,
    eventName: record.eventName,
    attributes: plain(record.attributes),
    droppedAttributesCount: 0,
    resource,
    instrumentationScope,
  } as unknown as OfficialLog;
}
