import type { Bodies, EventKind, TurnRef } from '../core/event.ts';

/** What a session's records can tell. The session's start and gaps are not in the records. */
export type FactKind = Exclude<EventKind, 'session.started' | 'capture.gap'>;

/** An event without its surroundings: what happened, when, in which turn, and which record says so. */
export interface FactOf<K extends FactKind> {
  kind: K;
  /** Unique for the kind within the session; the event's id is made of it. */
  key: string;
  /** ISO 8601 in UTC with milliseconds. */
  time: string;
  turn: TurnRef | null;
  /** Kiro's id of the record. */
  record: string | null;
  /** 1 + the byte offset of the record's line. */
  ordinal: number;
  /** Names of body fields (and `time`) that were derived. */
  inferred: string[];
  body: Bodies[K];
}

/** Discriminated by `kind`. */
export type Fact = { [K in FactKind]: FactOf<K> }[FactKind];
