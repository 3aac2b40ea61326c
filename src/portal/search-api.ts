import type { CapsuleEvent } from '../core/event.ts';
import { type Answer, ok } from './answer.ts';
import type { SearchAnswer, SearchGroup, SearchHit } from './answers.ts';
import type { Person } from './authenticate.ts';
import { searchTexts } from './event-texts.ts';
import { EVENT_GRAMMAR } from './filter/grammar.ts';
import { findWords, type Stretch, type Word } from './filter/words.ts';
import type { PortalContext } from './portal-context.ts';
import { headOf } from './preview.ts';
import { readList } from './read-list.ts';

/** So many of the newest matches are read to choose the best from. */
const MATCHES = 200;
const MAX_BYTES = 16 * 1024 * 1024;
const HITS = 3;
const SNIPPET = 200;
const LEAD = 60;

/** What a person looks for first: what was asked, what was answered, what was done, what came of it. */
const FIELDS = ['prompt', 'response', 'arguments', 'result'] as const;

/**
 * `GET /api/search`: sessions in which every word of `q` occurs in one event, best first, up to three places of each; the
 * filters of `/api/events` narrow it. Of the newest 200 matches; `next` goes on behind them.
 */
export async function search(portal: PortalContext, person: Person, query: URLSearchParams): Promise<Answer> {
  const { filter, misunderstood, page } = readList(EVENT_GRAMMAR, query, portal.now());
  const words = filter.words ?? [];
  const org = person.organisation.id;
  const asked = { ...page, limit: MATCHES, maxBytes: MAX_BYTES };
  const found =
    words.length === 0
      ? { items: [], next: null, searchedTo: null }
      : await portal.store.events.list(org, filter, asked);
  const groups = group(found.items.flatMap(({ event }) => hitIn(event, words)));
  const sessions = await Promise.all(
    groups.map(async ({ session, ...rest }): Promise<SearchGroup[]> => {
      const summary = await portal.store.sessions.get(org, session);
      return summary === undefined ? [] : [{ session: summary, ...rest }];
    }),
  );
  const answer: SearchAnswer = {
    groups: sessions.flat(),
    matches: found.items.length,
    ...{ next: found.next, searchedTo: found.searchedTo, misunderstood },
  };
  return ok(answer);
}

type Hit = SearchHit & { session: string; rank: number };

function hitIn(event: CapsuleEvent, words: readonly Word[]): Hit[] {
  const texts = searchTexts(event);
  for (const [rank, field] of FIELDS.entries()) {
    const marks = findWords(texts[field], words);
    if (marks.length === 0) continue;
    const { id, kind, time, session, turn } = event;
    const snippet = snippetOf(texts[field], marks);
    return [{ event: id, kind, time, turn: turn?.index ?? null, field, ...snippet, session: session.id, rank }];
  }
  return [];
}

/** A piece of the text around the first mark, in one line, with the marks in it. */
function snippetOf(text: string, marks: readonly Stretch[]): { text: string; marks: Stretch[] } {
  const start = Math.max(0, (marks[0]?.[0] ?? 0) - LEAD);
  // Whitespace is replaced character by character, so that the marks stay where they are.
  const shown = headOf(text.slice(start), SNIPPET).replace(/\s/g, ' ');
  const within = marks
    .map(([from, to]): Stretch => [from - start, Math.min(to - start, shown.length)])
    .filter(([from]) => from < shown.length);
  return { text: shown, marks: within };
}

function group(hits: readonly Hit[]): { session: string; hits: SearchHit[]; matches: number }[] {
  const bySession = [...Map.groupBy(hits, ({ session }) => session)].map(([session, own]) => {
    const best = own.toSorted((a, b) => a.rank - b.rank);
    return { session, rank: best[0]?.rank ?? 0, matches: own.length, hits: best.slice(0, HITS).map(plain) };
  });
  // A stable sort: among equals the newest stays first.
  return bySession.sort((a, b) => a.rank - b.rank).map(({ rank: _rank, ...rest }) => rest);
}

const plain = ({ session: _session, rank: _rank, ...hit }: Hit): SearchHit => hit;
