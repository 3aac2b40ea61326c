import { createHash } from 'node:crypto';
import type { EventKind, Generation } from '../core/event.ts';

export interface EventIdentity {
  generation: Generation;
  sessionId: string;
  kind: EventKind;
  /** Kiro's own id of what the event tells, unique for its kind within the session. */
  key: string;
}

/** The event's id: 32 hex digits, the same for the same fact on every read, on every machine, for ever. */
export function eventId({ generation, sessionId, kind, key }: EventIdentity): string {
  // JSON keeps the parts apart: no two different lists of texts have the same form.
  return shortHash(JSON.stringify([generation, sessionId, kind, key]), 32);
}

/** The first `digits` hex digits of the SHA-256 of a text. */
export function shortHash(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}
