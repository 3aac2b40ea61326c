import type { Filter } from '../../filter/read-filter.ts';
import { type BarRow, barLength, HOUR, isSummed, toBars } from '../bars.ts';
import { addHours } from '../hour-conditions.ts';
import type { Bars, Count } from '../store.ts';
import type { Walk } from '../walk.ts';
import { forOrg } from './conditions.ts';
import type { Database } from './database.ts';
import { walkEvents } from './find-events.ts';

/** How many events a filter asks for; counting ends at `limit`. */
export async function countEvents(
  database: Database,
  org: string,
  filter: Filter,
  limit: number,
  walk: Walk,
): Promise<Count> {
  let count = 0;
  const searchedTo = await walkEvents(database, org, filter, walk, async (rows, { sql, values }) => {
    const counted = await rows.get<{ n: number }>(
      `SELECT count(*) AS n FROM (SELECT 1 FROM events WHERE ${sql.join(' AND ')} LIMIT ?) AS found`,
      [...values, limit + 1 - count],
    );
    count += counted?.n ?? 0;
    return count > limit;
  });
  return { count: Math.min(count, limit), exact: count <= limit && searchedTo === null, searchedTo };
}

/** Events and failed calls by hour (by ten minutes for up to six hours), as far as a filter asks for them. */
export async function eventBars(database: Database, org: string, filter: Filter, walk: Walk, now: Date): Promise<Bars> {
  const length = barLength(filter, now);
  if (length === HOUR && isSummed(filter)) {
    return { ...toBars(length, [await summed(database, org, filter)]), summed: true, searchedTo: null };
  }
  const parts: BarRow[][] = [];
  const searchedTo = await walkEvents(database, org, filter, walk, async (rows, { sql, values }) => {
    const some = await rows.all<BarRow>(
      `SELECT substr(time, 1, ${length}) AS start, count(*) AS events, count(*) FILTER (WHERE success = 0) AS failures
       FROM events WHERE ${sql.join(' AND ')} GROUP BY 1`,
      values,
    );
    parts.push(some);
    return false;
  });
  return { ...toBars(length, parts), summed: false, searchedTo };
}

async function summed(database: Database, org: string, filter: Filter): Promise<BarRow[]> {
  const where = forOrg();
  addHours(where, filter);
  return database.of(org).all<BarRow>(
    `SELECT hour AS start, sum(events) AS events, sum(failures) AS failures FROM hourly
     WHERE ${where.sql.join(' AND ')} GROUP BY hour`,
    where.values,
  );
}
