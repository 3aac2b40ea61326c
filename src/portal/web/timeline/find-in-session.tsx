import { useEffect, useRef, useState } from 'preact/hooks';
import { counted, number } from '../format.ts';
import { useKeys } from '../keys.ts';
import { sessionAddress } from '../pages.ts';
import { go } from '../router.ts';
import { type Matches, useMatches } from './use-matches.ts';

interface FindProps {
  session: string;
  search: string;
}

/** Finds words in a whole session, also where it is not loaded; the address then names the find, so it can be passed on. */
export function FindInSession({ session, search }: FindProps) {
  const query = new URLSearchParams(search);
  const marked = query.get('e');
  const [words, setWords] = useState(query.get('mark') ?? '');
  const [asked, setAsked] = useState<string>();
  const field = useRef<HTMLInputElement>(null);
  const matches = useMatches(`/api/sessions/${encodeURIComponent(session)}`, asked);
  const at = asked === undefined || marked === null ? -1 : matches.events.indexOf(marked);
  const show = (event: string | undefined) =>
    event !== undefined && go(foundAddress(session, search, event, asked ?? ''), { replace: true });
  const step = (by: 1 | -1) => {
    const count = matches.events.length;
    if (count > 0) show(matches.events[at < 0 ? (by > 0 ? 0 : count - 1) : (at + by + count) % count]);
    else ask();
  };
  const ask = () => {
    const wanted = words.trim();
    if (wanted === '') setAsked(undefined);
    else if (wanted === asked) step(1);
    else setAsked(wanted);
  };
  useKeys({ '/': () => field.current?.select(), n: () => step(1), N: () => step(-1), p: () => step(-1) });
  const first = matches.events[0];
  // Who asked wants to be led there; who came by a link that names the words is there already.
  useEffect(() => {
    if (at < 0) show(first);
  }, [asked, first]);
  return (
    <form
      class="find"
      aria-label="Find in this session"
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      <input
        ref={field}
        type="search"
        aria-label="Find in this session"
        placeholder="Find in this session"
        title="Words, “phrases” or begin*"
        value={words}
        onInput={({ currentTarget }) => setWords(currentTarget.value)}
      />
      <span class="meta" role="status">
        {asked !== undefined && foundWords(matches, at)}
      </span>
      {matches.progress !== null && (
        <button type="button" class="quiet" onClick={matches.stop}>
          Stop
        </button>
      )}
      {matches.events.length > 0 && (
        <span class="find-steps">
          <button type="button" class="quiet" aria-label="Previous find" title="Previous (N)" onClick={() => step(-1)}>
            ‹
          </button>
          <button type="button" class="quiet" aria-label="Next find" title="Next (n)" onClick={() => step(1)}>
            ›
          </button>
        </span>
      )}
    </form>
  );
}

/** `2 of 17 events`; while it goes on, how far it came. */
function foundWords({ events, progress, problem }: Matches, at: number): string {
  if (problem !== undefined) return problem;
  const found = at < 0 ? counted(events.length, 'event') : `${number(at + 1)} of ${counted(events.length, 'event')}`;
  if (progress === null) return events.length === 0 ? 'Nothing found' : found;
  return `${found} so far, ${number(progress.searched)} of ${number(progress.total)} entries looked at`;
}

/** The session with a find in view; of the rest of the query what chooses is kept, and what pages is not. */
function foundAddress(session: string, search: string, event: string, words: string): string {
  const query = new URLSearchParams(search);
  query.delete('cursor');
  query.set('e', event);
  query.set('mark', words);
  return `${sessionAddress(session)}?${query}`;
}
