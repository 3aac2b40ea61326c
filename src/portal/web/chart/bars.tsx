import { counted, number } from '../format.ts';
import { Time } from '../time.tsx';
import type { Bucket } from './buckets.ts';

interface BarsProps {
  /** What the chart says in one sentence. */
  title: string;
  /** One of what is counted: `event`. */
  what: string;
  buckets: readonly Bucket[];
  /** What those are that stand at the foot of each bar; failed ones unless said. */
  foot?: string;
  /** Where a bar leads. */
  addressOf(bucket: Bucket): string;
}

const HEIGHT = 48;

/** How many over time: bars that lead to what they count, and the same as a table. The worst of them stand at the foot of each bar. */
export function Bars({ title, what, buckets, foot = 'failed', addressOf }: BarsProps) {
  const most = Math.max(1, ...buckets.map(({ events }) => events));
  const share = (count: number) => (count === 0 ? 0 : Math.max(1.5, (count / most) * HEIGHT));
  return (
    <figure class="chart">
      <figcaption class="hidden-words">{title}</figcaption>
      {/* biome-ignore lint/a11y/useSemanticElements: a drawing with links in it is no group of form fields. */}
      <svg
        class="bars"
        role="group"
        aria-label={title}
        viewBox={`0 0 ${buckets.length * 6} ${HEIGHT}`}
        preserveAspectRatio="none"
        onKeyDown={moveBetween}
      >
        {buckets.map((bucket, at) => (
          <a
            key={bucket.start}
            href={addressOf(bucket)}
            tabIndex={at === 0 ? 0 : -1}
            aria-label={`${wordsOf(bucket, what, foot)}, ${new Date(bucket.start).toISOString().slice(0, 16).replace('T', ' ')} UTC`}
          >
            <title>{`${wordsOf(bucket, what, foot)}, ${new Date(bucket.start).toISOString()}`}</title>
            <rect class="bar-room" x={at * 6} y={0} width={6} height={HEIGHT} />
            <rect class="bar" {...placed(at, share(bucket.events))} />
            <rect class="bar-bad" {...placed(at, share(bucket.failures))} />
          </a>
        ))}
      </svg>
      <details class="chart-table">
        <summary>View as table</summary>
        <table class="list">
          <caption class="hidden-words">{title}</caption>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col" class="count">
                {what === 'event' ? 'Events' : 'Count'}
              </th>
              <th scope="col" class="count">
                {foot.charAt(0).toUpperCase() + foot.slice(1)}
              </th>
            </tr>
          </thead>
          <tbody>
            {buckets
              .filter(({ events }) => events > 0)
              .map((bucket) => (
                <tr key={bucket.start}>
                  <th scope="row">
                    <a href={addressOf(bucket)}>
                      <Time iso={new Date(bucket.start).toISOString()} />
                    </a>
                  </th>
                  <td data-label="Count" class="count">
                    {number(bucket.events)}
                  </td>
                  <td data-label={foot} class="count">
                    {number(bucket.failures)}
                  </td>
                </tr>
              ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

const placed = (at: number, height: number) => ({ x: at * 6 + 0.5, y: HEIGHT - height, width: 5, height });

const wordsOf = ({ events, failures }: Bucket, what: string, foot: string): string =>
  counted(events, what) + (failures > 0 ? `, ${number(failures)} ${foot}` : '');

/** One stop for Tab; the arrows go from bar to bar. */
function moveBetween(event: KeyboardEvent): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
  if (step === 0 || !(event.currentTarget instanceof Element)) return;
  const bars = [...event.currentTarget.querySelectorAll<SVGAElement>('a')];
  const next = bars[bars.indexOf(document.activeElement as unknown as SVGAElement) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}
