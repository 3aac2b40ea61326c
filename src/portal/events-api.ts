import * as z from 'zod';
import { type Answer, notFound, ok } from './answer.ts';
import type { EventAnswer, EventsAnswer } from './answers.ts';
import type { Person } from './authenticate.ts';
import type { PortalContext } from './portal-context.ts';
import { previewEvent } from './preview.ts';
import { parse, readFilter, readPage } from './query.ts';

/** A page of whole events ends before it is larger than this (in UTF-16 units of JSON). */
const MAX_PAGE = 8 * 1024 * 1024;
const contentSchema = z.object({ content: z.enum(['preview', 'full']).default('preview') });

/** `GET /api/events`, newest first. Long texts are cut and named in `cut`, unless `content=full`. */
export async function listEvents(portal: PortalContext, person: Person, query: URLSearchParams): Promise<Answer> {
  const { content } = parse(contentSchema, query);
  const page = { ...readPage(query), maxBytes: MAX_PAGE };
  const { items, next } = await portal.store.events.list(person.organisation.id, readFilter(query), page);
  const events = items.map(({ event }) => (content === 'full' ? event : previewEvent(event)));
  const answer: EventsAnswer = { events, next };
  return ok(answer);
}

/** `GET /api/events/:id`, whole. */
export async function getEvent(portal: PortalContext, person: Person, id: string): Promise<Answer> {
  const stored = await portal.store.events.get(person.organisation.id, id);
  if (stored === undefined) throw notFound('event');
  const answer: EventAnswer = stored;
  return ok(answer);
}
