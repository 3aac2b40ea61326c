import { setImmediate } from 'node:timers/promises';
import type { CapsuleEvent } from '../../core/event.ts';
import type { Reach } from '../reach.ts';
import { fitEvent } from './fit.ts';
import { postBatch, TOO_LARGE } from './post-batch.ts';
import type { StreamedDetection, StreamedEvent, StreamTarget } from './stream-store.ts';
import { sendSyslog } from './syslog-sender.ts';
import type { Trouble } from './trouble.ts';
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
  /** Ends what is under way: the portal stops. */
  signal: AbortSignal;
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
): Promise<Trouble | null> {
  const { destination } = stream;
  if (destination.kind === 'syslog') {
    return sendSyslog(destination, sender, [
      ...(await inSteps(events, (each) => eventToSyslog(stream, destination, sender, each))),
      ...(await inSteps(detections, (each) => detectionToSyslog(stream, destination, sender, each))),
    ]);
  }
  const lines = [
    ...(await inSteps(events, (each) => textOf(writeEvent(stream, sender, each)))),
    ...(await inSteps(detections, (each) => textOf(writeDetection(stream, sender, each)))),
  ];
  const status = await post(stream, destination.url, lines, sender);
  const [alone, ...others] = events;
  if (status === TOO_LARGE && alone !== undefined && others.length + detections.length === 0)
    return postCut(stream, destination.url, alone, sender);
  return troubleOf(status);
}

const textOf = ({ json }: Line): string => JSON.stringify(json);

const AT_A_STEP = 50;

/** So many at a time, everything else the portal has to do between them. */
async function inSteps<T, R>(items: readonly T[], write: (item: T) => R): Promise<R[]> {
  const written: R[] = [];
  for (const item of items) {
    written.push(write(item));
    if (written.length % AT_A_STEP === 0) await setImmediate();
  }
  return written;
}

/** Smaller than this no receiver can mean. */
const LEAST_BYTES = 4_096;

/** An event that is too large for its receiver, and alone already: cut to half, and half again, until it is taken. */
async function postCut(stream: StreamTarget, url: string, streamed: StreamedEvent, sender: Sender) {
  const sizeOf = (event: CapsuleEvent) => Buffer.byteLength(textOf(writeEvent(stream, sender, { ...streamed, event })));
  let status: number | Trouble = TOO_LARGE;
  for (let limit = sizeOf(streamed.event) / 2; status === TOO_LARGE && limit >= LEAST_BYTES; limit /= 2) {
    const event = fitEvent(streamed.event, limit, sizeOf);
    status = await post(stream, url, [textOf(writeEvent(stream, sender, { ...streamed, event }))], sender);
  }
  return troubleOf(status);
}

const troubleOf = (status: number | Trouble): Trouble | null => {
  if (typeof status === 'object') return status;
  if (status >= 200 && status < 300) return null;
  return { words: `answered ${status}`, tooMuch: [TOO_LARGE, 502, 504].includes(status) };
};

/** Sends a message that says only that it is a test. */
export async function sendTest(stream: StreamTarget, sender: Sender): Promise<string | null> {
  const { destination, org } = stream;
  const time = sender.now().toISOString();
  const line: Line = {
    ...{ severity: 'informational', time, kind: 'test' },
    json: { schemaVersion: 1, kind: 'test', time, organisation: stream.organisation },
    data: { org, agent: '', session: '', id: `test-${time}` },
  };
  const trouble =
    destination.kind === 'http'
      ? troubleOf(await post(stream, destination.url, [textOf(envelope(stream, line))], sender))
      : await sendSyslog(destination, sender, [lineToSyslog(destination, sender.hostname, envelope(stream, line))]);
  return trouble?.words ?? null;
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

function post(stream: StreamTarget, url: string, lines: readonly string[], sender: Sender): Promise<number | Trouble> {
  const batch =
    stream.format === 'cloudevents'
      ? { type: 'application/cloudevents-batch+json', body: `[${lines.join(',')}]` }
      : { type: 'application/x-ndjson', body: lines.map((line) => `${line}\n`).join('') };
  return postBatch({ url, secret: stream.secret }, batch, sender);
}
