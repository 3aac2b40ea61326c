import { SEEN_WITHIN, type SeenWithin } from '../filter/grammar.ts';
import type { AgentDialect } from './agent-conditions.ts';
import type { Conditions } from './conditions.ts';

/** How agents spread over versions and over when they were last heard; most first. */
export interface AgentSpread {
  versions: { version: string; agents: number }[];
  kiro: { generation: string; version: string | null; agents: number }[];
  seen: Record<SeenWithin, number>;
}

interface Question {
  sql: string;
  values: Conditions['values'];
}

/** Versions are few; a fleet in which they are not is not to be shown as bars. */
const MOST = 50;

/** When an agent was last heard, or enrolled if it never was, as an expression over a row of `agents`. */
export function seenSql(now: Date): { sql: string; values: string[] } {
  const cases = SEEN_WITHIN.flatMap(({ name, ms }) => (ms === null ? [] : [{ name, ms }]));
  return {
    sql: `CASE ${cases.map(({ name }) => `WHEN coalesce(last_seen_at, enrolled_at) >= ? THEN '${name}'`).join(' ')} ELSE 'older' END`,
    values: cases.map(({ ms }) => new Date(now.getTime() - ms).toISOString()),
  };
}

/** The three questions whose answers are a spread, of the agents that `where` asks for. */
export function spreadQuestions(
  { kiros, kiroField }: AgentDialect,
  { sql, values }: Conditions,
  now: Date,
): { [K in keyof AgentSpread]: Question } {
  const asked = `WHERE ${sql.join(' AND ')}`;
  const seen = seenSql(now);
  return {
    versions: {
      sql: `SELECT agent_version AS version, count(*) AS agents FROM agents ${asked} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${MOST}`,
      values,
    },
    kiro: {
      sql: `SELECT ${kiroField('generation')} AS generation, ${kiroField('version')} AS version,
          count(DISTINCT device_id) AS agents FROM agents, ${kiros} ${asked} GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT ${MOST}`,
      values,
    },
    seen: {
      sql: `SELECT ${seen.sql} AS seen, count(*) AS agents FROM agents ${asked} GROUP BY 1`,
      values: [...seen.values, ...values],
    },
  };
}

/** The counts by when they were last heard, from their rows. Pure. */
export function toSeen(rows: readonly { seen: SeenWithin; agents: number }[]): AgentSpread['seen'] {
  const none = { hour: 0, day: 0, week: 0, older: 0 };
  return { ...none, ...Object.fromEntries(rows.map(({ seen, agents }) => [seen, agents])) };
}
