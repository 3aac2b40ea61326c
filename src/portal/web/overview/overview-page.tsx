import type { AgentState, OverviewAnswer } from '../../answers.ts';
import { AGENT_STATES } from '../../filter/grammar.ts';
import { STATE_WORDS, StateBadge } from '../agents/agent-state.tsx';
import { NoAgents } from '../agents/no-agents.tsx';
import { Bars } from '../chart/bars.tsx';
import { bucketParts, bucketsOf } from '../chart/buckets.ts';
import { DetectionsChart } from '../charts/detections-chart.tsx';
import { counted, number } from '../format.ts';
import { useLive } from '../live.ts';
import { Failed, Loading } from '../notices.tsx';
import { AGENTS, AUDIT, DETECTIONS, HELD, sessionAddress } from '../pages.ts';
import { SEVERITY_NAMES, Severity } from '../severity.tsx';
import { Ago } from '../time.tsx';
import { useNow } from '../use-now.ts';
import { useResource } from '../use-resource.ts';
import { useTitle } from '../use-title.ts';

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;

/** Is anything wrong, and is everything reporting? */
export function OverviewPage() {
  useTitle('Overview');
  const { data, error, reload } = useResource<OverviewAnswer>('/api/overview');
  useLive(reload);
  return (
    <>
      <div class="page-head">
        <h1>Overview</h1>
      </div>
      {error !== undefined && <Failed error={error} retry={reload} />}
      {data === undefined && error === undefined && <Loading />}
      {data !== undefined && (Object.keys(data.states).length === 0 ? <NoAgents /> : <Blocks overview={data} />)}
    </>
  );
}

const Blocks = ({ overview }: { overview: OverviewAnswer }) => (
  <>
    <div class="blocks">
      <Detections found={overview.detections} />
      <Agents states={overview.states} />
    </div>
    <Week overview={overview} />
    <DetectionsChart asked="?range=7d" />
    <Fresh overview={overview} />
  </>
);

function Detections({ found }: { found: OverviewAnswer['detections'] }) {
  const open = SEVERITY_NAMES.filter((severity) => (found[severity] ?? 0) > 0);
  return (
    <section class="block">
      <h2>Open detections</h2>
      {open.length === 0 ? (
        <p class="meta">
          Nothing is open. <a href={DETECTIONS}>All detections</a>
        </p>
      ) : (
        <ul class="numbers">
          {open.map((severity) => (
            <li key={severity}>
              <a href={`${DETECTIONS}?severity=${severity}`}>
                <strong>{number(found[severity] ?? 0)}</strong> <Severity severity={severity} />
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Agents({ states }: { states: OverviewAnswer['states'] }) {
  const there = AGENT_STATES.filter((state: AgentState) => (states[state] ?? 0) > 0);
  return (
    <section class="block">
      <h2>
        <a href={AGENTS}>Agents</a>
      </h2>
      <ul class="numbers">
        {there.map((state) => (
          <li key={state}>
            <a
              href={`${AGENTS}?state=${state}`}
              aria-label={`${number(states[state] ?? 0)} ${STATE_WORDS[state].word}`}
            >
              <strong>{number(states[state] ?? 0)}</strong> <StateBadge state={state} />
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Week({ overview: { hours, newest } }: { overview: OverviewAnswer }) {
  const now = useNow();
  const events = hours.reduce((sum, each) => sum + each.events, 0);
  if (events === 0) {
    return (
      <section>
        <h2>Events of the last 7 days</h2>
        <p class="meta">
          {newest === null ? (
            'None yet: agents report at the end of an agent turn in Kiro.'
          ) : (
            <>
              None. The newest is from <Ago iso={newest} now={now} />. <a href={`${AUDIT}?range=all`}>Show all</a>
            </>
          )}
        </p>
      </section>
    );
  }
  return (
    <section>
      <h2>
        Events of the last 7 days <span class="meta">{counted(events, 'event')}</span>
      </h2>
      <Bars
        title="Events by hour over the last seven days; failed calls at the foot of each bar"
        what="event"
        buckets={bucketsOf(hours, HOUR_MS, now - WEEK_MS, now)}
        addressOf={(bucket) => `${AUDIT}?${query(bucketParts(bucket))}`}
      />
    </section>
  );
}

const query = (parts: Record<string, string | null>): string =>
  String(
    new URLSearchParams(Object.entries(parts).flatMap(([name, value]) => (value === null ? [] : [[name, value]]))),
  );

const FIELD_WORDS: Readonly<Record<string, string>> = {
  mcp: 'MCP server',
  skill: 'Skill',
  steering: 'Steering file',
  tool: 'Tool',
};
/** Where the same thing is listed for all agents. */
const PARTS: Readonly<Record<string, keyof typeof HELD>> = { mcp: 'mcpServer', skill: 'skill', steering: 'steering' };

function Fresh({ overview: { fresh, changes } }: { overview: OverviewAnswer }) {
  const now = useNow();
  const changed = changes.steering ?? 0;
  return (
    <section>
      <h2>New this week</h2>
      {changed > 0 && <p>{counted(changed, 'change')} of steering files between sessions, on their agents' pages.</p>}
      {fresh.length === 0 ? (
        <p class="meta">No MCP server, skill, steering file or tool was seen for the first time.</p>
      ) : (
        <table class="list">
          <caption class="hidden-words">Seen for the first time, newest first</caption>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Kind</th>
              <th scope="col">First seen</th>
            </tr>
          </thead>
          <tbody>
            {fresh.map(({ field, value, firstSeenAt, session }) => (
              <tr key={`${field} ${value}`}>
                <th scope="row">
                  <a class="row-link" href={addressOf(field, value)}>
                    <bdi>{value}</bdi>
                  </a>
                </th>
                <td data-label="Kind">{FIELD_WORDS[field] ?? field}</td>
                <td data-label="First seen" class="above">
                  <a href={sessionAddress(session)}>
                    <Ago iso={firstSeenAt} now={now} />
                  </a>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function addressOf(field: string, value: string): string {
  const part = PARTS[field];
  return part === undefined
    ? `${AUDIT}?${new URLSearchParams({ range: '7d', tool: value })}`
    : `${HELD[part]}?${new URLSearchParams({ name: value })}`;
}
