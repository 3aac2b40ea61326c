import type { AgentSummary } from '../../answers.ts';
import { HiddenHead } from '../heads.tsx';
import { AGENTS, agentAddress } from '../pages.ts';
import { SortHead } from '../sort-head.tsx';
import { useNow } from '../use-now.ts';
import { type Column, useColumns } from './columns.tsx';

interface TableProps {
  agents: AgentSummary[];
  search: string;
  /** The ids of the chosen rows; undefined for who may only look. */
  selected: ReadonlySet<string> | undefined;
  toggle(id: string): void;
}

/** Agents, a row each. */
export const AgentTable = ({ agents, search, selected, toggle }: TableProps) => {
  const sort = { path: AGENTS, search, usual: 'user' };
  const columns = useColumns();
  const now = useNow();
  return (
    <table class="list">
      <caption class="hidden-words">Agents</caption>
      <thead>
        <tr>
          {selected !== undefined && <HiddenHead name="Select" />}
          <SortHead {...sort} by="user" label="User" />
          {columns.map((column) =>
            column.sort === undefined ? (
              <th key={column.name} scope="col" class={column.count ? 'count' : undefined}>
                {column.label}
              </th>
            ) : (
              <SortHead
                key={column.name}
                {...sort}
                by={column.sort}
                label={column.label}
                count={column.count === true}
              />
            ),
          )}
        </tr>
      </thead>
      <tbody>
        {agents.map((agent) => (
          <AgentRow
            key={agent.id}
            agent={agent}
            columns={columns}
            now={now}
            selected={selected?.has(agent.id)}
            toggle={() => toggle(agent.id)}
          />
        ))}
      </tbody>
    </table>
  );
};

interface RowProps {
  agent: AgentSummary;
  columns: readonly Column[];
  now: number;
  selected: boolean | undefined;
  toggle(): void;
}

const AgentRow = ({ agent, columns, now, selected, toggle }: RowProps) => (
  <tr>
    {selected !== undefined && (
      <td>
        <input
          type="checkbox"
          class="above-row"
          checked={selected}
          aria-label={`Select ${agent.user} on ${agent.name}`}
          onChange={toggle}
        />
      </td>
    )}
    <th scope="row">
      <a class="row-link" id={`agent-${agent.id}`} href={agentAddress(agent.id)}>
        {agent.user}
      </a>
    </th>
    {columns.map(({ name, label, count, mono, cell }) => (
      <td key={name} data-label={label} class={count ? 'count' : mono ? 'mono' : undefined}>
        {cell(agent, now)}
      </td>
    ))}
  </tr>
);
