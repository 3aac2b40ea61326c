import type { Database } from '../../../core/database.ts';
import type { Filter } from '../../filter/read-filter.ts';
import { versionOrder } from '../../filter/version-order.ts';
import { type AgentDialect, addAgentConditions } from '../agent-conditions.ts';
import type { Conditions } from '../conditions.ts';
import { forOrg } from './conditions.ts';

/** Makes `versionOrder` known to the database's queries, as `version_order`. */
export function addVersionOrder(database: Database): void {
  database.function('version_order', { deterministic: true }, (version) =>
    typeof version === 'string' ? versionOrder(version) : null,
  );
}

/** How SQLite is asked about agents. */
export const AGENT_DIALECT: AgentDialect = {
  user: 'user',
  like: 'LIKE',
  versionOrder: (version) => `version_order(${version})`,
  kiros: 'json_each(kiro) k',
  kiroField: (name) => `k.value ->> '$.${name}'`,
};

/** What a filter asks of `agents`. */
export function agentConditions(org: string, filter: Filter, now: Date): Conditions {
  const where = forOrg(org);
  addAgentConditions(where, filter, now, AGENT_DIALECT);
  return where;
}
