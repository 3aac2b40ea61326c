import type { Filter } from '../../filter/read-filter.ts';
import type { Conditions } from '../conditions.ts';
import { addSessionConditions } from '../session-conditions.ts';
import { forOrg } from './conditions.ts';

/** What a filter asks of the table of sessions, called `s`. */
export function sessionConditions(org: string, filter: Filter): Conditions {
  const where = forOrg(org);
  const events = 'events e INDEXED BY events_by_turn';
  addSessionConditions(where, filter, { user: 'user', events, org: { sql: '?', values: [org] } });
  return where;
}
