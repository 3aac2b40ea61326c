/** Who may take which version when: an organisation lets a new one into one ring of its agents after the other. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { versionOrder } from '../filter/version-order.ts';
import type { PortalStore } from '../store/store.ts';

/** `newest`: whatever this portal hands out; a version: up to that one; null: none for now. */
const upTo = z
  .union([z.literal('newest'), z.string().refine((version) => versionOrder(version) !== null, 'A version, like 0.2.0')])
  .nullable();
/** Whole names; `*` stands for any letters. */
const patterns = z.array(z.string().trim().min(1).max(100)).max(200);
const ring = z.strictObject({
  name: z.string().trim().min(1).max(40),
  /** Of the agents that no ring names: the same ones each time, and a larger share only adds to them. */
  percent: z.number().min(0).max(100),
  users: patterns,
  devices: patterns,
  upTo,
});
export const ringsSchema = z.strictObject({
  rings: z
    .array(ring)
    .max(20)
    .refine((rings) => rings.reduce((sum, { percent }) => sum + percent, 0) <= 100, 'The shares come to more than 100')
    .refine((rings) => new Set(rings.map(({ name }) => name)).size === rings.length, 'Two rings have one name'),
  /** Of those that are in no ring. */
  others: upTo,
});
export type UpgradeRings = z.infer<typeof ringsSchema>;
type Ring = UpgradeRings['rings'][number];

/** As long as nobody has said anything: everybody may take what there is. */
const NO_RINGS: UpgradeRings = { rings: [], others: 'newest' };

/** The name under which the portal keeps an organisation's rings. */
export const ringsName = (org: string): string => `upgrade-rings:${org}`;

/** The rings of an organisation. */
export async function readRings(store: Pick<PortalStore, 'value'>, org: string): Promise<UpgradeRings> {
  const kept = await store.value(ringsName(org));
  return kept === undefined ? NO_RINGS : ringsSchema.parse(JSON.parse(kept));
}

/** The ring that an agent is in: the first that names it, else by its share; undefined for none. Pure. */
export function ringOf(
  { rings }: Pick<UpgradeRings, 'rings'>,
  agent: { id: string; user: string; name: string },
): Ring | undefined {
  const named = rings.find(({ users, devices }) => matches(users, agent.user) || matches(devices, agent.name));
  if (named !== undefined) return named;
  const place = shareOf(agent.id);
  let from = 0;
  return rings.find(({ percent }) => {
    from += percent;
    return place < from;
  });
}

/** Whether an agent may take this version now. Pure. */
export function mayTake(all: UpgradeRings, agent: Parameters<typeof ringOf>[1], version: string): boolean {
  const ring = ringOf(all, agent);
  const limit = ring === undefined ? all.others : ring.upTo;
  if (limit === null || limit === 'newest') return limit === 'newest';
  return (versionOrder(version) ?? '~') <= (versionOrder(limit) ?? '');
}

/** 0 to 100, the same for the same agent whatever rings there are. */
function shareOf(id: string): number {
  return (createHash('sha256').update(`ring ${id}`).digest().readUInt32BE(0) / 2 ** 32) * 100;
}

/** Case does not matter; no pattern can take long. */
function matches(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => {
    const [head = '', ...rest] = pattern.toLowerCase().split('*');
    const whole = text.toLowerCase();
    if (rest.length === 0) return whole === head;
    if (!whole.startsWith(head)) return false;
    let at = head.length;
    for (const part of rest.slice(0, -1)) {
      const found = whole.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    const tail = rest.at(-1) ?? '';
    return whole.length - at >= tail.length && whole.endsWith(tail);
  });
}
