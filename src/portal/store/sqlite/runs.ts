import { type Database, inTransaction } from '../../../core/database.ts';
import type { RunStore } from '../../policies/stored.ts';
import { type RunRow, toRun } from '../run-row.ts';
import { recordAct } from './acts.ts';
import { keepRetrospective } from './judging.ts';

const SELECT =
  'SELECT org_id, run_id, policy_id, kind, asked, state, result, started_at, started_by, ended_at FROM policy_runs';

/** The store's looks back over stored events, in this database. */
export function runsIn(database: Database): RunStore {
  return {
    async start(org, { id, policy, kind, asked, result, startedAt, startedBy }) {
      inTransaction(database, () => {
        database
          .prepare(
            `INSERT INTO policy_runs (org_id, run_id, policy_id, kind, asked, state, result, started_at, started_by)
             VALUES (?, ?, ?, ?, ?, 'running', ?, ?, ?)`,
          )
          .run(org, id, policy, kind, JSON.stringify(asked), JSON.stringify(result), startedAt, startedBy);
        const act = kind === 'judge' ? 'judged back' : 'dry run';
        recordAct(database, org, { time: startedAt, actor: startedBy, act, object: `policy:${policy}` });
      });
    },
    async get(org, id) {
      const row = database.prepare(`${SELECT} WHERE org_id = ? AND run_id = ?`).get(org, id);
      return row === undefined ? undefined : toRun(row as unknown as RunRow);
    },
    async unfinished() {
      const rows = database.prepare(`${SELECT} WHERE state = 'running' ORDER BY started_at, run_id`).all();
      return (rows as unknown as RunRow[]).map((row) => ({ org: row.org_id, run: toRun(row) }));
    },
    keep: async (org, found, at) => inTransaction(database, () => keepRetrospective(database, org, found, at)),
    async settle(org, id, { state, result, at }) {
      database
        .prepare('UPDATE policy_runs SET state = ?, result = ?, ended_at = ? WHERE org_id = ? AND run_id = ?')
        .run(state, JSON.stringify(result), at, org, id);
    },
  };
}
