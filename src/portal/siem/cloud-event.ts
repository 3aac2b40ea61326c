import type { StreamedDetection, StreamedEvent } from './stream-store.ts';

/** CloudEvents 1.0 in the structured mode, with the extensions `sequence` and `recordedtime` (cloudevents/spec at c2845a4). */
export interface CloudEvent {
  specversion: '1.0';
  id: string;
  source: string;
  type: string;
  subject: string;
  time: string;
  datacontenttype: 'application/json';
  /** Rises by the organisation's chain for events, by its steps for detections; compares as text. */
  sequence: string;
  /** When the portal took it in. */
  recordedtime: string;
  data: unknown;
}

/** Begins every type: `capsule.kiro.tool.invoked`, `capsule.kiro.detection`. */
const TYPE = 'capsule.kiro';

const sourceOf = (org: string, device: string): string =>
  `urn:capsule:${encodeURIComponent(org)}:${encodeURIComponent(device)}`;
const sequenceOf = (place: number): string => String(place).padStart(16, '0');
const ENVELOPE = { specversion: '1.0', datacontenttype: 'application/json' } as const;

/** An event in its envelope; both have the same id, which is how who has it already knows it. Pure. */
export function eventEnvelope(org: string, { event, position, receivedAt }: StreamedEvent): CloudEvent {
  return {
    ...ENVELOPE,
    id: event.id,
    source: sourceOf(org, event.device.id),
    type: `${TYPE}.${event.kind}`,
    subject: event.session.id,
    time: event.time,
    sequence: sequenceOf(position),
    recordedtime: receivedAt,
    data: event,
  };
}

/** A detection as it was at one version. Pure. */
export function detectionEnvelope(org: string, { detection, step }: StreamedDetection): CloudEvent {
  return {
    ...ENVELOPE,
    id: `${detection.id}-${detection.version}`,
    source: sourceOf(org, detection.agent),
    type: `${TYPE}.detection`,
    subject: detection.session,
    time: detection.changedAt,
    sequence: sequenceOf(step),
    recordedtime: detection.changedAt,
    data: detection,
  };
}
