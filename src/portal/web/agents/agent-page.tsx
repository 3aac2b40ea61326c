import type { ComponentChildren } from 'preact';
import type { AgentAnswer, SessionsAnswer } from '../../answers.ts';
import { bytes, counted, kiroVersion, number, OS_NAMES } from '../format.ts';
import { moveFocus, useKeys } from '../keys.ts';
import { useLive } from '../live.ts';
import { Empty, Failed, Loading } from '../notices.tsx';
import { AGENTS, SESSIONS, sessionAddress } from '../pages.ts';
import { SessionTable } from '../sessions/session-table.tsx';
import { Ago, Time } from '../time.tsx';
import { useNow } from '../use-now.ts';
import { type Resource, useResource } from '../use-resource.ts';
import { useTitle } from '../use-title.ts';
import { StateBadge } from './agent-state.tsx';
import { InventoryView } from './inventory-view.tsx';

type Agent = AgentAnswer['agent'];

/** One developer's Kiro: how it is doing, what is configured in it, what it did last. */
export function AgentPage({ id }: { id: string }) {
  const agent = useResource<AgentAnswer>(`/api/agents/${encodeURIComponent(id)}`);
  const sessions = useResource<SessionsAnswer>(`/api/sessions?limit=10&agent=${encodeURIComponent(id)}`);
  useTitle(agent.data === undefined ? 'Agent' : `${agent.data.agent.user} · ${agent.data.agent.name}`);
  useKeys({ j: () => moveFocus('.row-link', 1), k: () => moveFocus('.row-link', -1) });
  useLive((message) => {
    if (message !== undefined && !message.agents.includes(id)) return;
    agent.reload();
    sessions.reload();
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
  return <AgentView agent={agent.data.agent} sessions={sessions} />;
}

function AgentView({ agent, sessions }: { agent: Agent; sessions: Resource<SessionsAnswer> }) {
  return (
    <>
      <nav class="crumbs" aria-label="Where this is">
        <a href={AGENTS}>Agents</a>
      </nav>
      <div class="page-head">
        <h1>
          {agent.user} <span class="on">on {agent.name}</span>
        </h1>
        <StateBadge state={agent.state} />
      </div>
      {agent.heartbeat?.health.map(({ code, message }) => (
        <p key={code} class="attention">
          {message} <span class="meta mono">{code}</span>
        </p>
      ))}
      <Facts agent={agent} />
      <h2>Sessions</h2>
      <LatestSessions agent={agent} sessions={sessions} />
      <h2>Inventory</h2>
      {agent.latestInventory === null ? (
        <p class="meta">Arrives with the first session.</p>
      ) : (
        <>
          <p class="meta">
            As of the <a href={sessionAddress(agent.latestInventory.session)}>session</a> that started{' '}
            <Time iso={agent.latestInventory.time} />
          </p>
          <InventoryView inventory={agent.latestInventory.body} />
        </>
      )}
    </>
  );
}

function LatestSessions({ agent, sessions }: { agent: Agent; sessions: Resource<SessionsAnswer> }) {
  const { data, error, reload } = sessions;
  if (data === undefined) return error === undefined ? <Loading rows={3} /> : <Failed error={error} retry={reload} />;
  if (data.sessions.length === 0) {
    return <p class="meta">None yet. Sessions appear at the end of an agent turn in Kiro.</p>;
  }
  return (
    <>
      <SessionTable sessions={data.sessions} withDevice={false} />
      {data.next !== null && (
        <p>
          <a href={`${SESSIONS}?agent=${encodeURIComponent(agent.id)}`}>All sessions of this agent</a>
        </p>
      )}
    </>
  );
}

function Facts({ agent }: { agent: Agent }) {
  const now = useNow();
  const { attachments, heartbeat } = agent;
  return (
    <dl class="facts">
      <Fact name="Last seen">{agent.lastSeenAt === null ? 'never' : <Ago iso={agent.lastSeenAt} now={now} />}</Fact>
      <Fact name="Last event">
        {agent.lastEventAt === null ? 'none yet' : <Ago iso={agent.lastEventAt} now={now} />}
      </Fact>
      <Fact name="Events">{number(agent.events)}</Fact>
      <Fact name="Kiro">{kiroVersion(agent.kiro)}</Fact>
      <Fact name="Capsule">{agent.agentVersion}</Fact>
      <Fact name="System">{OS_NAMES[agent.os] ?? agent.os}</Fact>
      <Fact name="Workspaces">{attachments === null ? 'not reported yet' : attachmentWords(attachments)}</Fact>
      <Fact name="Waiting on the device">
        {heartbeat === null ? 'not reported yet' : waiting(heartbeat.outbox.events, heartbeat.outbox.bytes)}
      </Fact>
      <Fact name="Enrolled">
        <Time iso={agent.enrolledAt} />
      </Fact>
      <Fact name="Credential ends">
        {agent.credentialEndsAt === null ? 'revoked' : <Time iso={agent.credentialEndsAt} />}
      </Fact>
      <Fact name="Device id">
        <span class="mono">{agent.id}</span>
      </Fact>
    </dl>
  );
}

/** `12 of 14 attached, 2 remote` */
function attachmentWords({ attached, known, ...others }: NonNullable<Agent['attachments']>): string {
  const rest = Object.entries(others).filter(([, count]) => count > 0);
  return [`${attached} of ${known} attached`, ...rest.map(([what, count]) => `${count} ${what}`)].join(', ');
}

const waiting = (events: number, size: number): string =>
  events === 0 ? 'nothing' : `${counted(events, 'event')}, ${bytes(size)}`;

const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <div class="fact">
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
