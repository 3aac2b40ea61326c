/** How events are drawn over time, whatever the database. Pure. */
import type { Filter } from '../filter/read-filter.ts';
import type { Bars } from './store.ts';

/** How much of an ISO time names its bar: up to the ten minutes, or the hour. */
const TEN_MINUTES = 15;
export const HOUR = 13;
const FINE_RANGE_MS = 6 * 3_600_000;

/** By hour, or by ten minutes when the filter's time is short. */
export function barLength({ from, to }: Filter, now: Date): number {
  const span = Date.parse(to ?? now.toISOString()) - Date.parse(from ?? '1970-01-01');
  return span <= FINE_RANGE_MS ? TEN_MINUTES : HOUR;
}

/** Whether the sums by hour can answer. */
export const isSummed = ({ words, tests = {} }: Filter): boolean =>
  words === undefined && Object.keys(tests).every((name) => name === 'kind' || name === 'tool');

export interface BarRow {
  /** As much of the time as names the bar. */
  start: string;
  events: number;
  failures: number;
}

/** The bars that these parts add up to. */
export function toBars(length: number, parts: readonly (readonly BarRow[])[]): Pick<Bars, 'bars' | 'barMs'> {
  const bars = new Map<string, Omit<BarRow, 'start'>>();
  for (const { start, events, failures } of parts.flat()) {
    const bar = bars.get(start) ?? { events: 0, failures: 0 };
    bars.set(start, { events: bar.events + events, failures: bar.failures + failures });
  }
  return {
    barMs: length === HOUR ? 3_600_000 : 600_000,
    bars: [...bars].sort(([a], [b]) => (a < b ? -1 : 1)).map(([start, sums]) => ({ start: startTime(start), ...sums })),
  };
}

const startTime = (start: string): string => `${start}${'0000-00-00T00:00:00.000Z'.slice(start.length)}`;
