import * as z from 'zod';
import { type Answer, ok } from '../answer.ts';
import type { Person } from '../authenticate.ts';
import { checkBody } from '../check-body.ts';
import { changesBetween } from '../noted-act.ts';
import type { PortalContext } from '../portal-context.ts';
import { readRings, ringOf, ringsName, ringsSchema } from './upgrade-rings.ts';

const PAGE = 1_000;

export const ringsAnswerSchema = z.object({
  ...ringsSchema.shape,
  /** How many agents are in each ring, by their version; `ring` is null for those in none. Most first. */
  agents: z.array(z.object({ ring: z.string().nullable(), version: z.string(), agents: z.number() })),
});
export type RingsAnswer = z.infer<typeof ringsAnswerSchema>;

/** `GET /api/upgrade-rings`: who may take which version, and how far each ring is. */
export async function getRings(portal: PortalContext, person: Person): Promise<Answer> {
  const org = person.organisation.id;
  const rings = await readRings(portal.store, org);
  const counts = new Map<string, RingsAnswer['agents'][number]>();
  for (let after: string | null | undefined; after !== null; ) {
    const page = await portal.store.agents.list(org, {}, portal.now(), {
      limit: PAGE,
      ...(after !== undefined && { after }),
    });
    for (const agent of page.items) {
      const ring = ringOf(rings, agent)?.name ?? null;
      const key = JSON.stringify([ring, agent.agentVersion]);
      const count = counts.get(key) ?? { ring, version: agent.agentVersion, agents: 0 };
      counts.set(key, { ...count, agents: count.agents + 1 });
    }
    after = page.next;
  }
  const agents = [...counts.values()].sort((a, b) => b.agents - a.agents);
  return ok({ ...rings, agents } satisfies RingsAnswer);
}

/** `PATCH /api/upgrade-rings`: all of them, in place of those before; who comes last wins. Refuses (400) `rings-invalid`. */
export async function setRings(portal: PortalContext, person: Person, body: unknown): Promise<Answer> {
  const rings = checkBody(ringsSchema, body, 'rings-invalid');
  const org = person.organisation.id;
  const changes = changesBetween(await readRings(portal.store, org), rings);
  if (changes === null) return getRings(portal, person);
  const time = portal.now().toISOString();
  // Before it is so: of a change that nobody finds in the log there must be none.
  await portal.store.note(org, { time, actor: person.actor, act: 'changed', object: 'upgrade-rings', changes });
  await portal.store.setValue(ringsName(org), JSON.stringify(rings));
  return getRings(portal, person);
}
