import type { Database } from '../../../core/database.ts';
import type { Filter } from '../../filter/read-filter.ts';
import { type BarRow, barLength, HOUR, isSummed, toBars } from '../bars.ts';
import type { Conditions } from '../conditions.ts';
import { addHours } from '../hour-conditions.ts';
import type { Bars, Count } from '../store.ts';
import type { Walk } from '../walk.ts';
import { forOrg } from './conditions.ts';
import { walkEvents } from './find-events.ts';

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

/** Events and failed calls by hour (by ten minutes for up to six hours), as far as a filter asks for them. */
export function eventBars(database: Database, org: string, filter: Filter, walk: Walk, now: Date): Bars {
  const length = barLength(filter, now);
  if (length === HOUR && isSummed(filter))
    return { ...toBars(length, [summed(database, org, filter)]), summed: true, searchedTo: null };
  const parts: BarRow[][] = [];
  const searchedTo = walkEvents(database, org, filter, walk, (source, { sql, values }) => {
    const rows = database
      .prepare(
        `SELECT substr(time, 1, ${length}) AS start, count(*) AS events, sum(success IS 0) AS failures
         FROM ${source} WHERE ${sql.join(' AND ')} GROUP BY 1`,
      )
      .all(...values);
    parts.push(rows as unknown as BarRow[]);
    return false;
  });
  return { ...toBars(length, parts), summed: false, searchedTo };
}

function summed(database: Database, org: string, filter: Filter): BarRow[] {
  const where = hoursOf(org, filter);
  return database
    .prepare(
      `SELECT hour AS start, sum(events) AS events, sum(failures) AS failures FROM hourly
       WHERE ${where.sql.join(' AND ')} GROUP BY hour`,
    )
    .all(...where.values) as unknown as BarRow[];
}

/** The hours that a filter's time touches, with its kinds and tools. */
export function hoursOf(org: string, filter: Filter): Conditions {
  const where = forOrg(org);
  addHours(where, filter);
  return where;
}
