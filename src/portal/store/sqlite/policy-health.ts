import { type Database, inTransaction } from '../../../core/database.ts';
import type { JudgingHealth } from '../../policies/records.ts';
import { MAX_TRIES } from '../judging-bounds.ts';

/** Whether everything that is stored has been judged. */
export function healthOf(database: Database, org: string): JudgingHealth {
  const row = database
    .prepare(
      'SELECT coalesce(sum(tries < ?), 0) AS waiting, coalesce(sum(tries >= ?), 0) AS gone FROM unjudged WHERE org_id = ?',
    )
    .get(MAX_TRIES, MAX_TRIES, org);
  return { waiting: Number(row?.waiting ?? 0), givenUp: Number(row?.gone ?? 0) };
}

const OLD = [
  'DELETE FROM marks WHERE org_id = ? AND time < ?',
  'DELETE FROM policy_failures WHERE org_id = ? AND hour < ?',
  'DELETE FROM unjudged WHERE org_id = ? AND since < ?',
  'DELETE FROM notices WHERE org_id = ? AND next_at IS NULL AND made_at < ?',
  `DELETE FROM policy_runs WHERE org_id = ? AND state <> 'running' AND started_at < ?`,
];

/** Deletes what is older than `before` and only serves judging; answers how many rows went. */
export function forgetBefore(database: Database, org: string, before: string): number {
  return inTransaction(database, () =>
    OLD.reduce((sum, sql) => sum + Number(database.prepare(sql).run(org, before).changes), 0),
  );
}
