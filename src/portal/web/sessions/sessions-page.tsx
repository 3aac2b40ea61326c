import { useRef } from 'preact/hooks';
import type { AgentsAnswer, SessionsAnswer } from '../../answers.ts';
import { moveFocus, useKeys } from '../keys.ts';
import { Empty, Failed, Loading, NewRows, Offline } from '../notices.tsx';
import { Pager } from '../pager.tsx';
import { AGENTS, SESSIONS, withQuery } from '../pages.ts';
import { go } from '../router.ts';
import { useList } from '../use-list.ts';
import { useResource } from '../use-resource.ts';
import { useTitle } from '../use-title.ts';
import { SessionTable } from './session-table.tsx';

const TYPING_MS = 250;

/** Which conversations should I read? */
export function SessionsPage({ search }: { search: string }) {
  useTitle('Sessions');
  const list = useList<SessionsAnswer>('/api/sessions', search, {
    isEmpty: ({ sessions }) => sessions.length === 0,
    idsOf: ({ sessions }) => sessions,
  });
  return (
    <>
      <div class="page-head">
        <h1>Sessions</h1>
        <Search search={search} />
        <Offline connected={list.connected} />
      </div>
      <Filters search={search} />
      <NewRows count={list.news} what="session" show={list.show} />
      {list.error !== undefined && <Failed error={list.error} retry={list.reload} />}
      {list.data === undefined && list.error === undefined && <Loading />}
      {list.data?.sessions.length === 0 && <NoSessions search={search} />}
      {list.data !== undefined && list.data.sessions.length > 0 && (
        <>
          <SessionTable sessions={list.data.sessions} />
          <Pager
            path={SESSIONS}
            search={search}
            what="session"
            shown={list.data.sessions.length}
            next={list.data.next}
          />
        </>
      )}
    </>
  );
}

function Search({ search }: { search: string }) {
  const field = useRef<HTMLInputElement>(null);
  const timer = useRef(0);
  useKeys({
    j: () => moveFocus('.row-link', 1),
    k: () => moveFocus('.row-link', -1),
    '/': () => field.current?.focus(),
  });
  const type = (text: string) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const first = withQuery(SESSIONS, location.search, 'cursor', null);
      go(withQuery(SESSIONS, new URL(first, location.origin).search, 'q', text), { replace: true });
    }, TYPING_MS);
  };
  return (
    <input
      ref={field}
      type="search"
      class="search"
      aria-label="Search titles, first prompts, workspaces and users"
      placeholder="Title, prompt, workspace or user"
      value={new URLSearchParams(search).get('q') ?? ''}
      onInput={(event) => type(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.blur();
      }}
    />
  );
}

/** The filters that links bring along, each with the way to take it away. */
function Filters({ search }: { search: string }) {
  const query = new URLSearchParams(search);
  const set = (['agent', 'workspace', 'from', 'to'] as const).filter((name) => query.has(name));
  if (set.length === 0) return null;
  return (
    <ul class="filters" aria-label="Filters">
      {set.map((name) => (
        <li key={name} class="filter">
          {name}: <span class="mono">{query.get(name)}</span>{' '}
          <a href={withQuery(SESSIONS, search, name, null)} aria-label={`Remove the filter ${name}`}>
            ✕
          </a>
        </li>
      ))}
    </ul>
  );
}

function NoSessions({ search }: { search: string }) {
  const agents = useResource<AgentsAnswer>('/api/agents?limit=1');
  const filtered = ['q', 'agent', 'workspace', 'from', 'to', 'cursor'].some((name) =>
    new URLSearchParams(search).has(name),
  );
  if (filtered) {
    return (
      <Empty title="No session matches">
        <a href={SESSIONS}>Show all sessions</a>
      </Empty>
    );
  }
  if (agents.data?.agents.length === 0) {
    return (
      <Empty title="No sessions yet">
        <p>
          No agent is connected. <a href={AGENTS}>Connect the first one</a>
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="No sessions yet">
      <p>Agents are connected. A session appears here, by itself, at the end of an agent turn in Kiro.</p>
    </Empty>
  );
}
