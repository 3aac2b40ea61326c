import type { JudgingHealth } from '../../policies/records.ts';
import { MAX_TRIES } from '../judging-bounds.ts';
import type { OfOrg } from './database.ts';

/** Whether everything that is stored has been judged. */
export async function healthOf(rows: OfOrg): Promise<JudgingHealth> {
  const row = await rows.get<JudgingHealth>(
    `SELECT count(*) FILTER (WHERE tries < ?) AS waiting, count(*) FILTER (WHERE tries >= ?) AS "givenUp"
     FROM unjudged WHERE org_id = $1`,
    [MAX_TRIES, MAX_TRIES],
  );
  return row ?? { waiting: 0, givenUp: 0 };
}

const OLD = [
  'DELETE FROM marks WHERE org_id = $1 AND time < ?',
  'DELETE FROM policy_failures WHERE org_id = $1 AND hour < ?',
  'DELETE FROM unjudged WHERE org_id = $1 AND since < ?',
  'DELETE FROM notices WHERE org_id = $1 AND next_at IS NULL AND made_at < ?',
  `DELETE FROM policy_runs WHERE org_id = $1 AND state <> 'running' AND started_at < ?`,
];

/** Deletes what is older than `before` and only serves judging; answers how many rows went. */
export async function forgetBefore(rows: OfOrg, before: string): Promise<number> {
  let gone = 0;
  for (const sql of OLD) gone += await rows.run(sql, [before]);
  return gone;
}
