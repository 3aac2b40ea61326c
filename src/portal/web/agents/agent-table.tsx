import type { AgentSummary } from '../../answers.ts';
import { kiroVersion, number, OS_NAMES } from '../format.ts';
import { AGENTS, agentAddress } from '../pages.ts';
import { SortHead } from '../sort-head.tsx';
import { Ago } from '../time.tsx';
import { useNow } from '../use-now.ts';
import { StateBadge } from './agent-state.tsx';

/** Agents, a row each. */
export const AgentTable = ({ agents, search }: { agents: AgentSummary[]; search: string }) => {
  const sort = { path: AGENTS, search, usual: 'user' };
  const now = useNow();
  return (
    <table class="list">
      <caption class="hidden-words">Agents</caption>
      <thead>
        <tr>
          <SortHead {...sort} by="user" label="User" />
          <th scope="col">State</th>
          <SortHead {...sort} by="device" label="Device" />
          <th scope="col">System</th>
          <th scope="col">Kiro</th>
          <SortHead {...sort} by="version" label="Capsule" />
          <SortHead {...sort} by="coverage" label="Workspaces" count />
          <th scope="col" class="count">
            MCP
          </th>
          <th scope="col" class="count">
            Skills
          </th>
          <th scope="col" class="count">
            Events
          </th>
          <SortHead {...sort} by="lastEvent" label="Last event" />
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
