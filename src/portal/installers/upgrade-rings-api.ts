import * as z from 'zod';
import { type Answer, notFound, ok } from '../answer.ts';
import type { Person } from '../authenticate.ts';
import { checkBody } from '../check-body.ts';
import { versionOrder } from '../filter/version-order.ts';
import { changesBetween } from '../noted-act.ts';
import type { PortalContext } from '../portal-context.ts';
import { countFleet } from './count-fleet.ts';
import { historyOf } from './upgrade-halts.ts';
import { askedRingsSchema, readRings, ringsName, ringsSchema } from './upgrade-rings.ts';
import { standingOf } from './upgrade-standing.ts';

const ring = z.string().nullable();
const time = z.string().nullable();
export const ringsAnswerSchema = z.object({
  ...ringsSchema.shape,
  /** What this portal hands out, and for which systems; newest first. */
  versions: z.array(z.object({ version: z.string(), systems: z.array(z.string()) })),
  /** How many agents are in each ring, by their version; `ring` is null for those in none. Most first. */
  agents: z.array(z.object({ ring, version: z.string(), agents: z.number() })),
  /** Of each version that this portal hands out and each ring, in order. */
  progress: z.array(
    z.object({
      ring,
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
      ...{ agent: z.string(), name: z.string(), user: z.string(), ring },
      ...{ version: z.string(), why: z.string(), at: z.string() },
    }),
  ),
  /** Versions that failed too often, newest first; one that stands has no `resumedAt`. */
  halts: z.array(
    z.object({
      ...{ version: z.string(), ring, offered: z.number(), failed: z.number(), haltedAt: z.string() },
      ...{ resumedAt: time, resumedBy: time },
    }),
  ),
});
export type RingsAnswer = z.infer<typeof ringsAnswerSchema>;

/** `GET /api/upgrade-rings`: who may take which version, and how far each ring is. */
export async function getRings(portal: PortalContext, person: Person): Promise<Answer> {
  const { store } = portal;
  const org = person.organisation.id;
  const now = portal.now();
  const rings = await readRings(store, org);
  const versions = await versionsHandedOut(portal);
  const names = versions.map(({ version }) => version);
  const histories = new Map(
    await Promise.all(names.map(async (version) => [version, await historyOf(store, org, version)] as const)),
  );
  const { agents, progress, failures } = await countFleet(store, org, rings, names);
  const answer: RingsAnswer = {
    ...rings,
    ...{ versions, agents, failures },
    progress: progress.flatMap((each) => {
      const history = histories.get(each.version);
      if (history === undefined) return [];
      const begunAt = history.tally.find((tally) => tally.ring === each.ring)?.begunAt ?? null;
      return [{ ...each, ...standingOf(rings, each.ring, history, now), begunAt }];
    }),
    halts: await store.upgrades.halts(org),
  };
  return ok(answer);
}

/** `PATCH /api/upgrade-rings`: all of them, in place of those before; who comes last wins. Refuses (400) `rings-invalid`. */
export async function setRings(portal: PortalContext, person: Person, body: unknown): Promise<Answer> {
  const rings = checkBody(askedRingsSchema, body, 'rings-invalid');
  const org = person.organisation.id;
  const changes = changesBetween(await readRings(portal.store, org), rings);
  if (changes === null) return getRings(portal, person);
  const at = portal.now().toISOString();
  // Before it is so: of a change that nobody finds in the log there must be none.
  await portal.store.note(org, { time: at, actor: person.actor, act: 'changed', object: 'upgrade-rings', changes });
  await portal.store.setValue(ringsName(org), JSON.stringify(rings));
  return getRings(portal, person);
}

/**
 * `POST /api/upgrade-rings/:version/resume`: a version that was halted is offered again. Failures on agents that were offered it
 * before are not counted again. Refuses (404) where no halt of it stands.
 */
export async function resumeUpgrade(portal: PortalContext, person: Person, version: string): Promise<Answer> {
  const at = portal.now().toISOString();
  const resumed = await portal.store.upgrades.resume(person.organisation.id, version, at, person.actor);
  if (!resumed) throw notFound('halt');
  return getRings(portal, person);
}

async function versionsHandedOut({ executables }: PortalContext): Promise<RingsAnswer['versions']> {
  const systems = new Map<string, string[]>();
  for (const { name, version } of await executables.list()) {
    const system = name.replace(/^capsule-kiro-|\.exe$/g, '');
    if (version !== undefined) systems.set(version, [...(systems.get(version) ?? []), system]);
  }
  const order = (version: string) => versionOrder(version) ?? '';
  return [...systems]
    .map(([version, of]) => ({ version, systems: of }))
    .sort((a, b) => (order(a.version) < order(b.version) ? 1 : -1));
}
