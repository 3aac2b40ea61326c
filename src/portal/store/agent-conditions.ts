import { QUIET_MS, REPORTING_MS } from '../agent-state.ts';
import type { Comparison, Filter, Sort, Test } from '../filter/read-filter.ts';
import { type VersionComparison, versionOrder } from '../filter/version-order.ts';
import { seenSql } from './agent-spread.ts';
import { and, type Conditions, holding } from './conditions.ts';
import { among, compare, either } from './event-conditions.ts';
import { isNotShutOut } from './shut-out.ts';

/** What two databases write differently about agents. */
export interface AgentDialect {
  /** The column of the user. */
  user: string;
  /** LIKE that takes A for a. */
  like: string;
  /** `versionOrder` of an expression. */
  versionOrder(version: string): string;
  /** The table of the Kiros that an agent has found, called `k`, and a field of one. */
  kiros: string;
  kiroField(name: string): string;
}

type Texts = Test<string>;

/** `agentState` as an expression over a row of `agents`; a test holds the two to one another. */
export function stateSql(now: Date): { sql: string; values: string[] } {
  const ago = (ms: number) => new Date(now.getTime() - ms).toISOString();
  return {
    sql: `CASE
      WHEN NOT (${isNotShutOut('agents')}) THEN 'revoked'
      WHEN coalesce(last_seen_at, enrolled_at) < ? THEN 'missing'
      WHEN attention = 1 THEN 'needs-attention'
      WHEN last_seen_at IS NULL THEN 'waiting'
      WHEN last_seen_at < ? THEN 'quiet'
      ELSE 'reporting' END`,
    values: [ago(QUIET_MS), ago(REPORTING_MS)],
  };
}

type Condition = (where: Conditions, test: Test) => void;

const has =
  (part: string): Condition =>
  (where, test) =>
    either(where, test as Texts, (name) => [
      `EXISTS (SELECT 1 FROM inventory_items i JOIN inventories v USING (org_id, device_id, workspace_id)
       WHERE i.org_id = agents.org_id AND i.part = '${part}' AND i.name = ? AND i.device_id = agents.device_id
         AND i.last_seen_at = v.time)`,
      [name],
    ]);

type Versions = Test<string | VersionComparison>;
const inKiro =
  (dialect: AgentDialect, field: string): Condition =>
  (where, test) =>
    either(where, test as Versions, (wanted) => {
      const [sql, value] = versionSql(dialect, dialect.kiroField(field), wanted);
      return [`EXISTS (SELECT 1 FROM ${dialect.kiros} WHERE ${sql})`, [value]];
    });

/** One version, or those on one side of it. */
const versionSql = (
  dialect: AgentDialect,
  column: string,
  wanted: string | VersionComparison,
): [sql: string, value: string] =>
  typeof wanted === 'string'
    ? [`${column} = ?`, wanted]
    : [`${dialect.versionOrder(column)} ${wanted.op} ?`, versionOrder(wanted.version) ?? ''];

const conditionsIn = (dialect: AgentDialect): Readonly<Record<string, Condition>> => ({
  user: (where, test) => among(where, dialect.user, test as Texts),
  agent: (where, test) => among(where, 'device_id', test as Texts),
  os: (where, test) => among(where, 'os', test as Texts),
  version: (where, test) =>
    either(where, test as Versions, (wanted) => {
      const [sql, value] = versionSql(dialect, 'agent_version', wanted);
      return [sql, [value]];
    }),
  generation: inKiro(dialect, 'generation'),
  kiro: inKiro(dialect, 'version'),
  mcp: has('mcpServer'),
  skill: has('skill'),
  steering: has('steering'),
  coverage: (where, test) => compare(where, 'coverage', test as Test<Comparison>),
  installer: (where, test) =>
    either(where, test as Texts, (installer) => [
      `EXISTS (SELECT 1 FROM credential_users u WHERE u.org_id = agents.org_id AND u.credential_id = ?
         AND u.${dialect.user} = agents.device_id)`,
      [installer],
    ]),
  has: (where, test) =>
    either(where, test as Texts, () => [
      `EXISTS (SELECT 1 FROM detections d WHERE d.org_id = agents.org_id AND d.device_id = agents.device_id
         AND d.state IN ('open', 'in_review'))`,
      [],
    ]),
});

/** Adds what a filter asks of `agents`. Its words are looked for in user, device and system. */
export function addAgentConditions(
  where: Conditions,
  { words, tests = {} }: Filter,
  now: Date,
  dialect: AgentDialect,
): void {
  const texts = `(${dialect.user} || ' ' || name || ' ' || os)`;
  for (const { text } of words ?? []) and(where, `${texts} ${dialect.like} ? ESCAPE '\\'`, holding(text));
  const state = stateSql(now);
  if (tests.state !== undefined) {
    either(where, tests.state as Texts, (value) => [`${state.sql} = ?`, [...state.values, value]]);
  }
  const seen = seenSql(now);
  if (tests.seen !== undefined) {
    either(where, tests.seen as Texts, (value) => [`${seen.sql} = ?`, [...seen.values, value]]);
  }
  const conditions = conditionsIn(dialect);
  for (const [name, test] of Object.entries(tests)) conditions[name]?.(where, test);
}

/** The expression that agents are ordered by, the type of its values, and the direction. */
export function agentOrder(
  sort: Sort | undefined,
  { user, versionOrder: orderOf }: AgentDialect,
): { by: string; type: 'text' | 'double precision'; descending: boolean } {
  const sorts: Readonly<Record<string, string>> = {
    device: 'name',
    lastEvent: "coalesce(last_event_at, '')",
    version: `coalesce(${orderOf('agent_version')}, '')`,
    coverage: 'coalesce(coverage, -1)',
  };
  const type = sort?.by === 'coverage' ? 'double precision' : 'text';
  return { by: sorts[sort?.by ?? ''] ?? user, type, descending: sort?.descending ?? false };
}
