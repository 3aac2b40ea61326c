import * as z from 'zod';
import { type Answer, notFound, ok, Refusal } from './answer.ts';
import type { CountsAnswer, EventAnswer, EventsAnswer } from './answers.ts';
import type { Person } from './authenticate.ts';
import { EVENT_GRAMMAR } from './filter/grammar.ts';
import type { PortalContext } from './portal-context.ts';
import { previewEvent } from './preview.ts';
import { parse } from './query.ts';
import { readList } from './read-list.ts';
import type { Count } from './store/store.ts';

/** A page of whole events ends before it is larger than this (in UTF-16 units of JSON). */
const MAX_PAGE = 8 * 1024 * 1024;
export const contentSchema = z.object({ content: z.enum(['preview', 'full']).default('preview') });

/** `GET /api/events`, newest first. Long texts are cut and named in `cut`, unless `content=full`. */
export async function listEvents(portal: PortalContext, person: Person, query: URLSearchParams): Promise<Answer> {
  const { content } = parse(contentSchema, query);
  const { filter, misunderstood, page } = readList(EVENT_GRAMMAR, query, portal.now());
  const found = await portal.store.events.list(person.organisation.id, filter, { ...page, maxBytes: MAX_PAGE });
  const events = found.items.map(({ event }) => (content === 'full' ? event : previewEvent(event)));
  const answer: EventsAnswer = { events, next: found.next, searchedTo: found.searchedTo, misunderstood };
  return ok(answer);
}

/** Beyond it a list says "10 000+": nobody reads on, and counting on costs. */
const COUNT_LIMIT = 10_000;
/** The list is asked at the same moment and has the same process to itself for as long as it walks. */
const COUNT_BUDGET_MS = 60;

/** `GET /api/counts`: how many events the filter of `/api/events` asks for, and how many by hour. */
export async function countEvents(portal: PortalContext, person: Person, query: URLSearchParams): Promise<Answer> {
  const { filter, misunderstood } = readList(EVENT_GRAMMAR, query, portal.now());
  const { events } = portal.store;
  const org = person.organisation.id;
  const { summed, ...histogram } = await events.bars(org, filter, portal.now(), COUNT_BUDGET_MS);
  const counted = summed
    ? await events.count(org, filter, COUNT_LIMIT, COUNT_BUDGET_MS)
    : countOf(histogram.bars, histogram.searchedTo);
  const newest = await events.newest(org);
  const answer: CountsAnswer = { ...counted, histogram, newest: newest?.time ?? null, misunderstood };
  return ok(answer);
}

/** Bars of the events themselves have counted them all: nothing is walked through twice. */
function countOf(bars: readonly { events: number }[], searchedTo: string | null): Count {
  const count = bars.reduce((sum, { events }) => sum + events, 0);
  if (count > COUNT_LIMIT) return { count: COUNT_LIMIT, exact: false, searchedTo: null };
  return { count, exact: searchedTo === null, searchedTo };
}

/** `GET /api/events/:id/facts`: what policies see of it under `event.facts`, computed anew. Refuses (404). */
export async function getFacts(portal: PortalContext, person: Person, id: string): Promise<Answer> {
  const stored = await portal.store.events.get(person.organisation.id, id);
  if (stored === undefined) throw notFound('event');
  const { factsOf } = await import('./policies/facts/facts.ts');
  return ok({ facts: factsOf(stored.event, { content: null }) });
}

/** `GET /api/events/:id`, whole. Refuses (404), and (410) `event-removed` what retention has removed. */
export async function getEvent(portal: PortalContext, person: Person, id: string): Promise<Answer> {
  const stored = await portal.store.events.get(person.organisation.id, id);
  if (stored === undefined) {
    if (!(await portal.store.events.wasRemoved(person.organisation.id, id))) throw notFound('event');
    throw new Refusal(410, 'event-removed', 'This event was removed, because events of its kind are kept no longer');
  }
  const answer: EventAnswer = stored;
  return ok(answer);
}
