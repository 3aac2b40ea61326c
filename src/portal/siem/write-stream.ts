import type { CapsuleEvent } from '../../core/event.ts';
import { detectionEnvelope, eventEnvelope } from './cloud-event.ts';
import { fitEvent } from './fit.ts';
import { type OcsfSource, ocsfEvent } from './ocsf.ts';
import { ocsfFinding } from './ocsf-finding.ts';
import type { Choice, SyslogDestination } from './stream.ts';
import type { StreamedDetection, StreamedEvent, StreamTarget } from './stream-store.ts';
import { asciiJson, type SyslogSeverity, writeSyslog } from './syslog-message.ts';
import { withoutContent } from './without-content.ts';

/** What a stream says of one thing, in its format. */
export interface Line {
  json: unknown;
  severity: SyslogSeverity;
  time: string;
  kind: string;
  /** Of structured data: where it belongs. */
  data: { org: string; agent: string; session: string; id: string };
}

const SEVERITY = { critical: 'critical', high: 'error', medium: 'warning', low: 'notice' } as const;

/** An event as the stream sends it: without its content where that stays here. Pure. */
export function writeEvent(
  stream: Pick<StreamTarget, keyof Choice | 'org'>,
  portal: { version: string },
  streamed: StreamedEvent,
): Line {
  const event = stream.content === 'full' ? streamed.event : withoutContent(streamed.event);
  return eventLine(stream, portal, { ...streamed, event });
}

function eventLine(
  { format, org }: Pick<StreamTarget, 'format' | 'org'>,
  portal: { version: string },
  streamed: StreamedEvent,
): Line {
  const { event } = streamed;
  const source: OcsfSource = { org, version: portal.version };
  const json =
    format === 'ocsf' ? ocsfEvent(source, streamed) : format === 'cloudevents' ? eventEnvelope(org, streamed) : event;
  return {
    json,
    severity: event.kind === 'capture.gap' ? 'warning' : 'informational',
    time: event.time,
    kind: event.kind,
    data: { org, agent: event.device.id, session: event.session.id, id: event.id },
  };
}

/** A detection as the stream sends it: names and ids, never a text that was captured. Pure. */
export function writeDetection(
  { format, org }: Pick<StreamTarget, 'format' | 'org'>,
  portal: { version: string },
  streamed: StreamedDetection,
): Line {
  const { detection } = streamed;
  const own = { schemaVersion: 1, kind: 'detection', ...detection };
  const json =
    format === 'ocsf'
      ? ocsfFinding({ org, version: portal.version }, streamed)
      : format === 'cloudevents'
        ? detectionEnvelope(org, streamed)
        : own;
  return {
    json,
    severity: SEVERITY[detection.severity],
    time: detection.changedAt,
    kind: 'detection',
    data: { org, agent: detection.agent, session: detection.session, id: detection.id },
  };
}

/** The line as a message of syslog. Pure. */
export const lineToSyslog = (
  { facility, appName }: Pick<SyslogDestination, 'facility' | 'appName'>,
  hostname: string,
  { json, severity, time, kind, data }: Line,
): Buffer => writeSyslog({ facility, severity, time, hostname, appName, msgId: kind, data, message: asciiJson(json) });

/** The event's message, cut to what the receiver takes. What was cut is said in it. Pure. */
export function eventToSyslog(
  stream: Pick<StreamTarget, keyof Choice | 'org'>,
  destination: SyslogDestination,
  portal: { version: string; hostname: string },
  streamed: StreamedEvent,
): Buffer {
  const whole = stream.content === 'full' ? streamed.event : withoutContent(streamed.event);
  const write = (event: CapsuleEvent) =>
    lineToSyslog(destination, portal.hostname, eventLine(stream, portal, { ...streamed, event }));
  return write(fitEvent(whole, limitOf(destination), (event) => write(event).length));
}

/** A datagram of UDP holds no more. */
const limitOf = ({ transport, maxMessageBytes }: SyslogDestination): number =>
  transport === 'udp' ? Math.min(maxMessageBytes, 65_000) : maxMessageBytes;

/** The detection's message. Where that is larger than the receiver takes, some of the evidence stays away, and how much is said. Pure. */
export function detectionToSyslog(
  stream: Pick<StreamTarget, 'format' | 'org'>,
  destination: SyslogDestination,
  portal: { version: string; hostname: string },
  streamed: StreamedDetection,
): Buffer {
  const write = (kept: number) => {
    const { evidence } = streamed.detection;
    const omitted = evidence.length - kept;
    const detection = {
      ...streamed.detection,
      ...(omitted > 0 && { evidence: evidence.slice(0, kept), evidenceOmitted: omitted }),
    };
    return lineToSyslog(destination, portal.hostname, writeDetection(stream, portal, { ...streamed, detection }));
  };
  let kept = streamed.detection.evidence.length;
  let message = write(kept);
  while (kept > 0 && message.length > limitOf(destination)) {
    kept = Math.floor(kept / 2);
    message = write(kept);
  }
  return message;
}
