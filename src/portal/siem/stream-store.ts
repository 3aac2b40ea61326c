import type { CapsuleEvent, EventKind } from '../../core/event.ts';
import type { Severity } from '../policies/policy.ts';
import type { StoredDetection } from '../policies/records.ts';
import type { Actor } from '../store/store.ts';
import type { Stream, StreamSettings } from './stream.ts';

/**
 * How far a stream is. `position`: in the organisation's chain, the last event that it is done with. `step`: the last change of a
 * detection; each new detection and each change of one takes the organisation's next step.
 */
export interface Place {
  position: number;
  step: number;
}

/** A stream as whoever sends it needs it. */
export interface StreamTarget extends StreamSettings {
  id: string;
  org: string;
  organisation: string;
  secret: string;
}
export interface DueStream extends StreamTarget {
  place: Place;
  /** Another after each change of its settings. */
  revision: string;
  /** How often it failed since it last arrived. */
  tries: number;
}

/** What a person has chosen of a stream, and whether it is on. */
export type Turned = StreamSettings & { enabled: boolean };

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
    stream: StreamSettings & { id: string; secret: string; from: 'now' | 'start' },
    at: string,
    by: Actor,
  ): Promise<void>;
  /** False when there is no such stream; so for `change` and `renewSecret`. */
  remove(org: string, id: string, at: string, by: Actor): Promise<boolean>;
  /**
   * Its settings become what `make` says of those there are, and it is tried at once. It goes on where it was; what it sent
   * nothing of until now begins with what comes. What `make` throws leaves everything as it was.
   */
  change(org: string, id: string, make: (before: Turned) => Turned, at: string, by: Actor): Promise<boolean>;
  /** False for a stream that signs nothing, too. */
  renewSecret(org: string, id: string, secret: string, at: string, by: Actor): Promise<boolean>;
  /** Has it tried now, whatever it was to wait for. */
  retry(org: string, id: string): Promise<void>;
  target(org: string, id: string): Promise<StreamTarget | undefined>;
  /** Those of all organisations that are on and are not to wait until later. */
  due(at: string): Promise<DueStream[]>;
  /** This one as it is now, while it is due. */
  stillDue(org: string, id: string, at: string): Promise<DueStream | undefined>;
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
  /** Notes that it did not arrive, and when it is tried again; nothing when its settings are others by now. */
  fail(stream: Pick<DueStream, 'org' | 'id' | 'revision'>, failure: { trouble: string; nextAt: string }): Promise<void>;
}
