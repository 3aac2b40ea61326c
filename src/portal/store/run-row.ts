import type { PolicyRun } from '../policies/records.ts';

/** A row of `policy_runs`. */
export interface RunRow {
  org_id: string;
  run_id: string;
  policy_id: string;
  kind: PolicyRun['kind'];
  asked: string;
  state: PolicyRun['state'];
  result: string;
  started_at: string;
  started_by: string;
  ended_at: string | null;
}

/** The run that a row tells of. */
export const toRun = (row: RunRow): PolicyRun => ({
  id: row.run_id,
  policy: row.policy_id,
  kind: row.kind,
  asked: JSON.parse(row.asked) as PolicyRun['asked'],
  state: row.state,
  result: JSON.parse(row.result) as PolicyRun['result'],
  startedAt: row.started_at,
  startedBy: row.started_by,
  endedAt: row.ended_at,
});
