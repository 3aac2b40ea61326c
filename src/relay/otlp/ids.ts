import { createHash } from 'node:crypto';
import type { CapsuleEvent } from '../../core/event.ts';

/** The same for the same fact on every read: what is sent again takes the place of what was there. Pure. */
function digest(digits: number, ...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, digits);
}

export type Told = Pick<CapsuleEvent, 'id' | 'session' | 'turn'>;

/** One turn is one trace; what was said outside of any turn is one by itself. 32 hex digits. Pure. */
export function traceIdOf({ id, session, turn }: Told): string {
  return digest(32, 'trace', session.generation, session.id, turn === null ? 'event' : 'turn', turn?.id ?? id);
}

/** The turn's own span, whether it was sent already or not. 16 hex digits. Pure. */
export function rootSpanIdOf(event: Told): string {
  return digest(16, 'root', traceIdOf(event));
}

/** A span that tells this event, or several of which it is the first. Pure. */
export function spanIdOf(event: Told): string {
  return digest(16, 'event', traceIdOf(event), event.id);
}

/** A person on a machine, without a name. Pure. */
export function pseudonym(device: CapsuleEvent['device']): string {
  return digest(16, 'user', device.id, device.user);
}
