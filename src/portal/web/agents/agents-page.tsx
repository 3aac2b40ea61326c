import { useState } from 'preact/hooks';
import type { AgentsAnswer } from '../../answers.ts';
import { withParts } from '../../filter/chips.ts';
import { AGENT_GRAMMAR, AGENT_STATES } from '../../filter/grammar.ts';
import { ExportLinks } from '../filter/export-links.tsx';
import { FilterBar } from '../filter/filter-bar.tsx';
import { counted, number } from '../format.ts';
import { moveFocus, useKeys } from '../keys.ts';
import { useMay } from '../me.ts';
import { Empty, Failed, Loading, Offline } from '../notices.tsx';
import { Pager } from '../pager.tsx';
import { AGENTS } from '../pages.ts';
import { toggled } from '../selection.ts';
import { useList } from '../use-list.ts';
import { useTitle } from '../use-title.ts';
import { AgentActs } from './agent-acts.tsx';
import { STATE_WORDS, StateBadge } from './agent-state.tsx';
import { AgentTable } from './agent-table.tsx';
import { ColumnChoice } from './columns.tsx';
import { FleetSpread } from './fleet-spread.tsx';
import { NoAgents } from './no-agents.tsx';

/** Whose Kiro do we see, which have gone quiet, what is installed in them? */
export function AgentsPage({ search }: { search: string }) {
  useTitle('Agents');
  useKeys({ j: () => moveFocus('.row-link', 1), k: () => moveFocus('.row-link', -1) });
  const list = useList<AgentsAnswer>('/api/agents', search, {
    isEmpty: ({ agents }) => agents.length === 0,
    isSteady: true,
  });
  const none = list.data !== undefined && Object.keys(list.data.states).length === 0 && search === '';
  return (
    <>
      <div class="page-head">
        <h1>Agents</h1>
        {list.data !== undefined && !none && <States answer={list.data} search={search} />}
        <Offline connected={list.connected} />
      </div>
      {list.error !== undefined && <Failed error={list.error} retry={list.reload} />}
      {none ? (
        <NoAgents />
      ) : (
        <FilterBar
          path={AGENTS}
          search={search}
          grammar={AGENT_GRAMMAR}
          searches="User, device or system"
          misunderstood={list.data?.misunderstood}
        >
          <ColumnChoice />
          <ExportLinks what="agents" search={search} />
        </FilterBar>
      )}
      {list.data !== undefined && !none && <FleetSpread search={search} />}
      {list.data === undefined && list.error === undefined && <Loading />}
      {list.data !== undefined && !none && (
        <Rows key={search} answer={list.data} search={search} reload={list.reload} />
      )}
    </>
  );
}

interface RowsProps {
  answer: AgentsAnswer;
  search: string;
  reload(): void;
}

function Rows({ answer: { agents, next, total }, search, reload }: RowsProps) {
  const mayChange = useMay('admin');
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const toggle = (id: string) => setSelected((before) => toggled(before, id));
  if (agents.length === 0) {
    return (
      <Empty title="No agent matches">
        <a href={AGENTS}>Show all agents</a>
      </Empty>
    );
  }
  return (
    <>
      {mayChange && <AgentActs agents={agents} selected={selected} select={setSelected} done={reload} />}
      <AgentTable agents={agents} search={search} selected={mayChange ? selected : undefined} toggle={toggle} />
      <Pager path={AGENTS} search={search} what="agent" shown={agents.length} next={next} total={total} />
    </>
  );
}

/** How many there are of each state, each a link to exactly those. */
const States = ({ answer: { states }, search }: { answer: AgentsAnswer; search: string }) => (
  <ul class="numbers" aria-label="Agents by state">
    <li>
      <a href={AGENTS + withParts(search, { state: null })}>
        {counted(
          Object.values(states).reduce((sum, count) => sum + count, 0),
          'agent',
        )}
      </a>
    </li>
    {AGENT_STATES.filter((state) => (states[state] ?? 0) > 0).map((state) => (
      <li key={state}>
        <a
          href={AGENTS + withParts(search, { state })}
          aria-label={`${number(states[state] ?? 0)} ${STATE_WORDS[state].word}`}
        >
          {number(states[state] ?? 0)} <StateBadge state={state} />
        </a>
      </li>
    ))}
  </ul>
);
