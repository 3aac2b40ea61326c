import type { SearchAnswer, SearchGroup, SearchHit } from '../../answers.ts';
import { EVENT_GRAMMAR } from '../../filter/grammar.ts';
import { FilterBar } from '../filter/filter-bar.tsx';
import { counted } from '../format.ts';
import { moveFocus, useKeys } from '../keys.ts';
import { Empty, Failed, Loading } from '../notices.tsx';
import { SEARCH, sessionAddress, withQuery } from '../pages.ts';
import { SessionName } from '../sessions/session-table.tsx';
import { Time } from '../time.tsx';
import { KINDS } from '../timeline/kinds.ts';
import { useTitle } from '../use-title.ts';
import { useSearch } from './use-search.ts';

/** In which conversation was this said or done? */
export function SearchPage({ search }: { search: string }) {
  const q = new URLSearchParams(search).get('q') ?? '';
  useTitle(q === '' ? 'Search' : `${q} · Search`);
  useKeys({
    j: () => moveFocus('.hit-link', 1),
    k: () => moveFocus('.hit-link', -1),
    n: () => moveFocus('.hit-link', 1),
    p: () => moveFocus('.hit-link', -1),
  });
  return (
    <>
      <div class="page-head">
        <h1>Search</h1>
      </div>
      {q === '' ? <Asked search={search} misunderstood={[]} /> : <Results search={search} q={q} />}
    </>
  );
}

const Asked = ({ search, misunderstood }: { search: string; misunderstood: readonly string[] }) => (
  <>
    <FilterBar
      path={SEARCH}
      search={search}
      grammar={EVENT_GRAMMAR}
      range="all"
      searches='Words, or "a phrase"'
      misunderstood={misunderstood}
    />
    {!new URLSearchParams(search).has('q') && (
      <Empty title="Search every conversation">
        <p>
          Every word must occur in one event: a prompt, an answer, a tool's arguments or its result.{' '}
          <code>"in quotes"</code> words stand one after the other; <code>pars*</code> finds what begins so (four
          letters or more).
        </p>
      </Empty>
    )}
  </>
);

function Results({ search, q }: { search: string; q: string }) {
  const { data, error, reload, going, stop } = useSearch(search);
  return (
    <>
      <Asked search={search} misunderstood={data?.misunderstood ?? []} />
      {error !== undefined && <Failed error={error} retry={reload} />}
      {data === undefined && error === undefined && <Loading />}
      {data?.groups.length === 0 && data.next === null && (
        <Empty title="Nothing matches">
          <a href={SEARCH}>Search for something else</a>
        </Empty>
      )}
      {data !== undefined && (
        <>
          <ol class="hits">
            {data.groups.map((group) => (
              <Group key={group.session.id} group={group} q={q} />
            ))}
          </ol>
          {going ? <Going searchedTo={data.searchedTo} stop={stop} /> : <Came answer={data} search={search} />}
        </>
      )}
    </>
  );
}

/** Not read aloud: it changes several times a second. */
const Going = ({ searchedTo, stop }: { searchedTo: string | null; stop(): void }) => (
  <p class="searched meta">
    Nothing found yet.{' '}
    {searchedTo !== null && (
      <>
        Searched back to <Time iso={searchedTo} />, and going on …{' '}
      </>
    )}
    <button type="button" onClick={stop}>
      Stop
    </button>
  </p>
);

/** How much was found, and how far back it was looked for. */
const Came = ({ answer: { matches, next, searchedTo }, search }: { answer: SearchAnswer; search: string }) => (
  <p class="searched meta" role="status">
    {matches > 0 &&
      `${counted(matches, 'event matches', 'events match')}${next === null ? '' : ' here; there are more'}. `}
    {searchedTo !== null && (
      <>
        Searched back to <Time iso={searchedTo} />.{' '}
      </>
    )}
    {next !== null && <a href={withQuery(SEARCH, search, 'cursor', next)}>Go on to older ones</a>}
  </p>
);

const Group = ({ group: { session, hits, matches }, q }: { group: SearchGroup; q: string }) => (
  <li class="hit-group">
    <h2>
      <a href={sessionAddress(session.id)}>
        <SessionName session={session} />
      </a>
    </h2>
    <p class="meta">
      {session.device.user} · {session.workspace?.name ?? 'no workspace'} · <Time iso={session.lastEventAt} />
      {matches > hits.length && ` · ${counted(matches, 'event')} in all`}
    </p>
    <ul>
      {hits.map((hit) => (
        <li key={hit.event}>
          <Hit hit={hit} session={session.id} q={q} />
        </li>
      ))}
    </ul>
  </li>
);

const WHERE: Readonly<Record<SearchHit['field'], string>> = {
  prompt: 'Prompt',
  response: 'Response',
  arguments: 'Arguments',
  result: 'Result',
};

function Hit({ hit, session, q }: { hit: SearchHit; session: string; q: string }) {
  const address = `${sessionAddress(session)}?${new URLSearchParams({ e: hit.event, mark: q })}`;
  return (
    <a class="hit-link" href={address}>
      <span class="hit-where">
        {hit.kind === 'tool.invoked' ? `Tool · ${WHERE[hit.field]}` : KINDS[hit.kind].label}
        {hit.turn !== null && ` · turn ${hit.turn}`}
      </span>
      <bdi class="hit-text">
        <Marked text={hit.text} marks={hit.marks} />
      </bdi>
    </a>
  );
}

const Marked = ({ text, marks }: Pick<SearchHit, 'text' | 'marks'>) => {
  let end = 0;
  const parts = marks.flatMap(([from, to]) => {
    const before = text.slice(end, from);
    end = to;
    return [before, <mark key={from}>{text.slice(from, to)}</mark>];
  });
  return (
    <>
      {parts}
      {text.slice(end)}
    </>
  );
};
