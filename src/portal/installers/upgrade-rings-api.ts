import type { IncomingMessage } from 'node:http';
import { type Answer, notFound, ok } from '../answer.ts';
import type { Person } from '../authenticate.ts';
import { readJson } from '../body.ts';
import { checkBody } from '../check-body.ts';
import { versionOrder } from '../filter/version-order.ts';
import { changesBetween } from '../noted-act.ts';
import type { PortalContext } from '../portal-context.ts';
import { readVersion, versionConflict } from '../versions.ts';
import { countFleet } from './count-fleet.ts';
import { askedRingsSchema, type RingsAnswer } from './rings-schema.ts';
import { historyOf } from './upgrade-halts.ts';
import { readRings, ringsName } from './upgrade-rings.ts';
import { standingOf } from './upgrade-standing.ts';

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

/**
 * `PATCH /api/upgrade-rings`: all of them, in place of those before. With `If-Match: "<revision>"` those have to be the ones that were
 * seen; without, who comes last wins. Refuses (400) `rings-invalid`, (409) `version-conflict`.
 */
export async function setRings(portal: PortalContext, person: Person, incoming: IncomingMessage): Promise<Answer> {
  const rings = checkBody(askedRingsSchema, await readJson(incoming), 'rings-invalid');
  const org = person.organisation.id;
  const { revision, ...before } = await readRings(portal.store, org);
  const isMeant = incoming.headers['if-match'] === undefined || readVersion(incoming) === revision;
  if (!isMeant) throw versionConflict('rings');
  const changes = changesBetween(before, rings);
  if (changes === null) return getRings(portal, person);
  const at = portal.now().toISOString();
  // Before it is so: of a change that nobody finds in the log there must be none.
  await portal.store.note(org, { time: at, actor: person.actor, act: 'changed', object: 'upgrade-rings', changes });
  await portal.store.setValue(ringsName(org), JSON.stringify({ ...rings, revision: revision + 1 }));
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
