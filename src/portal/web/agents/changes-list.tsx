import type { ChangesAnswer } from '../../answers.ts';
import type { KeptChange } from '../../observed.ts';
import { Failed, Loading } from '../notices.tsx';
import { agentTabAddress, sessionAddress, withQuery } from '../pages.ts';
import { Time } from '../time.tsx';
import { useResource } from '../use-resource.ts';

const PARTS: Readonly<Record<KeptChange['part'], string>> = {
  mcpServer: 'MCP server',
  skill: 'Skill',
  steering: 'Steering file',
  power: 'Power',
  hook: 'Hook',
  customAgent: 'Custom agent',
  trust: 'Trust rule',
};

/** What changed in an agent's configuration from one session of a workspace to the next, newest first. */
export function ChangesList({ agent, search }: { agent: string; search: string }) {
  const query = new URLSearchParams({ limit: '50' });
  const cursor = new URLSearchParams(search).get('cursor');
  if (cursor !== null) query.set('cursor', cursor);
  const { data, error, reload } = useResource<ChangesAnswer>(
    `/api/agents/${encodeURIComponent(agent)}/changes?${query}`,
  );
  if (data === undefined) return error === undefined ? <Loading /> : <Failed error={error} retry={reload} />;
  if (data.changes.length === 0) {
    return (
      <p class="meta">
        Nothing has changed from one session to the next. The first session of a workspace is what later ones are
        compared with.
      </p>
    );
  }
  return (
    <>
      <ol class="changes">
        {data.changes.map((change, at) => (
          <Change key={`${change.event} ${at}`} change={change} />
        ))}
      </ol>
      {data.next !== null && (
        <nav class="pager" aria-label="Pages of the list">
          <a href={withQuery(agentTabAddress(agent, 'changes'), search, 'cursor', data.next)}>Older changes</a>
        </nav>
      )}
    </>
  );
}

const Change = ({ change }: { change: KeptChange }) => (
  <li class={`change change-${change.change}`}>
    <span class="change-what">
      {PARTS[change.part]} <bdi class="mono">{change.name}</bdi> <strong>{change.change}</strong>
      {change.change === 'changed' && <Hashes before={change.before} after={change.after} />}
    </span>
    <span class="meta">
      <Time iso={change.time} /> · {change.workspace === '' ? change.scope : `${change.workspace}, ${change.scope}`} ·{' '}
      <a href={sessionAddress(change.session)}>session</a>
    </span>
  </li>
);

const SHA256 = /^[0-9a-f]{64}$/;
const Hashes = ({ before, after }: { before: string | null; after: string | null }) =>
  after !== null && SHA256.test(after) ? (
    <span class="mono meta" title={`SHA-256 ${before ?? 'unknown'} → ${after}`}>
      {' '}
      {before === null || before === after ? 'unknown' : before.slice(0, 8)} → {after.slice(0, 8)}
    </span>
  ) : null;
