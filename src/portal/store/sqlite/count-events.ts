import type { Database } from '../../../core/database.ts';
import type { Filter } from '../../filter/read-filter.ts';
import type { Bars, Count } from '../store.ts';
import { type Conditions, forOrg } from './conditions.ts';
import { among } from './event-conditions.ts';
import { type Walk, walkEvents } from './find-events.ts';

/** How many events a filter asks for; counting ends at `limit`. */
export function countEvents(database: Database, org: string, filter: Filter, limit: number, walk: Walk): Count {
  let count = 0;
  const searchedTo = walkEvents(database, org, filter, walk, (source, { sql, values }) => {
    const { n } = database
      .prepare(`SELECT count(*) AS n FROM (SELECT 1 FROM ${source} WHERE ${sql.join(' AND ')} LIMIT ?)`)
      .get(...values, limit + 1 - count) as { n: number };
    count += n;
    return count > limit;
  });
  return { count: Math.min(count, limit), exact: count <= limit && searchedTo === null, searchedTo };
}

/** How much of an ISO time names its bar: up to the ten minutes, or the hour. */
const [TEN_MINUTES, HOUR] = [15, 13];
const FINE_RANGE_MS = 6 * 3_600_000;

/** Events and failed calls by hour (by ten minutes for up to six hours), as far as a filter asks for them. */
export function eventBars(database: Database, org: string, filter: Filter, walk: Walk, now: Date): Bars {
  const span = Date.parse(filter.to ?? now.toISOString()) - Date.parse(filter.from ?? '1970-01-01');
  const length = span <= FINE_RANGE_MS ? TEN_MINUTES : HOUR;
  if (length === HOUR && isSummed(filter)) return { ...summed(database, org, filter), searchedTo: null };
  const bars = new Map<string, { events: number; failures: number }>();
  const searchedTo = walkEvents(database, org, filter, walk, (source, { sql, values }) => {
    const rows = database
      .prepare(
        `SELECT substr(time, 1, ${length}) AS start, count(*) AS events, sum(success IS 0) AS failures
         FROM ${source} WHERE ${sql.join(' AND ')} GROUP BY 1`,
      )
      .all(...values) as unknown as BarRow[];
    for (const { start, events, failures } of rows) {
      const bar = bars.get(start) ?? { events: 0, failures: 0 };
      bars.set(start, { events: bar.events + events, failures: bar.failures + failures });
    }
    return false;
  });
  return {
    barMs: length === HOUR ? 3_600_000 : 600_000,
    bars: [...bars].sort(([a], [b]) => (a < b ? -1 : 1)).map(([start, sums]) => ({ start: startTime(start), ...sums })),
    searchedTo,
  };
}

interface BarRow {
  start: string;
  events: number;
  failures: number;
}

const startTime = (start: string): string => `${start}${'0000-00-00T00:00:00.000Z'.slice(start.length)}`;

/** Whether the sums by hour can answer. */
const isSummed = ({ words, tests = {} }: Filter): boolean =>
  words === undefined && Object.keys(tests).every((name) => name === 'kind' || name === 'tool');

function summed(database: Database, org: string, filter: Filter): Pick<Bars, 'bars' | 'barMs'> {
  const where = hoursOf(org, filter);
  const rows = database
    .prepare(
      `SELECT hour AS start, sum(events) AS events, sum(failures) AS failures FROM hourly
       WHERE ${where.sql.join(' AND ')} GROUP BY hour ORDER BY hour`,
    )
    .all(...where.values) as unknown as BarRow[];
  return { barMs: 3_600_000, bars: rows.map(({ start, ...sums }) => ({ start: startTime(start), ...sums })) };
}

/** The hours that a filter's time touches, with its kinds and tools. */
export function hoursOf(org: string, { from, to, tests = {} }: Filter): Conditions {
  const where = forOrg(org);
  if (from !== undefined) {
    where.sql.push('hour >= ?');
    where.values.push(from.slice(0, HOUR));
  }
  if (to !== undefined) {
    where.sql.push('hour <= ?');
    where.values.push(to.slice(0, HOUR));
  }
  for (const name of ['kind', 'tool']) {
    const test = tests[name];
    if (test !== undefined) among(where, name, test as { is: string[]; not: string[] });
  }
  return where;
}
