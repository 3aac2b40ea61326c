import { counted, number } from '../format.ts';
import { go } from '../router.ts';
import type { SeverityName } from '../severity.tsx';
import { Time } from '../time.tsx';
import type { Bucket } from './buckets.ts';
import { useSpan } from './use-span.ts';

interface BarsProps {
  /** What the chart says in one sentence. */
  title: string;
  /** One of what is counted: `event`. */
  what: string;
  buckets: readonly Bucket[];
  /** What each bar is made of, from its foot up; failed ones at the foot unless said. */
  layers?: readonly Layer[];
  /** Where a bar leads, or a stretch of them. */
  addressOf(bucket: Pick<Bucket, 'start' | 'end'>): string;
}

/** Some of what is counted: by name, and by a look of its own beside the colour. */
export interface Layer {
  /** As it is read after a number: `failed`. */
  name: string;
  look: 'bad' | `severity-${SeverityName}`;
  /** Of each bucket. */
  counts: readonly number[];
}

const HEIGHT = 48;

/** How many over time: bars that lead to what they count, and the same as a table. Dragging over bars, or Shift with the arrows and then Enter, leads to all of them. */
export function Bars({ title, what, buckets, layers = [failed(buckets)], addressOf }: BarsProps) {
  const most = Math.max(1, ...buckets.map(({ events }) => events));
  const share = (count: number) => (count === 0 ? 0 : Math.max(1.5, (count / most) * HEIGHT));
  const span = useSpan((from, to) => {
    const [first, last] = [buckets[from], buckets[to]];
    if (first !== undefined && last !== undefined) go(addressOf({ start: first.start, end: last.end }));
  });
  const wordsAt = (at: number) =>
    [
      counted(buckets[at]?.events ?? 0, what),
      ...layers.flatMap(({ name, counts }) => ((counts[at] ?? 0) > 0 ? [`${number(counts[at] ?? 0)} ${name}`] : [])),
    ].join(', ');
  return (
    <figure class="chart">
      <figcaption class="hidden-words">{title}</figcaption>
      {/* biome-ignore lint/a11y/useSemanticElements: a drawing with links in it is no group of form fields. */}
      <svg
        class={layers.some(({ look }) => look !== 'bad') ? 'bars bars-layered' : 'bars'}
        role="group"
        aria-label={title}
        viewBox={`0 0 ${buckets.length * 6} ${HEIGHT}`}
        preserveAspectRatio="none"
        {...span.handlers}
      >
        {layers.some(({ look }) => look !== 'bad') && <Patterns />}
        {buckets.map((bucket, at) => (
          <a
            key={bucket.start}
            href={addressOf(bucket)}
            tabIndex={at === 0 ? 0 : -1}
            draggable={false}
            data-spanned={span.holds(at) ? '' : undefined}
            aria-label={`${wordsAt(at)}, ${new Date(bucket.start).toISOString().slice(0, 16).replace('T', ' ')} UTC`}
          >
            <title>{`${wordsAt(at)}, ${new Date(bucket.start).toISOString()}`}</title>
            <rect class="bar-room" x={at * 6} y={0} width={6} height={HEIGHT} />
            <rect class="bar" {...placed(at, 0, share(bucket.events))} />
            {stacked(layers, at).map(({ look, from, count }) => (
              <rect key={look} class={`bar-${look}`} {...placed(at, share(from), share(count))} />
            ))}
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
              {layers.map(({ name }) => (
                <th key={name} scope="col" class="count">
                  {name.charAt(0).toUpperCase() + name.slice(1)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {buckets.map((bucket, at) =>
              bucket.events === 0 ? null : (
                <tr key={bucket.start}>
                  <th scope="row">
                    <a href={addressOf(bucket)}>
                      <Time iso={new Date(bucket.start).toISOString()} />
                    </a>
                  </th>
                  <td data-label="Count" class="count">
                    {number(bucket.events)}
                  </td>
                  {layers.map(({ name, counts }) => (
                    <td key={name} data-label={name} class="count">
                      {number(counts[at] ?? 0)}
                    </td>
                  ))}
                </tr>
              ),
            )}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

const placed = (at: number, from: number, height: number) => ({
  ...{ x: at * 6 + 0.5, y: HEIGHT - from - height },
  ...{ width: 5, height },
});

const failed = (buckets: readonly Bucket[]): Layer => ({
  ...{ name: 'failed', look: 'bad' },
  counts: buckets.map(({ failures }) => failures),
});

/** The layers of one bar that there is something of, each with how many stand below it. */
function stacked(layers: readonly Layer[], at: number): { look: Layer['look']; from: number; count: number }[] {
  let from = 0;
  return layers.flatMap(({ look, counts }) => {
    const count = counts[at] ?? 0;
    from += count;
    return count === 0 ? [] : [{ look, from: from - count, count }];
  });
}

/** Hatchings for layers, so that they are told apart without their colours. */
const Patterns = () => (
  <defs>
    <pattern id="hatch-high" width="4" height="3" patternUnits="userSpaceOnUse">
      <rect width="4" height="2" />
    </pattern>
    <pattern id="hatch-medium" width="2" height="4" patternUnits="userSpaceOnUse">
      <rect width="1.2" height="4" />
    </pattern>
    <pattern id="hatch-low" width="2" height="4" patternUnits="userSpaceOnUse">
      <rect width="1" height="2" />
    </pattern>
  </defs>
);
