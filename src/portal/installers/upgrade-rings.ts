/** Who may take which version when: an organisation lets a new one into one ring of its agents after the other. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { versionOrder } from '../filter/version-order.ts';
import type { PortalStore } from '../store/store.ts';

/** `newest`: whatever this portal hands out; a version: up to that one; null: none for now. */
const upTo = z
  .union([z.literal('newest'), z.string().refine((version) => versionOrder(version) !== null, 'A version, like 0.2.0')])
  .nullable();
/** Not before this time. */
const startsAt = z.iso.datetime({ precision: 3, error: 'A time in UTC, like 2026-09-03T12:00:00.000Z' }).nullable();
/** Not before so many days after the first agent of the ring before was offered the version. */
const daysAfter = z.int('Whole days, from 0 to 365').min(0).max(365).nullable();
/** Whole names; `*` stands for any letters. */
const patterns = z.array(z.string().trim().min(1).max(100)).max(200);
const ring = z.strictObject({
  name: z.string().trim().min(1).max(40),
  /** Of the agents that no ring names: the same ones each time, and a larger share only adds to them. */
  percent: z.number().min(0).max(100),
  users: patterns,
  devices: patterns,
  upTo,
  startsAt: startsAt.default(null),
  daysAfter: daysAfter.default(null),
});
export const ringsSchema = z.strictObject({
  /** In order: a version goes into one after the other. */
  rings: z
    .array(ring)
    .max(20)
    .refine((rings) => rings.reduce((sum, { percent }) => sum + percent, 0) <= 100, 'The shares come to more than 100')
    .refine((rings) => new Set(rings.map(({ name }) => name)).size === rings.length, 'Two rings have one name'),
  /** Of those that are in no ring. */
  others: upTo,
  othersStartsAt: startsAt.default(null),
  /** After the last ring. */
  othersDaysAfter: daysAfter.default(null),
  /** Percent: a version is halted where it failed on more than this share of the agents that a ring offered it to; 100: never. */
  haltShare: z.number().min(0).max(100).default(20),
  /** And on at least so many. */
  haltAtLeast: z.int().min(1).max(10_000).default(2),
});
export type UpgradeRings = z.infer<typeof ringsSchema>;
export type Ring = UpgradeRings['rings'][number];

/** Each agent is held against each of these; whole names cost nothing. */
const MOST_STARRED = 200;

/** What an administrator may lay down: as it is kept, within what counting a large fleet can bear. */
export const askedRingsSchema = z.strictObject({
  ...ringsSchema.shape,
  rings: ringsSchema.shape.rings
    .refine((rings) => starred(rings) <= MOST_STARRED, `More than ${MOST_STARRED} names with a star, in all rings`)
    .refine(([first]) => (first?.daysAfter ?? null) === null, 'The first ring has none before it to wait for'),
});

const starred = (rings: readonly Ring[]): number =>
  rings.flatMap(({ users, devices }) => [...users, ...devices]).filter((pattern) => pattern.includes('*')).length;

/** As long as nobody has said anything: everybody may take what there is. */
const NO_RINGS: UpgradeRings = ringsSchema.parse({ rings: [], others: 'newest' });

/** The name under which the portal keeps an organisation's rings. */
export const ringsName = (org: string): string => `upgrade-rings:${org}`;

/** The rings of an organisation. */
export async function readRings(store: Pick<PortalStore, 'value'>, org: string): Promise<UpgradeRings> {
  const kept = await store.value(ringsName(org));
  return kept === undefined ? NO_RINGS : ringsSchema.parse(JSON.parse(kept));
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
