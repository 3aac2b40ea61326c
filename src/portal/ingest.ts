import * as z from 'zod';
import type { CapsuleEvent, Probe } from '../core/event.ts';
import { type Answer, ok, Refusal } from './answer.ts';
import type { Device } from './authenticate.ts';
import type { Rejected } from './device-answers.ts';
import { checkEvent, readProbe } from './event-schema.ts';
import type { PortalContext } from './portal-context.ts';

export const MAX_EVENTS = 1_000;

const batchSchema = z.object({ events: z.array(z.unknown()) });

/**
 * `POST /v1/events`. Good events are stored in one transaction before this answers; a bad one is refused alone. A batch
 * without one good event is refused as a whole (422), with the same list of reasons. A probe is accepted and noted with its
 * device; it is nowhere among the events.
 */
export async function takeEvents(portal: PortalContext, device: Device, body: unknown): Promise<Answer> {
  const { good, probes, rejected } = sortEvents(readBatch(body), device.id);
  portal.metrics.of(device.organisation.id).rejected(rejected.length);
  if (good.length + probes.length === 0 && rejected.length > 0) {
    const error = { code: 'events-invalid', message: `No event was stored: ${rejected[0]?.message}` };
    return { status: 422, json: { accepted: 0, duplicates: 0, rejected, error } };
  }
  const org = device.organisation.id;
  const at = portal.now().toISOString();
  const probe = probes.at(-1);
  if (probe !== undefined) await portal.store.agents.noteProbe(org, device.id, { id: probe.id, time: at });
  if (good.length === 0) return ok({ accepted: probes.length, duplicates: 0, rejected });
  const { detections, ...counted } = await portal.ingest(org, device.id, good, at);
  if (counted.accepted > 0) {
    const sessions = [...new Set(good.map(({ session }) => session.id))];
    portal.announcer.announce(org, {
      events: counted.accepted,
      sessions,
      agents: [device.id],
      ...(detections.length > 0 && { detections: detections.length }),
    });
  }
  return ok({ ...counted, accepted: counted.accepted + probes.length, rejected });
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

/** Splits what was sent into events and probes of this device and the reasons why the others are none. */
export function sortEvents(
  values: readonly unknown[],
  deviceId: string,
): { good: CapsuleEvent[]; probes: Probe[]; rejected: Rejected[] } {
  const good: CapsuleEvent[] = [];
  const probes: Probe[] = [];
  const rejected: Rejected[] = [];
  const take = <T extends CapsuleEvent | Probe>(sent: T, into: T[]) => {
    const message = 'device.id is not the device that this credential was made for';
    if (sent.device.id === deviceId) into.push(sent);
    else rejected.push({ id: sent.id, code: 'device-foreign', message });
  };
  for (const value of values) {
    const probe = readProbe(value);
    const checked = probe === undefined ? checkEvent(value) : { probe };
    if ('unfit' in checked) rejected.push(checked.unfit);
    else if ('probe' in checked) take(checked.probe, probes);
    else take(checked.event, good);
  }
  return { good, probes, rejected };
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
