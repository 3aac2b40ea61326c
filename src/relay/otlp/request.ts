import type { CapsuleEvent, Probe } from '../../core/event.ts';
import { type Attribute, text } from './attributes.ts';
import { CONVENTIONS, SCOPE } from './conventions.ts';
import { pseudonym } from './ids.ts';
import { toLogRecords } from './log-records.ts';
import { toRecordSpans } from './record-spans.ts';
import { isSpanless } from './signals.ts';
import { toSpans } from './spans.ts';

/** What tells, beside the events themselves. */
export interface Teller {
  version: string;
  hostName: string | null;
}

export interface OtlpRequest {
  /** Below the endpoint's own path. */
  path: 'v1/traces' | 'v1/logs';
  /** JSON as OTLP/HTTP has it. */
  body: string;
}

/**
 * One request for events that the queue put together: all of them spans, or all of them log records; unless the endpoint takes
 * no log records, then these are spans, too. Pure.
 */
export function toRequest(events: readonly (CapsuleEvent | Probe)[], teller: Teller, takesLogs = true): OtlpRequest {
  const scope = { name: SCOPE, version: teller.version, attributes: text('kiro.conventions', CONVENTIONS) };
  const devices = [...Map.groupBy(events, ({ device }) => JSON.stringify(device)).values()];
  const resourceOf = (told: readonly (CapsuleEvent | Probe)[]) => ({ attributes: resource(told[0], teller) });
  const spanless = events.every(({ kind }) => isSpanless(kind));
  if (spanless && takesLogs) {
    const resourceLogs = devices.map((told) => ({
      resource: resourceOf(told),
      scopeLogs: [{ scope, logRecords: toLogRecords(told) }],
    }));
    return { path: 'v1/logs', body: JSON.stringify({ resourceLogs }) };
  }
  const spansOf = (told: readonly (CapsuleEvent | Probe)[]) =>
    spanless ? toRecordSpans(told) : toSpans(told.filter((event) => event.kind !== 'probe'));
  const resourceSpans = devices.map((told) => ({
    resource: resourceOf(told),
    scopeSpans: [{ scope, spans: spansOf(told) }],
  }));
  return { path: 'v1/traces', body: JSON.stringify({ resourceSpans }) };
}

const SYSTEMS = { darwin: 'darwin', linux: 'linux', win32: 'windows' };

function resource(event: CapsuleEvent | Probe | undefined, { version, hostName }: Teller): Attribute[] {
  return [
    ...text('service.name', SCOPE),
    ...text('service.version', version),
    ...text('service.instance.id', event?.device.id),
    ...text('host.name', hostName),
    ...text('os.type', event && SYSTEMS[event.device.os]),
    ...text('user.id', event && pseudonym(event.device)),
  ];
}
