import { QUIET_MS, REPORTING_MS } from '../../agent-state.ts';
import type { Comparison, Filter, Sort, Test } from '../../filter/read-filter.ts';
import { type VersionComparison, versionOrder } from '../../filter/version-order.ts';
import { holding } from '../sqlite/conditions.ts';
import { among, compare, either } from '../sqlite/event-conditions.ts';
import { and, type Conditions, forOrg } from './conditions.ts';

type Texts = Test<string>;

/** `agentState` as an expression over a row of `agents`; a test holds the two to one another. */
export function stateSql(now: Date): { sql: string; values: string[] } {
  const ago = (ms: number) => new Date(now.getTime() - ms).toISOString();
  return {
    sql: `CASE
      WHEN NOT EXISTS (SELECT 1 FROM credentials c WHERE c.org_id = agents.org_id AND c.subject = agents.device_id
        AND c.kind = 'device' AND c.revoked_at IS NULL) THEN 'revoked'
      WHEN coalesce(last_seen_at, enrolled_at) < ? THEN 'missing'
      WHEN attention = 1 THEN 'needs-attention'
      WHEN last_seen_at IS NULL THEN 'waiting'
      WHEN last_seen_at < ? THEN 'quiet'
      ELSE 'reporting' END`,
    values: [ago(QUIET_MS), ago(REPORTING_MS)],
  };
}

const has = (part: string) => (where: Conditions, test: Test) =>
  either(where, test as Texts, (name) => [
    `EXISTS (SELECT 1 FROM inventory_items i JOIN inventories v USING (org_id, device_id, workspace_id)
       WHERE i.org_id = agents.org_id AND i.part = '${part}' AND i.name = ? AND i.device_id = agents.device_id
         AND i.last_seen_at = v.time)`,
    [name],
  ]);
type Versions = Test<string | VersionComparison>;
/** As `versionOrder` in `filter/`, in SQL. */
const orderSql = (version: string): string =>
  `((SELECT string_agg(lpad(part, 9, '0'), '.' ORDER BY n) FROM unnest(string_to_array(
     substring(${version} FROM '^[0-9]{1,9}(?:[.][0-9]{1,9})*'), '.')) WITH ORDINALITY AS parts(part, n)) COLLATE "C")`;
const versionSql = (column: string, wanted: string | VersionComparison): [sql: string, value: string] =>
  typeof wanted === 'string'
    ? [`${column} = ?`, wanted]
    : [`${orderSql(column)} ${wanted.op} ?`, versionOrder(wanted.version) ?? ''];

const inKiro = (field: string) => (where: Conditions, test: Test) =>
  either(where, test as Versions, (wanted) => {
    const [sql, value] = versionSql(`(k.value ->> '${field}')`, wanted);
    return [`EXISTS (SELECT 1 FROM json_array_elements(kiro::json) k WHERE ${sql})`, [value]];
  });

const CONDITIONS: Readonly<Record<string, (where: Conditions, test: Test) => void>> = {
  user: (where, test) => among(where, 'user_name', test as Texts),
  agent: (where, test) => among(where, 'device_id', test as Texts),
  os: (where, test) => among(where, 'os', test as Texts),
  version: (where, test) =>
    either(where, test as Versions, (wanted) => {
      const [sql, value] = versionSql('agent_version', wanted);
      return [sql, [value]];
    }),
  generation: inKiro('generation'),
  kiro: inKiro('version'),
  mcp: has('mcpServer'),
  skill: has('skill'),
  steering: has('steering'),
  coverage: (where, test) => compare(where, 'coverage', test as Test<Comparison>),
  installer: (where, test) =>
    either(where, test as Texts, (installer) => [
      `EXISTS (SELECT 1 FROM credential_users u WHERE u.org_id = agents.org_id AND u.credential_id = ?
         AND u.user_name = agents.device_id)`,
      [installer],
    ]),
  has: (where, test) =>
    either(where, test as Texts, () => [
      `EXISTS (SELECT 1 FROM detections d WHERE d.org_id = agents.org_id AND d.device_id = agents.device_id
         AND d.state IN ('open', 'in_review'))`,
      [],
    ]),
};

/** What a filter asks of `agents`. Its words are looked for in user, device and system. */
export function agentConditions({ words, tests = {} }: Filter, now: Date): Conditions {
  const where = forOrg();
  for (const { text } of words ?? [])
    and(where, `(user_name || ' ' || name || ' ' || os) ILIKE ? ESCAPE '\\'`, holding(text));
  const state = stateSql(now);
  if (tests.state !== undefined) {
    either(where, tests.state as Texts, (value) => [`${state.sql} = ?`, [...state.values, value]]);
  }
  for (const [name, test] of Object.entries(tests)) CONDITIONS[name]?.(where, test);
  return where;
}

/** Each a text or a number, with the type that a place in the list is read back as. */
const SORTS: Readonly<Record<string, { by: string; type: string }>> = {
  user: { by: 'user_name', type: 'text' },
  device: { by: 'name', type: 'text' },
  lastEvent: { by: "coalesce(last_event_at, '')", type: 'text' },
  version: { by: `coalesce(${orderSql('agent_version')}, '')`, type: 'text' },
  coverage: { by: 'coalesce(coverage, -1)', type: 'double precision' },
};
const BY_USER = { by: 'user_name', type: 'text' };

/** The expression that agents are ordered by, its type, and the direction. */
export function agentOrder(sort: Sort | undefined): { by: string; type: string; descending: boolean } {
  return { ...(SORTS[sort?.by ?? 'user'] ?? BY_USER), descending: sort?.descending ?? false };
}
