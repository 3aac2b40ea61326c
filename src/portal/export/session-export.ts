import { setImmediate } from 'node:timers/promises';
import * as z from 'zod';
import { type Answer, notFound } from '../answer.ts';
import type { SessionSummary } from '../answers.ts';
import type { Person } from '../authenticate.ts';
import type { PortalContext } from '../portal-context.ts';
import { parse } from '../query.ts';
import { SESSION_BYTES } from '../sessions-api.ts';
import type { PortalStore, StoredTurn } from '../store/store.ts';
import { sendFile, TYPES } from './send-file.ts';
import { sessionHead, turnMarkdown } from './session-markdown.ts';

export const sessionFormatSchema = z.object({ format: z.enum(['jsonl', 'markdown']).default('jsonl') });

/** So much is read between two moments in which others are answered. */
const PAGE = { limit: 100, maxEvents: 500, maxBytes: SESSION_BYTES };

/** `GET /api/sessions/:id/export`: every event of a session in the timeline's order, whole, as JSON Lines or `format=markdown`. */
export async function exportSession(
  portal: PortalContext,
  person: Person,
  id: string,
  query: URLSearchParams,
): Promise<Answer> {
  const org = person.organisation.id;
  const { format } = parse(sessionFormatSchema, query);
  const session = await portal.store.sessions.get(org, id);
  if (session === undefined) throw notFound('session');
  const time = portal.now().toISOString();
  await portal.store.note(org, { time, actor: person.actor, act: 'exported', object: `session:${format}:${id}` });
  const name = `capsule-session-${id.replace(/[^\w-]/g, '-').slice(0, 80)}.${format === 'jsonl' ? 'jsonl' : 'md'}`;
  const turns = turnsOf(portal.store, org, id);
  return sendFile(portal, { name, type: TYPES[format] }, format === 'jsonl' ? lines(turns) : markdown(session, turns));
}

async function* turnsOf({ sessions }: PortalStore, org: string, id: string): AsyncGenerator<StoredTurn> {
  for (let first = 0, total = 1; first < total; ) {
    const page = await sessions.turns(org, id, { first, ...PAGE });
    total = page.total;
    for (const [at, entry] of page.entries.entries()) {
      yield* whole(sessions, org, id, first + at, entry);
    }
    if (page.entries.length === 0) return;
    first += page.entries.length;
    await setImmediate();
  }
}

/** A turn in parts, so that one of any size can be read. Only the first part names the turn. */
async function* whole(
  sessions: PortalStore['sessions'],
  org: string,
  id: string,
  first: number,
  begun: StoredTurn,
): AsyncGenerator<StoredTurn> {
  yield begun;
  for (let part: StoredTurn | undefined = begun; part !== undefined && part.omitted > 0; ) {
    await setImmediate();
    const { entries }: { entries: StoredTurn[] } = await sessions.turns(org, id, {
      ...PAGE,
      first,
      limit: 1,
      skip: part.upTo,
    });
    const next: StoredTurn | undefined = entries[0];
    // Retention may have taken the rest meanwhile.
    if (next === undefined || next.upTo === part.upTo) return;
    part = next;
    yield { ...part, turn: null };
  }
}

async function* lines(turns: AsyncIterable<StoredTurn>): AsyncGenerator<string> {
  for await (const { events } of turns) {
    // A stream takes an empty text for its end.
    if (events.length > 0) yield events.map((event) => `${JSON.stringify(event)}\n`).join('');
  }
}

async function* markdown(session: SessionSummary, turns: AsyncIterable<StoredTurn>): AsyncGenerator<string> {
  yield sessionHead(session);
  for await (const { turn, events } of turns) {
    const text = turnMarkdown(turn, events);
    if (text !== '') yield text;
  }
}
