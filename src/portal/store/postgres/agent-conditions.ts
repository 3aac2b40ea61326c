import type { Filter } from '../../filter/read-filter.ts';
import { type AgentDialect, addAgentConditions } from '../agent-conditions.ts';
import type { Conditions } from '../conditions.ts';
import { forOrg } from './conditions.ts';

/** How PostgreSQL is asked about agents. Versions are put in order as `versionOrder` in `filter/` does. */
export const AGENT_DIALECT: AgentDialect = {
  user: 'user_name',
  like: 'ILIKE',
  versionOrder: (version) =>
    `((SELECT string_agg(lpad(part, 9, '0'), '.' ORDER BY n) FROM unnest(string_to_array(
       substring(${version} FROM '^[0-9]{1,9}(?:[.][0-9]{1,9})*'), '.')) WITH ORDINALITY AS parts(part, n)) COLLATE "C")`,
  kiros: 'json_array_elements(kiro::json) k',
  kiroField: (name) => `(k.value ->> '${name}')`,
};

/** What a filter asks of `agents`. */
export function agentConditions(filter: Filter, now: Date): Conditions {
  const where = forOrg();
  addAgentConditions(where, filter, now, AGENT_DIALECT);
  return where;
}
