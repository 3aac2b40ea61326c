import type { RunStore } from '../../policies/stored.ts';
import { type RunRow, toRun } from '../run-row.ts';
import { recordAct } from './acts.ts';
import type { Database } from './database.ts';
import { keepRetrospective } from './judging.ts';

const SELECT =
  'SELECT org_id, run_id, policy_id, kind, asked, state, result, started_at, started_by, ended_at FROM policy_runs';

/** The store's looks back over stored events, in this database. */
export function runsIn(database: Database): RunStore {
  return {
    start: (org, { id, policy, kind, asked, result, startedAt, startedBy }) =>
      database.writing(org, async (rows) => {
        await rows.run(
          `INSERT INTO policy_runs (org_id, run_id, policy_id, kind, asked, state, result, started_at, started_by)
           VALUES ($1, ?, ?, ?, ?, 'running', ?, ?, ?)`,
          [id, policy, kind, JSON.stringify(asked), JSON.stringify(result), startedAt, startedBy],
        );
        const act = kind === 'judge' ? 'judged back' : 'dry run';
        await recordAct(rows, { time: startedAt, actor: startedBy, act, object: `policy:${policy}` });
      }),
    async get(org, id) {
      const row = await database.of(org).get<RunRow>(`${SELECT} WHERE org_id = $1 AND run_id = ?`, [id]);
      return row === undefined ? undefined : toRun(row);
    },
    async unfinished() {
      const rows = await database.portal.all<RunRow>(`${SELECT} WHERE state = 'running' ORDER BY started_at, run_id`);
      return rows.map((row) => ({ org: row.org_id, run: toRun(row) }));
    },
    keep: (org, found, at) => database.writing(org, (rows) => keepRetrospective(rows, found, at)),
    async settle(org, id, { state, result, at }) {
      await database
        .of(org)
        .run(
          `UPDATE policy_runs SET state = ?, result = ?, ended_at = ? WHERE org_id = $1 AND run_id = ? AND state = 'running'`,
          [state, JSON.stringify(result), at, id],
        );
    },
  };
}
