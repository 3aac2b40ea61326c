import type { CapsuleEvent, EventKind } from '../../core/event.ts';
import type { Severity } from '../policies/policy.ts';
import type { StoredDetection } from '../policies/records.ts';
import type { Actor } from '../store/store.ts';
import type { Choice, Destination, Stream } from './stream.ts';

/**
 * How far a stream is. `position`: in the organisation's chain, the last event that it is done with. `step`: the last change of a
 * detection; each new detection and each change of one takes the organisation's next step.
 */
export interface Place {
  position: number;
  step: number;
}

/** A stream as whoever sends it needs it. */
export interface StreamTarget extends Choice {
  id: string;
  org: string;
  organisation: string;
  destination: Destination;
  secret: string;
}
export interface DueStream extends StreamTarget {
  place: Place;
  /** How often it failed since it last arrived. */
  tries: number;
}

export interface StreamedEvent {
  position: number;
  receivedAt: string;
  event: CapsuleEvent;
}
export interface StreamedDetection {
  step: number;
  /** `evidenceOmitted`: how many places of evidence a message had no room for. */
  detection: StoredDetection & { evidenceOmitted?: number };
}

/** Destinations that an organisation's events and detections are sent to, and how far each is. */
export interface StreamStore {
  list(org: string): Promise<Stream[]>;
  add(
    org: string,
    stream: Choice & { id: string; destination: Destination; secret: string; from: 'now' | 'start' },
    at: string,
    by: Actor,
  ): Promise<void>;
  /** False when there is no such stream; so for `turn`. */
  remove(org: string, id: string, at: string, by: Actor): Promise<boolean>;
  /** A stream that is switched on again goes on where it was. */
  turn(org: string, id: string, enabled: boolean, at: string, by: Actor): Promise<boolean>;
  target(org: string, id: string): Promise<StreamTarget | undefined>;
  /** Those of all organisations that are on and are not to wait until later. */
  due(at: string): Promise<DueStream[]>;
  /**
   * What follows in the chain, at most `limit` places and about `maxBytes` of stored JSON, but one event at least. `to` is the
   * place that all of it leads to (`position` itself at the end); `missed` counts events that are stored no more.
   */
  eventsAfter(
    org: string,
    position: number,
    asked: { kinds: readonly EventKind[]; limit: number; maxBytes: number },
  ): Promise<{ events: StreamedEvent[]; to: number; missed: number }>;
  /** As they are now: what changed twice is told once. */
  detectionsAfter(
    org: string,
    step: number,
    asked: { severities: readonly Severity[]; limit: number },
  ): Promise<{ detections: StreamedDetection[]; to: number }>;
  /** Notes what arrived. False when somebody else moved it meanwhile: nothing is changed then. */
  advance(
    stream: Pick<DueStream, 'org' | 'id' | 'place'>,
    to: Place,
    arrived: { at: string; sent: number; missed: number },
  ): Promise<boolean>;
  /** Notes that it did not arrive, and when it is tried again. */
  fail(stream: Pick<DueStream, 'org' | 'id'>, failure: { trouble: string; nextAt: string }): Promise<void>;
}
