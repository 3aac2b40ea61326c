import { z } from 'zod';
import type { CapsuleEvent } from '../core/event.ts';
import { type Answer, ok, Refusal } from './answer.ts';
import type { Device } from './authenticate.ts';
import { checkEvent } from './event-schema.ts';
import type { PortalContext } from './portal-context.ts';

export const MAX_EVENTS = 1_000;

/** Why an event was not stored. It never will be: sending it again gives the same answer. */
export interface Rejected {
  id: string | null;
  code: 'event-invalid' | 'kind-unknown' | 'schema-version-unknown' | 'device-foreign';
  message: string;
}

const batchSchema = z.object({ events: z.array(z.unknown()) });

/**
 * `POST /v1/events`. Good events are stored in one transaction before this answers; a bad one is refused alone. A batch
 * without one good event is refused as a whole (422), with the same list of reasons.
 */
export async function takeEvents(portal: PortalContext, device: Device, body: unknown): Promise<Answer> {
  const { good, rejected } = sortEvents(readBatch(body), device.id);
  if (good.length === 0 && rejected.length > 0) {
    const error = { code: 'events-invalid', message: `No event was stored: ${rejected[0]?.message}` };
    return { status: 422, json: { accepted: 0, duplicates: 0, rejected, error } };
  }
  const org = device.organisation.id;
  const counted = await portal.store.events.ingest(org, device.id, good, portal.now().toISOString());
  if (counted.accepted > 0) {
    const sessions = [...new Set(good.map(({ session }) => session.id))];
    portal.announcer.announce(org, { events: counted.accepted, sessions, agents: [device.id] });
  }
  return ok({ ...counted, rejected });
}

function readBatch(body: unknown): unknown[] {
  const batch = batchSchema.safeParse(body);
  if (!batch.success) throw new Refusal(400, 'batch-invalid', 'The body must be {"events": [ … ]}');
  if (batch.data.events.length > MAX_EVENTS) {
    throw new Refusal(413, 'too-many-events', `A request may hold ${MAX_EVENTS} events`);
  }
  if (batch.data.events.some(plantsPrototype) || plantsPrototype(body)) {
    throw new Refusal(400, 'batch-invalid', 'A field may not be called __proto__');
  }
  return batch.data.events;
}

/** Splits what was sent into events of this device and the reasons why the others are none. */
export function sortEvents(
  values: readonly unknown[],
  deviceId: string,
): { good: CapsuleEvent[]; rejected: Rejected[] } {
  const good: CapsuleEvent[] = [];
  const rejected: Rejected[] = [];
  for (const value of values) {
    const checked = checkEvent(value);
    if ('unfit' in checked) rejected.push(checked.unfit);
    else if (checked.event.device.id !== deviceId) {
      const message = 'device.id is not the device that this credential was made for';
      rejected.push({ id: checked.event.id, code: 'device-foreign', message });
    } else good.push(checked.event);
  }
  return { good, rejected };
}

/**
 * Our own fields are never called that, so whoever sends it is trying something. Not looked for inside a tool's arguments and
 * results: those are what happened, and are only ever kept as text.
 */
function plantsPrototype(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Object.hasOwn(value, '__proto__')) return true;
  return ENVELOPE_FIELDS.some((field) => {
    const part: unknown = (value as Record<string, unknown>)[field];
    return typeof part === 'object' && part !== null && Object.hasOwn(part, '__proto__');
  });
}
const ENVELOPE_FIELDS = ['session', 'turn', 'workspace', 'agent', 'device', 'source', 'body'];
