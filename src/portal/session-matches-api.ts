import * as z from 'zod';
import { type Answer, notFound, ok, Refusal } from './answer.ts';
import type { MatchesAnswer } from './answers.ts';
import type { Person } from './authenticate.ts';
import { searchTexts } from './event-texts.ts';
import { findWords, readWords } from './filter/words.ts';
import type { PortalContext } from './portal-context.ts';
import { parse } from './query.ts';
import { SESSION_BYTES } from './sessions-api.ts';

/** So much of a session is read for one answer; others are answered between two. */
const TURNS = 400;
const EVENTS = 1_000;

export const matchesSchema = z.object({
  q: z.string().min(1).max(1_000),
  /** A turn's position, and how many of its events were searched already. */
  cursor: z
    .string()
    .regex(/^\d{1,9}(\.\d{1,9})?$/)
    .default('0'),
});

/**
 * `GET /api/sessions/:id/matches`: the events of a session in which every word of `q` occurs, in the timeline's order. Of one
 * stretch of the session; `next` goes on behind it, and is null at its end. Refuses (400) `query-invalid` what has no word.
 */
export async function findInSession(
  portal: PortalContext,
  person: Person,
  id: string,
  query: URLSearchParams,
): Promise<Answer> {
  const org = person.organisation.id;
  if ((await portal.store.sessions.get(org, id)) === undefined) throw notFound('session');
  const { q, cursor } = parse(matchesSchema, query);
  const words = readWords(q);
  if (words.length === 0) throw new Refusal(400, 'query-invalid', 'There is no word in it to look for');
  const [first = 0, skip = 0] = cursor.split('.').map(Number);
  const page = { first, skip, limit: TURNS, maxEvents: EVENTS, maxBytes: SESSION_BYTES };
  const { entries, total } = await portal.store.sessions.turns(org, id, page);
  const [begun] = entries;
  const isCut = begun !== undefined && begun.omitted > 0;
  const end = isCut ? first : first + entries.length;
  const holds = (text: string, word: (typeof words)[number]) => findWords(text, [word]).length > 0;
  const matches = entries.flatMap(({ turn, events }) =>
    events.flatMap((event) => {
      const text = Object.values(searchTexts(event)).join('\n');
      return words.every((word) => holds(text, word))
        ? [{ event: event.id, kind: event.kind, turn: turn?.index ?? null }]
        : [];
    }),
  );
  const answer: MatchesAnswer = {
    matches,
    searched: end,
    total,
    next: isCut ? `${first}.${begun.upTo}` : entries.length > 0 && end < total ? String(end) : null,
  };
  return ok(answer);
}
