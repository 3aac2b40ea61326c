/** Who may take which version when: an organisation lets a new one into one ring of its agents after the other. */
import { createHash } from 'node:crypto';
import type { PortalStore } from '../store/store.ts';
import { type KeptRings, keptSchema, type Ring, type UpgradeRings } from './rings-schema.ts';

/** As long as nobody has said anything: everybody may take what there is. */
const NO_RINGS: KeptRings = keptSchema.parse({ rings: [], others: 'newest' });

/** The name under which the portal keeps an organisation's rings. */
export const ringsName = (org: string): string => `upgrade-rings:${org}`;

/** The rings of an organisation. */
export async function readRings(store: Pick<PortalStore, 'value'>, org: string): Promise<KeptRings> {
  const kept = await store.value(ringsName(org));
  return kept === undefined ? NO_RINGS : keptSchema.parse(JSON.parse(kept));
}

/** An agent as rings ask of it. */
export interface RingAgent {
  id: string;
  user: string;
  name: string;
}

/** Finds the ring that an agent is in: the first that names it, else by its share; undefined for none. Pure. */
export function ringFinder({ rings }: Pick<UpgradeRings, 'rings'>): (agent: RingAgent) => Ring | undefined {
  const users = patternFinder(rings.map((each) => each.users));
  const devices = patternFinder(rings.map((each) => each.devices));
  return ({ id, user, name }) => {
    const named = Math.min(users(user), devices(name));
    if (named < rings.length) return rings[named];
    const place = shareOf(id);
    let from = 0;
    return rings.find(({ percent }) => {
      from += percent;
      return place < from;
    });
  };
}

/** 0 to 100, the same for the same agent whatever rings there are. */
function shareOf(id: string): number {
  return (createHash('sha256').update(`ring ${id}`).digest().readUInt32BE(0) / 2 ** 32) * 100;
}

/** The first of some lists that has a pattern for a text; infinity for none. Case does not matter; no pattern can take long. */
function patternFinder(lists: readonly (readonly string[])[]): (text: string) => number {
  const whole = new Map<string, number>();
  const inParts: { parts: string[]; at: number }[] = [];
  for (const [at, list] of lists.entries()) {
    for (const pattern of list.map((each) => each.toLowerCase())) {
      if (pattern.includes('*')) inParts.push({ parts: pattern.split('*'), at });
      else if (!whole.has(pattern)) whole.set(pattern, at);
    }
  }
  return (text) => {
    const lower = text.toLowerCase();
    const exact = whole.get(lower) ?? Number.POSITIVE_INFINITY;
    const found = inParts.find(({ parts, at }) => at >= exact || fits(parts, lower));
    return Math.min(exact, found?.at ?? exact);
  };
}

/** Whether a text is these parts with any letters between them. */
function fits(parts: readonly string[], text: string): boolean {
  const [head = ''] = parts;
  const tail = parts.at(-1) ?? '';
  if (!text.startsWith(head)) return false;
  let at = head.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - at >= tail.length && text.endsWith(tail);
}
