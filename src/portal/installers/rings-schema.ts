/** What is laid down about rings, and what is told of them. Also for the page: nothing of Node here. */
import * as z from 'zod';
import { versionOrder } from '../filter/version-order.ts';

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
/** As they are kept: with how often they were changed. */
export const keptSchema = z.strictObject({ ...ringsSchema.shape, revision: z.int().nonnegative().default(0) });
export type KeptRings = z.infer<typeof keptSchema>;
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

const ringName = z.string().nullable();
const time = z.string().nullable();
export const ringsAnswerSchema = z.object({
  ...ringsSchema.shape,
  /** How often they were changed; for `If-Match`. */
  revision: z.number(),
  /** What this portal hands out, and for which systems; newest first. */
  versions: z.array(z.object({ version: z.string(), systems: z.array(z.string()) })),
  /** How many agents are in each ring: ringName, by their version; `ring` is null for those in none. Most first. */
  agents: z.array(z.object({ ring: ringName, version: z.string(), agents: z.number() })),
  /** Of each version that this portal hands out and each ring: ringName, in order. */
  progress: z.array(
    z.object({
      ring: ringName,
      version: z.string(),
      /** Whether the ring's agents are offered it now; `behind`: older versions only. */
      state: z.enum(['open', 'paused', 'behind', 'halted', 'waiting']),
      /** When `waiting` ends; null when that hangs on the ring before, which has not begun. */
      from: time,
      /** When an agent of the ring was offered it first. */
      begunAt: time,
      /** Agents that run it or a later one; that do not, and were offered it; and on how many of these it failed. */
      running: z.number(),
      offered: z.number(),
      failed: z.number(),
    }),
  ),
  /** The newest 20 agents on which it failed and that have not taken it since. */
  failures: z.array(
    z.object({
      ...{ agent: z.string(), name: z.string(), user: z.string(), ring: ringName },
      ...{ version: z.string(), why: z.string(), at: z.string() },
    }),
  ),
  /** Versions that failed too often, newest first; one that stands has no `resumedAt`. */
  halts: z.array(
    z.object({
      ...{ version: z.string(), ring: ringName, offered: z.number(), failed: z.number(), haltedAt: z.string() },
      ...{ resumedAt: time, resumedBy: time },
    }),
  ),
});
export type RingsAnswer = z.infer<typeof ringsAnswerSchema>;
