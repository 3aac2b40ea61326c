import type { ComponentChildren } from 'preact';
import type { AgentSummary } from '../../answers.ts';
import { kiroVersion, number, OS_NAMES } from '../format.ts';
import { setPreference, usePreferences } from '../preferences.ts';
import { Ago, Time } from '../time.tsx';
import { StateBadge } from './agent-state.tsx';

export interface Column {
  name: string;
  label: string;
  /** What the list is ordered by from this column's head. */
  sort?: string;
  count?: boolean;
  mono?: boolean;
  /** Shown only when somebody asks for it. */
  rare?: boolean;
  cell(agent: AgentSummary, now: number): ComponentChildren;
}

const time = (iso: string | null, now: number, never: string) =>
  iso === null ? <span class="meta">{never}</span> : <Ago iso={iso} now={now} />;

/** What can be told of an agent in a row, beside its user. */
export const COLUMNS: readonly Column[] = [
  {
    name: 'state',
    label: 'State',
    cell: ({ state, attention }) => (
      <>
        <StateBadge state={state} />
        {state === 'needs-attention' && attention !== null && <div class="row-note">{attention}</div>}
      </>
    ),
  },
  { name: 'device', label: 'Device', sort: 'device', cell: ({ name }) => name },
  { name: 'system', label: 'System', cell: ({ os }) => OS_NAMES[os] ?? os },
  { name: 'kiro', label: 'Kiro', mono: true, cell: ({ kiro }) => kiroVersion(kiro) },
  { name: 'capsule', label: 'Capsule', sort: 'version', mono: true, cell: ({ agentVersion }) => agentVersion },
  {
    name: 'workspaces',
    label: 'Workspaces',
    sort: 'coverage',
    count: true,
    cell: ({ attachments }) => (attachments === null ? '–' : `${attachments.attached} / ${attachments.known}`),
  },
  { name: 'mcp', label: 'MCP', count: true, cell: ({ inventory }) => inventory?.mcpServers ?? '–' },
  { name: 'skills', label: 'Skills', count: true, cell: ({ inventory }) => inventory?.skills ?? '–' },
  { name: 'steering', label: 'Steering', count: true, rare: true, cell: ({ inventory }) => inventory?.steering ?? '–' },
  { name: 'events', label: 'Events', count: true, cell: ({ events }) => number(events) },
  {
    name: 'lastEvent',
    label: 'Last event',
    sort: 'lastEvent',
    cell: ({ lastEventAt }, now) => time(lastEventAt, now, 'none yet'),
  },
  { name: 'lastSeen', label: 'Last seen', rare: true, cell: ({ lastSeenAt }, now) => time(lastSeenAt, now, 'never') },
  { name: 'enrolled', label: 'Enrolled', rare: true, cell: ({ enrolledAt }) => <Time iso={enrolledAt} /> },
  { name: 'id', label: 'Device id', rare: true, mono: true, cell: ({ id }) => id },
];

const USUAL = COLUMNS.filter(({ rare }) => rare !== true).map(({ name }) => name);

/** The columns that this person wants to see, in their order. */
export function useColumns(): readonly Column[] {
  const { agentColumns } = usePreferences();
  const wanted = new Set(agentColumns === '' ? USUAL : agentColumns.split(','));
  return COLUMNS.filter(({ name }) => wanted.has(name));
}

/** Which columns to show; the browser remembers it. */
export function ColumnChoice() {
  const shown = useColumns().map(({ name }) => name);
  const turn = (name: string) => {
    const wanted = shown.includes(name) ? shown.filter((each) => each !== name) : [...shown, name];
    // A list of nothing but users would say that nothing else is known.
    if (wanted.length > 0) setPreference({ agentColumns: wanted.join(',') });
  };
  return (
    <details class="menu">
      <summary>Columns</summary>
      <ul>
        {COLUMNS.map(({ name, label }) => (
          <li key={name}>
            <label class="choice-option">
              <input type="checkbox" checked={shown.includes(name)} onChange={() => turn(name)} />
              {label}
            </label>
          </li>
        ))}
        <li>
          <button type="button" class="as-link" onClick={() => setPreference({ agentColumns: '' })}>
            As usual
          </button>
        </li>
      </ul>
    </details>
  );
}
