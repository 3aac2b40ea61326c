/** What is handed to an outbox, and what it tells of itself. */
import type { CapsuleEvent } from '../core/event.ts';
import type { Removed } from './losses.ts';

/** Where reading a session stopped, as its reader will want it back. */
export interface SavedCursor {
  store: string;
  session: string;
  value: object;
}

/** What becomes durable together. */
export interface Commit {
  events: readonly CapsuleEvent[];
  cursor?: SavedCursor;
  /** As by `setFact`. */
  facts?: { [name: string]: string };
}

export interface OutboxCounts {
  events: number;
  bytes: number;
  /** When the oldest waiting event was taken in, ISO 8601. */
  oldest: string | null;
  rejected: number;
  removed: Removed | null;
}

/** A database that could not be used any more, and what was done about it. */
export interface Damage {
  movedTo: string;
  /** Waiting events that could still be read, and wait in the new database. */
  saved: number;
}

export interface OutboxNeeds {
  file: string;
  now(): Date;
  /** ms since whenever, by a clock that nobody sets. */
  monotonic(): number;
  /** What opening it had to do. */
  damage: Damage | null;
}
