import type { AgentSummary, AgentsAnswer } from '../../answers.ts';
import { kiroVersion, number, OS_NAMES } from '../format.ts';
import { moveFocus, useKeys } from '../keys.ts';
import { Empty, Failed, Loading, Offline } from '../notices.tsx';
import { Pager } from '../pager.tsx';
import { AGENTS, agentAddress, INSTALL } from '../pages.ts';
import { Ago } from '../time.tsx';
import { useList } from '../use-list.ts';
import { useNow } from '../use-now.ts';
import { useTitle } from '../use-title.ts';
import { StateBadge } from './agent-state.tsx';

/** Whose Kiro do we see, which have gone quiet, what is installed in them? */
export function AgentsPage({ search }: { search: string }) {
  useTitle('Agents');
  useKeys({ j: () => moveFocus('.row-link', 1), k: () => moveFocus('.row-link', -1) });
  const list = useList<AgentsAnswer>('/api/agents', search, {
    isEmpty: ({ agents }) => agents.length === 0,
    idsOf: ({ agents }) => agents,
    isSteady: true,
  });
  return (
    <>
      <div class="page-head">
        <h1>Agents</h1>
        <Offline connected={list.connected} />
      </div>
      {list.error !== undefined && <Failed error={list.error} retry={list.reload} />}
      {list.data === undefined && list.error === undefined && <Loading />}
      {list.data?.agents.length === 0 && <NoAgents />}
      {list.data !== undefined && list.data.agents.length > 0 && (
        <>
          <AgentTable agents={list.data.agents} />
          <Pager path={AGENTS} search={search} what="agent" shown={list.data.agents.length} next={list.data.next} />
        </>
      )}
    </>
  );
}

const NoAgents = () => (
  <Empty title="No agents yet">
    <p>An agent is one developer's Kiro, connected to this portal. To connect one:</p>
    <ol>
      <li>
        <a href={INSTALL}>Make an installer</a>, or an enrolment code on the machine where this portal runs:
        <pre class="command">capsule-kiro portal code</pre>
      </li>
      <li>
        On the developer's machine run the installer, or give the code on standard input:
        <pre class="command">capsule-kiro install --portal {location.origin} --code-stdin</pre>
      </li>
      <li>Open Kiro and send one prompt. The agent appears here by itself.</li>
    </ol>
  </Empty>
);

const AgentTable = ({ agents }: { agents: AgentSummary[] }) => {
  const now = useNow();
  return (
    <table class="list">
      <caption class="hidden-words">Agents, by user</caption>
      <thead>
        <tr>
          <th scope="col">User</th>
          <th scope="col">State</th>
          <th scope="col">Device</th>
          <th scope="col">System</th>
          <th scope="col">Kiro</th>
          <th scope="col">Capsule</th>
          <th scope="col" class="count">
            Workspaces
          </th>
          <th scope="col" class="count">
            MCP
          </th>
          <th scope="col" class="count">
            Skills
          </th>
          <th scope="col" class="count">
            Events
          </th>
          <th scope="col">Last event</th>
        </tr>
      </thead>
      <tbody>
        {agents.map((agent) => (
          <AgentRow key={agent.id} agent={agent} now={now} />
        ))}
      </tbody>
    </table>
  );
};

const AgentRow = ({ agent, now }: { agent: AgentSummary; now: number }) => (
  <tr>
    <th scope="row">
      <a class="row-link" id={`agent-${agent.id}`} href={agentAddress(agent.id)}>
        {agent.user}
      </a>
    </th>
    <td data-label="State">
      <StateBadge state={agent.state} />
      {agent.state === 'needs-attention' && agent.attention !== null && <div class="row-note">{agent.attention}</div>}
    </td>
    <td data-label="Device">{agent.name}</td>
    <td data-label="System">{OS_NAMES[agent.os] ?? agent.os}</td>
    <td data-label="Kiro" class="mono">
      {kiroVersion(agent.kiro)}
    </td>
    <td data-label="Capsule" class="mono">
      {agent.agentVersion}
    </td>
    <td data-label="Workspaces" class="count">
      {agent.attachments === null ? '–' : `${agent.attachments.attached} / ${agent.attachments.known}`}
    </td>
    <td data-label="MCP servers" class="count">
      {agent.inventory?.mcpServers ?? '–'}
    </td>
    <td data-label="Skills" class="count">
      {agent.inventory?.skills ?? '–'}
    </td>
    <td data-label="Events" class="count">
      {number(agent.events)}
    </td>
    <td data-label="Last event">
      {agent.lastEventAt === null ? <span class="meta">none yet</span> : <Ago iso={agent.lastEventAt} now={now} />}
    </td>
  </tr>
);
