import type { AgentAnswer, EventsAnswer, SessionsAnswer } from '../../answers.ts';
import { EventTable } from '../audit/event-table.tsx';
import { CopyButton } from '../copy-button.tsx';
import { moveFocus, useKeys } from '../keys.ts';
import { useLive } from '../live.ts';
import { useMay, useOwnDevice } from '../me.ts';
import { Empty, Failed, Loading } from '../notices.tsx';
import {
  AGENT_TABS,
  AGENTS,
  type AgentTab,
  AUDIT,
  agentTabAddress,
  eventInSession,
  SESSIONS,
  sessionAddress,
} from '../pages.ts';
import { SessionTable } from '../sessions/session-table.tsx';
import { Time } from '../time.tsx';
import { type Resource, useResource } from '../use-resource.ts';
import { useTitle } from '../use-title.ts';
import { AgentFacts } from './agent-facts.tsx';
import { StateBadge } from './agent-state.tsx';
import { ChangesList } from './changes-list.tsx';
import { Coverage } from './coverage.tsx';
import { InventoryView } from './inventory-view.tsx';
import { NotAttached } from './not-attached.tsx';
import { OwnLink } from './own-link.tsx';

type Agent = AgentAnswer['agent'];

interface AgentPageProps {
  id: string;
  tab: AgentTab;
  search: string;
}

/** One developer's Kiro: how it is doing, what is configured in it and what changed, what it did. */
export function AgentPage({ id, tab, search }: AgentPageProps) {
  const agent = useResource<AgentAnswer>(`/api/agents/${encodeURIComponent(id)}`);
  useTitle(agent.data === undefined ? 'Agent' : `${agent.data.agent.user} · ${agent.data.agent.name}`);
  useKeys({ j: () => moveFocus('.row-link', 1), k: () => moveFocus('.row-link', -1) });
  useLive((message) => {
    if (message === undefined || message.agents.includes(id)) agent.reload();
  });
  if (agent.error?.status === 404) {
    return (
      <Empty title="There is no such agent">
        <a href={AGENTS}>Go to the agents</a>
      </Empty>
    );
  }
  if (agent.error !== undefined && agent.data === undefined) return <Failed error={agent.error} retry={agent.reload} />;
  if (agent.data === undefined) return <Loading />;
  return (
    <>
      <Head agent={agent.data.agent} tab={tab} />
      <Tab agent={agent.data.agent} tab={tab} search={search} />
    </>
  );
}

const TAB_WORDS: Readonly<Record<AgentTab, string>> = {
  overview: 'Overview',
  inventory: 'Inventory',
  changes: 'Changes',
  sessions: 'Sessions',
  activity: 'Activity',
};

const Head = ({ agent, tab }: { agent: Agent; tab: AgentTab }) => (
  <>
    {useOwnDevice() === null && (
      <nav class="crumbs" aria-label="Where this is">
        <a href={AGENTS}>Agents</a>
      </nav>
    )}
    <div class="page-head">
      <h1>
        {agent.user} <span class="on">on {agent.name}</span>
      </h1>
      <StateBadge state={agent.state} />
    </div>
    <nav class="tabs" aria-label="Of this agent">
      {AGENT_TABS.map((name) => (
        <a key={name} href={agentTabAddress(agent.id, name)} aria-current={name === tab ? 'page' : undefined}>
          {TAB_WORDS[name]}
        </a>
      ))}
    </nav>
  </>
);

function Tab({ agent, tab, search }: { agent: Agent; tab: AgentTab; search: string }) {
  const mayGive = useMay('admin');
  switch (tab) {
    case 'overview':
      return (
        <>
          <Health health={agent.heartbeat?.health ?? []} />
          <AgentFacts agent={agent} />
          <NotAttached heartbeat={agent.heartbeat} />
          <Coverage heartbeat={agent.heartbeat} />
          {mayGive && <OwnLink agent={agent.id} user={agent.user} />}
        </>
      );
    case 'inventory':
      return <Inventory agent={agent} />;
    case 'changes':
      return <ChangesList agent={agent.id} search={search} />;
    case 'sessions':
      return <LatestSessions agent={agent} />;
    case 'activity':
      return <LatestEvents agent={agent} />;
  }
}

/** What the agent itself says needs a person, and where to learn more about it. */
const Health = ({ health }: { health: readonly { code: string; message: string }[] }) =>
  health.length === 0 ? null : (
    <div class="attention">
      {health.map(({ code, message }) => (
        <p key={code}>
          {message} <span class="meta mono">{code}</span>
        </p>
      ))}
      <p class="advice">
        On that machine this says why, and what to do: <code>{DIAGNOSE}</code>{' '}
        <CopyButton text={DIAGNOSE} what="the command" />
      </p>
    </div>
  );
const DIAGNOSE = 'capsule-kiro diagnose';

const Inventory = ({ agent: { latestInventory } }: { agent: Agent }) =>
  latestInventory === null ? (
    <p class="meta">Arrives with the first session.</p>
  ) : (
    <>
      <h2 class="hidden-words">What is configured</h2>
      <p class="meta">
        As of the <a href={sessionAddress(latestInventory.session)}>session</a> that started{' '}
        <Time iso={latestInventory.time} />
      </p>
      <InventoryView inventory={latestInventory.body} />
    </>
  );

/** Loaded again with every change of the agent, which its page follows. */
function useOfAgent<T>(agent: Agent, api: string): Resource<T> {
  return useResource<T>(`${api}?${new URLSearchParams({ agent: agent.id, limit: '50' })}`);
}

function LatestSessions({ agent }: { agent: Agent }) {
  const { data, error, reload } = useOfAgent<SessionsAnswer>(agent, '/api/sessions');
  useLive((message) => {
    if (message === undefined || message.agents.includes(agent.id)) reload();
  });
  if (data === undefined) return error === undefined ? <Loading rows={3} /> : <Failed error={error} retry={reload} />;
  if (data.sessions.length === 0) {
    return <p class="meta">None yet. Sessions appear at the end of an agent turn in Kiro.</p>;
  }
  return (
    <>
      <SessionTable sessions={data.sessions} withDevice={false} />
      <p class="pager">
        <a href={`${SESSIONS}?${new URLSearchParams({ agent: agent.id })}`}>Filter, sort and export these sessions</a>
      </p>
    </>
  );
}

function LatestEvents({ agent }: { agent: Agent }) {
  const { data, error, reload } = useOfAgent<EventsAnswer>(agent, '/api/events');
  if (data === undefined) return error === undefined ? <Loading /> : <Failed error={error} retry={reload} />;
  if (data.events.length === 0) return <p class="meta">None yet. Events appear at the end of an agent turn in Kiro.</p>;
  const sessionOf = new Map(data.events.map(({ id, session }) => [id, session.id]));
  return (
    <>
      <EventTable events={data.events} open={null} addressOf={(id) => eventInSession(sessionOf.get(id) ?? '', id)} />
      <p class="pager">
        <a href={`${AUDIT}?${new URLSearchParams({ agent: agent.id, range: 'all' })}`}>
          Filter and export these events
        </a>
      </p>
    </>
  );
}
