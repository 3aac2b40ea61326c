import type { HoursAnswer } from '../../answers.ts';
import { withParts } from '../../filter/chips.ts';
import { EVENT_GRAMMAR } from '../../filter/grammar.ts';
import { spanOf, withRange } from '../audit/span.ts';
import { Bars } from '../chart/bars.tsx';
import { bucketParts, bucketsOf, type Sum } from '../chart/buckets.ts';
import { FilterBar } from '../filter/filter-bar.tsx';
import { counted, credits, number } from '../format.ts';
import { HiddenHead } from '../heads.tsx';
import { useOwnDevice } from '../me.ts';
import { Empty, Failed, Loading } from '../notices.tsx';
import { AGENTS, AUDIT, CHARTS, SESSIONS } from '../pages.ts';
import { useResource } from '../use-resource.ts';
import { useTitle } from '../use-title.ts';
import { DetectionsChart } from './detections-chart.tsx';

const USUAL = '7d';
/** What the sums by hour can be narrowed by. */
const GRAMMAR = { fields: EVENT_GRAMMAR.fields.filter(({ name }) => name === 'kind' || name === 'tool'), sorts: [] };

/** How much of what happened when? */
export function ChartsPage({ search }: { search: string }) {
  useTitle('Charts');
  const asked = withRange(search, USUAL);
  const { data, error, reload } = useResource<HoursAnswer>(`/api/hours${asked}`);
  return (
    <>
      <div class="page-head">
        <h1>Charts</h1>
      </div>
      <FilterBar path={CHARTS} search={search} grammar={GRAMMAR} range={USUAL} misunderstood={data?.misunderstood} />
      {error !== undefined && <Failed error={error} retry={reload} />}
      {data === undefined && error === undefined && <Loading />}
      {data?.hours.length === 0 && (
        <Empty title="Nothing happened in this time">
          <p>
            Agents report at the end of an agent turn in Kiro. <a href={AGENTS}>See the agents</a>
          </p>
          <a href={CHARTS + withParts(search, { range: 'all', from: null, to: null })}>Show all time</a>
        </Empty>
      )}
      {data !== undefined && data.hours.length > 0 && <Charts answer={data} asked={asked} search={search} />}
    </>
  );
}

interface ChartsProps {
  answer: HoursAnswer;
  asked: string;
  search: string;
}

function Charts({ answer: { hours, stepMs }, asked, search }: ChartsProps) {
  const sums = hours.map(({ hour, ...rest }) => ({ start: hour, ...rest }));
  const { from, to } = spanOf(asked, sums, Date.now());
  const own = useOwnDevice() !== null;
  const kinds: readonly (readonly [kind: string, title: string, one: string])[] = [
    ['session.started', 'Sessions started', 'session'],
    ['prompt.submitted', 'Prompts', 'prompt'],
    ['tool.invoked', 'Tool calls; failed ones at the foot of each bar', 'tool call'],
  ];
  return (
    <>
      {kinds.map(([kind, title, one]) => {
        const ofKind = sums.filter((sum) => sum.kind === kind);
        if (ofKind.length === 0) return null;
        return (
          <section key={kind}>
            <h2>
              {title} <span class="meta">{counted(total(ofKind), one)}</span>
            </h2>
            <Bars
              title={title}
              what={one}
              buckets={bucketsOf(ofKind, stepMs, from, to)}
              addressOf={(bucket) => AUDIT + withParts(search, { ...bucketParts(bucket), kind })}
            />
          </section>
        );
      })}
      {!own && <DetectionsChart asked={asked} />}
      <Tools sums={sums} asked={asked} />
      <p class="meta">
        {credits(sums.reduce((sum, each) => sum + each.credits, 0))} credits were spent, as far as Kiro records them.{' '}
        <a href={SESSIONS + asked}>The sessions of this time</a>
      </p>
    </>
  );
}

const total = (sums: readonly Sum[]): number => sums.reduce((sum, { events }) => sum + events, 0);

const SHOWN = 20;

function Tools({ sums, asked }: { sums: readonly (Sum & { tool: string })[]; asked: string }) {
  const tools = [
    ...Map.groupBy(
      sums.filter(({ tool }) => tool !== ''),
      ({ tool }) => tool,
    ),
  ]
    .map(([tool, own]) => ({ tool, calls: total(own), failures: own.reduce((sum, { failures }) => sum + failures, 0) }))
    .sort((a, b) => b.calls - a.calls);
  if (tools.length === 0) return null;
  const most = tools[0]?.calls ?? 1;
  return (
    <section>
      <h2>
        Tools{' '}
        <span class="meta">{tools.length > SHOWN ? `the ${SHOWN} most used of ${number(tools.length)}` : ''}</span>
      </h2>
      <table class="list tools-chart">
        <caption class="hidden-words">Calls by tool</caption>
        <thead>
          <tr>
            <th scope="col">Tool</th>
            <th scope="col" class="count">
              Calls
            </th>
            <th scope="col" class="count">
              Failed
            </th>
            <HiddenHead name="Share" />
          </tr>
        </thead>
        <tbody>
          {tools.slice(0, SHOWN).map(({ tool, calls, failures }) => (
            <tr key={tool}>
              <th scope="row">
                <a class="row-link mono" href={AUDIT + withParts(asked, { tool })}>
                  {tool}
                </a>
              </th>
              <td data-label="Calls" class="count">
                {number(calls)}
              </td>
              <td data-label="Failed" class="count">
                {failures === 0 ? '–' : <span class="bad">{number(failures)} ✕</span>}
              </td>
              <td class="share">
                <progress class="share-bar" aria-hidden="true" max={most} value={calls} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
