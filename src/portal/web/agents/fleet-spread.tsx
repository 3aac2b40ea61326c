import { useState } from 'preact/hooks';
import type { AgentSpreadAnswer } from '../../answers.ts';
import { withParts } from '../../filter/chips.ts';
import { SEEN_WITHIN } from '../../filter/grammar.ts';
import { number } from '../format.ts';
import { Failed, Loading } from '../notices.tsx';
import { AGENTS } from '../pages.ts';
import { useResource } from '../use-resource.ts';

const SEEN_WORDS = {
  hour: 'within the hour',
  day: '1 to 24 hours ago',
  week: '1 to 7 days ago',
  older: 'longer ago, or never',
} as const;

/** Which versions run where, and who has gone quiet: asked for when it is opened, each line a link to exactly those agents. */
export function FleetSpread({ search }: { search: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="fleet-spread" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Versions and last seen</summary>
      {open && <Tables search={search} />}
    </details>
  );
}

function Tables({ search }: { search: string }) {
  const { data, error, reload } = useResource<AgentSpreadAnswer>(`/api/agents/spread${search}`);
  if (error !== undefined) return <Failed error={error} retry={reload} />;
  if (data === undefined) return <Loading />;
  const seen = SEEN_WITHIN.filter(({ name }) => data.seen[name] > 0);
  return (
    <div class="fleet-spread-tables">
      <Spread
        title="Last seen"
        lines={seen.map(({ name }) => ({
          name: SEEN_WORDS[name],
          parts: { seen: name },
          agents: data.seen[name],
        }))}
        search={search}
      />
      <Spread
        title="Capsule version"
        lines={data.versions.map(({ version, agents }) => ({ name: version, parts: { version }, agents }))}
        search={search}
      />
      <Spread
        title="Kiro version"
        lines={data.kiro.map(({ generation, version, agents }) => ({
          name: version === null ? `${generation}, version unknown` : `${version} (${generation})`,
          parts: version === null ? { generation } : { generation, kiro: version },
          agents,
        }))}
        search={search}
      />
    </div>
  );
}

interface SpreadProps {
  title: string;
  lines: readonly { name: string; parts: Record<string, string>; agents: number }[];
  search: string;
}

function Spread({ title, lines, search }: SpreadProps) {
  if (lines.length === 0) return null;
  const most = Math.max(...lines.map(({ agents }) => agents));
  return (
    <table class="list tools-chart">
      <caption class="above-table">{title}</caption>
      <thead class="hidden-words">
        <tr>
          <th scope="col">{title}</th>
          <th scope="col">Agents</th>
          <th scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        {lines.map(({ name, parts, agents }) => (
          <tr key={name}>
            <th scope="row">
              <a href={AGENTS + withParts(search, { ...parts, cursor: null })}>{name}</a>
            </th>
            <td class="count">{number(agents)}</td>
            <td class="share">
              <progress class="share-bar" aria-hidden="true" max={most} value={agents} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
