import * as z from 'zod';
import { INVENTORY_PARTS } from '../core/event.ts';
import { type Answer, notFound, ok } from './answer.ts';
import type {
  ChainAnswer,
  ChangesAnswer,
  FacetsAnswer,
  HeldAnswer,
  HoldersAnswer,
  HoursAnswer,
  OverviewAnswer,
} from './answers.ts';
import type { Person } from './authenticate.ts';
import { chartStep } from './filter/chart-step.ts';
import { EVENT_GRAMMAR } from './filter/grammar.ts';
import { readFilter, startOfRange } from './filter/read-filter.ts';
import type { Severity } from './policies/policy.ts';
import type { PortalContext } from './portal-context.ts';
import { parse, readPage } from './query.ts';

export const facetSchema = z.object({ field: z.string().max(50), prefix: z.string().max(200).default('') });
const FACETS = 20;
const HELD = 1_000;

/** `GET /api/facets?field=…&prefix=…`: known values of a field of the filters, latest seen first. */
export async function listFacets(portal: PortalContext, person: Person, query: URLSearchParams): Promise<Answer> {
  const { field, prefix } = parse(facetSchema, query);
  const values = await portal.store.observations.values(person.organisation.id, field, prefix, FACETS);
  const answer: FacetsAnswer = { values };
  return ok(answer);
}

/** `GET /api/hours`: sums by hour (by day for more than eight days), kind and tool, of the filter's time, kinds and tools. */
export async function listHours(portal: PortalContext, person: Person, query: URLSearchParams): Promise<Answer> {
  const now = portal.now();
  const { filter, misunderstood } = readFilter(EVENT_GRAMMAR, query, now);
  const summed = new Set(['kind', 'tool']);
  const unsummed = Object.keys(filter.tests ?? {}).filter((name) => !summed.has(name));
  const { step, stepMs } = chartStep(filter, now);
  const hours = await portal.store.observations.hours(person.organisation.id, filter, step);
  const answer: HoursAnswer = {
    hours,
    stepMs,
    misunderstood: [...misunderstood, ...unsummed],
  };
  return ok(answer);
}

const FRESH = ['mcp', 'skill', 'steering', 'tool'];

/** `GET /api/overview`: everything the front page shows, from sums alone. */
export async function overview(portal: PortalContext, person: Person): Promise<Answer> {
  const { agents, events, observations, detections } = portal.store;
  const org = person.organisation.id;
  const now = portal.now();
  const week = startOfRange('7d', now) ?? '';
  const open = (await detections.counts(org)).filter(({ state }) => state === 'open' || state === 'in_review');
  const bySeverity: Partial<Record<Severity, number>> = {};
  for (const { severity, count } of open) bySeverity[severity] = (bySeverity[severity] ?? 0) + count;
  const answer: OverviewAnswer = {
    states: await agents.states(org, {}, now),
    hours: (await events.bars(org, { from: week }, now)).bars,
    fresh: await observations.newValues(org, FRESH, week, FACETS),
    changes: await observations.changesSince(org, week),
    detections: bySeverity,
    newest: (await events.newest(org))?.time ?? null,
  };
  return ok(answer);
}

const partSchema = z.enum(INVENTORY_PARTS);
export const nameSchema = z.object({ name: z.string().max(2_000).optional() });

/** `GET /api/inventory/:id` (`mcpServer`, `skill`, `steering`, …): what agents have now; with `name`, who has that. */
export async function listHeld(
  portal: PortalContext,
  person: Person,
  id: string,
  query: URLSearchParams,
): Promise<Answer> {
  const part = partSchema.safeParse(id);
  if (!part.success) throw notFound('part of the inventory');
  const { name } = parse(nameSchema, query);
  const { observations } = portal.store;
  const org = person.organisation.id;
  const answer: HeldAnswer | HoldersAnswer =
    name === undefined
      ? { items: await observations.held(org, part.data, HELD) }
      : { holders: await observations.holders(org, part.data, name, HELD) };
  return ok(answer);
}

/** `GET /api/agents/:id/changes`: what changed in its configuration from session to session, newest first. */
export async function listChanges(
  portal: PortalContext,
  person: Person,
  id: string,
  query: URLSearchParams,
): Promise<Answer> {
  const org = person.organisation.id;
  if ((await portal.store.agents.get(org, id)) === undefined) throw notFound('agent');
  const { items, next } = await portal.store.observations.changes(org, id, readPage(query));
  const answer: ChangesAnswer = { changes: items, next };
  return ok(answer);
}

/** `GET /api/chain`: where the chain over events and acts ends; to be written down elsewhere and held against it later. */
export async function chainHead(portal: PortalContext, person: Person): Promise<Answer> {
  const answer: ChainAnswer = { head: (await portal.store.observations.chainHead(person.organisation.id)) ?? null };
  return ok(answer);
}
