import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { stateSql } from '../../../../src/portal/store/agent-conditions.ts';
import { isNotShutOut } from '../../../../src/portal/store/shut-out.ts';
import { openSqliteStore } from '../../../../src/portal/store/sqlite/open.ts';
import { tempFolder } from '../../../helpers/temp-home.ts';

test('whether an agent is shut out is looked up by the agent, not among all credentials of the organisation', async () => {
  const folder = tempFolder();
  await openSqliteStore(folder).close();
  const database = new DatabaseSync(path.join(folder, 'portal.db'));
  const planOf = (sql: string, values: string[]) =>
    database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...values)
      .map(({ detail }) => String(detail))
      .filter((detail) => /\bc\b/.test(detail));
  const byAgent = [expect.stringContaining('INDEX credentials_by_subject (org_id=? AND subject=? AND kind=?)')];
  const state = stateSql(new Date());
  expect(planOf(`SELECT count(*) FROM agents a WHERE org_id = ? AND ${isNotShutOut('a')}`, ['o'])).toEqual(byAgent);
  expect(planOf(`SELECT ${state.sql} FROM agents WHERE org_id = ?`, [...state.values, 'o'])).toEqual(byAgent);
  database.close();
});
