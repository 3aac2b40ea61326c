import type { Filter } from '../../filter/read-filter.ts';
import type { Conditions } from '../conditions.ts';
import type { OfOrg } from './database.ts';

/** A month in which events arrived (`2026-09`), and between which times of their own they lie. */
export interface EventMonth {
  month: string;
  first: string;
  last: string;
}

/** The months in which an organisation's events arrived, oldest first. */
export const eventMonths = (rows: OfOrg): Promise<EventMonth[]> =>
  rows.all<EventMonth>(
    'SELECT month, first_time AS first, last_time AS last FROM event_months WHERE org_id = $1 ORDER BY month',
  );

/**
 * Adds when events of this time can have arrived. Tables of events are cut by the month of arrival, which nobody asks for; this
 * leads PostgreSQL to the ones that hold anything of it.
 */
export function addArrival(where: Conditions, months: readonly EventMonth[], { from, to }: Filter): void {
  const touched = months.filter(({ first, last }) => (from ?? '') <= last && (to === undefined || first <= to));
  const [oldest, newest] = [touched[0], touched.at(-1)];
  if (oldest === undefined || newest === undefined) {
    where.sql.push('false');
    return;
  }
  where.sql.push('received_at >= ?', 'received_at < ?');
  where.values.push(oldest.month, behind(newest.month));
}

/** Behind every time of a month, by the order of texts. */
const behind = (month: string): string => `${month}~`;
