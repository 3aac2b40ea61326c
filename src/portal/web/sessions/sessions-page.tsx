import type { AgentsAnswer, SessionsAnswer } from '../../answers.ts';
import { withChip, withoutChip } from '../../filter/chips.ts';
import { SESSION_GRAMMAR } from '../../filter/grammar.ts';
import { joinNot } from '../../filter/read-filter.ts';
import { ExportLinks } from '../filter/export-links.tsx';
import { FilterBar } from '../filter/filter-bar.tsx';
import { moveFocus, useKeys } from '../keys.ts';
import { useUnlessOwn } from '../me.ts';
import { Empty, Failed, Loading, NewRows, Offline } from '../notices.tsx';
import { Pager } from '../pager.tsx';
import { AGENTS, SEARCH, SESSIONS } from '../pages.ts';
import { useList } from '../use-list.ts';
import { useResource } from '../use-resource.ts';
import { useTitle } from '../use-title.ts';
import { Activities } from './activities.tsx';
import { SessionTable } from './session-table.tsx';

/** Which conversations should I read? */
export function SessionsPage({ search }: { search: string }) {
  useTitle('Sessions');
  useKeys({ j: () => moveFocus('.row-link', 1), k: () => moveFocus('.row-link', -1) });
  const list = useList<SessionsAnswer>('/api/sessions', search, {
    isEmpty: ({ sessions }) => sessions.length === 0,
    idsOf: ({ sessions }) => sessions,
  });
  const q = new URLSearchParams(search).get('q');
  return (
    <>
      <div class="page-head">
        <h1>Sessions</h1>
        <Activities
          label="Activity type"
          meaning="Activity type: sessions that hold at least one of"
          chosen={new URLSearchParams(search).getAll('activity')}
          addressOf={(activity, on) =>
            SESSIONS +
            (on
              ? withChip(search, 'activity', activity)
              : withoutChip(search, { name: 'activity', raw: joinNot(false, activity) }))
          }
        />
        <Offline connected={list.connected} />
      </div>
      <FilterBar
        path={SESSIONS}
        search={search}
        grammar={{ ...SESSION_GRAMMAR, fields: CHIP_FIELDS }}
        range="all"
        searches="Title, prompt, workspace or user"
        misunderstood={list.data?.misunderstood}
      >
        <ExportLinks what="sessions" search={search} />
      </FilterBar>
      {q !== null && (
        <p class="meta">
          Titles, first prompts, workspaces and users only.{' '}
          <a href={`${SEARCH}?${new URLSearchParams({ q })}`}>Search all that was said and done</a>
        </p>
      )}
      <NewRows count={list.news} what="session" show={list.show} />
      {list.error !== undefined && <Failed error={list.error} retry={list.reload} />}
      {list.data === undefined && list.error === undefined && <Loading />}
      {list.data?.sessions.length === 0 && <NoSessions search={search} />}
      {list.data !== undefined && list.data.sessions.length > 0 && (
        <>
          <SessionTable sessions={list.data.sessions} search={search} />
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

/** The activity type has buttons of its own. */
const CHIP_FIELDS = SESSION_GRAMMAR.fields.filter(({ name }) => name !== 'activity');
function NoSessions({ search }: { search: string }) {
  const agents = useResource<Partial<AgentsAnswer>>(useUnlessOwn('/api/agents?limit=1'));
  if (search !== '') {
    return (
      <Empty title="No session matches">
        <a href={SESSIONS}>Show all sessions</a>
      </Empty>
    );
  }
  if (agents.data?.agents?.length === 0) {
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
