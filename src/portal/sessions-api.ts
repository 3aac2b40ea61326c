import * as z from 'zod';
import { type Answer, notFound, ok } from './answer.ts';
import type { SessionAnswer, SessionsAnswer, TurnsAnswer } from './answers.ts';
import type { Person } from './authenticate.ts';
import { idSchema } from './event-schema.ts';
import { SESSION_GRAMMAR } from './filter/grammar.ts';
import type { PortalContext } from './portal-context.ts';
import { previewEvent } from './preview.ts';
import { parse } from './query.ts';
import { readList } from './read-list.ts';

/** Turns and events of one page of a timeline; measured to paint in well under a second on a slow machine. */
const TURNS = 100;
const EVENTS = 1_000;
/** So much of a session is read at once: an event may have 8 MiB, and as objects it takes a multiple of that. */
export const SESSION_BYTES = 16 * 1_024 * 1_024;

/** `GET /api/sessions`, latest activity first unless sorted otherwise. */
export async function listSessions(portal: PortalContext, person: Person, query: URLSearchParams): Promise<Answer> {
  const { filter, sort, misunderstood, page } = readList(SESSION_GRAMMAR, query, portal.now());
  const { items, next } = await portal.store.sessions.list(person.organisation.id, filter, { ...page, sort });
  const answer: SessionsAnswer = { sessions: items, next, misunderstood };
  return ok(answer);
}

/** `GET /api/sessions/:id`. */
export async function getSession(portal: PortalContext, person: Person, id: string): Promise<Answer> {
  const session = await portal.store.sessions.get(person.organisation.id, id);
  if (session === undefined) throw notFound('session');
  const answer: SessionAnswer = { session };
  return ok(answer);
}

export const turnsSchema = z.object({
  cursor: z.coerce.number().int().nonnegative().optional(),
  around: idSchema.optional(),
  limit: z.coerce.number().int().min(1).max(TURNS).default(TURNS),
});

/**
 * `GET /api/sessions/:id/turns`, oldest first. Pages begin at round positions, so that `around` (an event) gives the same page
 * as walking there.
 */
export async function listTurns(
  portal: PortalContext,
  person: Person,
  id: string,
  query: URLSearchParams,
): Promise<Answer> {
  const org = person.organisation.id;
  const { cursor = 0, around, limit } = parse(turnsSchema, query);
  if ((await portal.store.sessions.get(org, id)) === undefined) throw notFound('session');
  const position = around === undefined ? undefined : await portal.store.sessions.positionOf(org, id, around);
  if (around !== undefined && position === undefined) throw notFound('event');
  let first = position === undefined ? cursor : position - (position % limit);
  const read = () => portal.store.sessions.turns(org, id, { first, limit, maxEvents: EVENTS, maxBytes: SESSION_BYTES });
  let { entries, total } = await read();
  // Turns with many events fill a page before it has its hundred: the event may be on one of the next.
  while (position !== undefined && entries.length > 0 && position >= first + entries.length) {
    first += entries.length;
    ({ entries, total } = await read());
  }
  const end = first + entries.length;
  const answer: TurnsAnswer = {
    turns: entries.map(({ turn, events, omitted }) => ({ turn, events: events.map(previewEvent), omitted })),
    first,
    total,
    next: end < total ? String(end) : null,
    previous: first > 0 ? String(Math.max(0, first - limit)) : null,
  };
  return ok(answer);
}
