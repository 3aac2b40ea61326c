import type { Filter } from '../../filter/read-filter.ts';
import type { Conditions } from '../conditions.ts';
import { addSessionConditions } from '../session-conditions.ts';
import { forOrg } from './conditions.ts';

/** What a filter asks of the table of sessions, called `s`. */
export function sessionConditions(filter: Filter): Conditions {
  const where = forOrg();
  addSessionConditions(where, filter, { user: 'user_name', events: 'events e', org: { sql: '$1', values: [] } });
  return where;
}
