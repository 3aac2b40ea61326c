import { postSigned } from '../policies/send-notice.ts';
import type { Reach } from '../reach.ts';
import type { StreamedDetection, StreamedEvent, StreamTarget } from './stream-store.ts';
import { sendSyslog } from './syslog-sender.ts';
import {
  detectionToSyslog,
  eventToSyslog,
  type Line,
  lineToSyslog,
  writeDetection,
  writeEvent,
} from './write-stream.ts';

/** What a portal says of itself in what it sends. */
export interface Sender {
  version: string;
  hostname: string;
  now(): Date;
  reach: Reach;
}

/** What goes out at a time, in its order: events, then what changed of detections. */
export interface Portion {
  events: readonly StreamedEvent[];
  detections: readonly StreamedDetection[];
}

/** Sends all of it, or says what it met: then some of it may have arrived, and all of it is sent again. */
export async function sendPortion(
  stream: StreamTarget,
  sender: Sender,
  { events, detections }: Portion,
): Promise<string | null> {
  const { destination } = stream;
  if (destination.kind === 'http') {
    const lines = [
      ...events.map((each) => writeEvent(stream, sender, each)),
      ...detections.map((each) => writeDetection(stream, sender, each)),
    ];
    return post(stream, destination.url, lines, sender);
  }
  return sendSyslog(destination, sender.reach, [
    ...events.map((each) => eventToSyslog(stream, destination, sender, each)),
    ...detections.map((each) => detectionToSyslog(stream, destination, sender, each)),
  ]);
}

/** Sends a message that says only that it is a test. */
export async function sendTest(stream: StreamTarget, sender: Sender): Promise<string | null> {
  const { destination, org } = stream;
  const time = sender.now().toISOString();
  const line: Line = {
    ...{ severity: 'informational', time, kind: 'test' },
    json: { schemaVersion: 1, kind: 'test', time, organisation: stream.organisation },
    data: { org, agent: '', session: '', id: `test-${time}` },
  };
  if (destination.kind === 'http') return post(stream, destination.url, [envelope(stream, line)], sender);
  return sendSyslog(destination, sender.reach, [lineToSyslog(destination, sender.hostname, envelope(stream, line))]);
}

/** A receiver of CloudEvents alone refuses what is none. */
function envelope({ format, org }: StreamTarget, line: Line): Line {
  if (format !== 'cloudevents') return line;
  const head = {
    specversion: '1.0',
    id: line.data.id,
    source: `urn:capsule:${encodeURIComponent(org)}`,
    time: line.time,
  };
  return {
    ...line,
    json: { ...head, type: 'capsule.kiro.test', datacontenttype: 'application/json', data: line.json },
  };
}

function post(
  { format, secret }: StreamTarget,
  url: string,
  lines: readonly Line[],
  { now, reach }: Sender,
): Promise<string | null> {
  const json = lines.map((line) => line.json);
  if (format === 'cloudevents') {
    return postSigned({ url, secret }, JSON.stringify(json), now(), {
      reach,
      type: 'application/cloudevents-batch+json',
    });
  }
  const body = json.map((each) => `${JSON.stringify(each)}\n`).join('');
  return postSigned({ url, secret }, body, now(), { reach, type: 'application/x-ndjson' });
}
