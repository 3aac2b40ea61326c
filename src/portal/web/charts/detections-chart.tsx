import { withParts } from '../../filter/chips.ts';
import type { DetectionTimesAnswer } from '../../policies/policy-answers.ts';
import { spanOf } from '../audit/span.ts';
import { Bars, type Layer } from '../chart/bars.tsx';
import { bucketParts, bucketsOf } from '../chart/buckets.ts';
import { counted, number } from '../format.ts';
import { HiddenHead } from '../heads.tsx';
import { Failed } from '../notices.tsx';
import { DETECTIONS, policyAddress } from '../pages.ts';
import { SEVERITY_NAMES, Severity, type SeverityName } from '../severity.tsx';
import { useResource } from '../use-resource.ts';

/** What policies found over time, by severity, and which found the most. `asked` names the time. */
export function DetectionsChart({ asked }: { asked: string }) {
  const query = new URLSearchParams(asked);
  const time = new URLSearchParams([...query].filter(([name]) => ['range', 'from', 'to'].includes(name)));
  const { data, error, reload } = useResource<DetectionTimesAnswer>(`/api/detections/times?${time}&state=-withdrawn`);
  if (error !== undefined) return <Failed error={error} retry={reload} />;
  if (data === undefined || data.times.length === 0) return null;
  const sumsOf = (times: DetectionTimesAnswer['times']) =>
    times.map(({ start, count }) => ({ start, events: count, failures: 0 }));
  const sums = sumsOf(data.times);
  const { from, to } = spanOf(asked, sums, Date.now());
  const list = (parts: Record<string, string | null>) => DETECTIONS + withParts(`?${time}`, { state: 'all', ...parts });
  const bucketsIn = (each: typeof sums) => bucketsOf(each, data.stepMs, from, to);
  const layers = SEVERITY_NAMES.map((severity): Layer => {
    const own = bucketsIn(sumsOf(data.times.filter((each) => each.severity === severity)));
    return { name: severity, look: `severity-${severity}`, counts: own.map(({ events }) => events) };
  });
  const title = 'Detections by severity; the worst at the foot of each bar';
  return (
    <section>
      <h2>
        {title}{' '}
        <span class="meta">
          {counted(
            sums.reduce((sum, { events }) => sum + events, 0),
            'detection',
          )}
        </span>
      </h2>
      <ul class="numbers" aria-label="Detections by severity">
        {SEVERITY_NAMES.map((severity) => {
          const own = data.times.filter((each) => each.severity === severity);
          const count = own.reduce((sum, each) => sum + each.count, 0);
          return count === 0 ? null : (
            <li key={severity}>
              <a href={list({ severity })}>
                <Swatch severity={severity} /> <strong>{number(count)}</strong> <Severity severity={severity} />
              </a>
            </li>
          );
        })}
      </ul>
      <Bars
        title={title}
        what="detection"
        layers={layers}
        buckets={bucketsIn(sums)}
        addressOf={(bucket) => list(bucketParts(bucket))}
      />
      <Top top={data.top} list={list} />
    </section>
  );
}

/** As the severity looks in the bars. */
const Swatch = ({ severity }: { severity: SeverityName }) => (
  <svg class="swatch" viewBox="0 0 12 12" aria-hidden="true">
    <rect class={`bar-severity-${severity}`} width="12" height="12" />
  </svg>
);

interface TopProps {
  top: DetectionTimesAnswer['top'];
  list(parts: Record<string, string | null>): string;
}

const Top = ({ top, list }: TopProps) => (
  <table class="list tools-chart">
    <caption class="above-table">Policies that found the most</caption>
    <thead>
      <tr>
        <th scope="col">Policy</th>
        <th scope="col" class="count">
          Found
        </th>
        <HiddenHead name="Share" />
      </tr>
    </thead>
    <tbody>
      {top.map(({ policy, name, count }) => (
        <tr key={policy}>
          <th scope="row">
            <a class="row-link" href={list({ policy })}>
              {name ?? policy}
            </a>
          </th>
          <td data-label="Found" class="count">
            {number(count)}
          </td>
          <td class="share">
            <progress class="share-bar" aria-hidden="true" max={top[0]?.count ?? 1} value={count} />{' '}
            <a class="above-row" href={policyAddress(policy)}>
              Its rule<span class="hidden-words">: {name ?? policy}</span>
            </a>
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);
