import { type Database, inTransaction } from '../../../core/database.ts';
import { completeAct, type NotedAct } from '../../noted-act.ts';
import { addActConditions } from '../act-conditions.ts';
import { ACT_COLUMNS, type ActRow, toAct } from '../act-row.ts';
import { actDigest } from '../chain-hash.ts';
import { and } from '../conditions.ts';
import { toPage } from '../cursor.ts';
import type { PortalStore } from '../store.ts';
import { openChain } from './chain.ts';
import { forOrg } from './conditions.ts';

/** Writes one line of the administration log; called inside the transaction of the act itself. */
export function recordAct(database: Database, org: string, noted: NotedAct): void {
  const act = completeAct(noted);
  inTransaction(database, () => {
    const { lastInsertRowid } = database
      .prepare(
        'INSERT INTO acts (org_id, time, actor, act, object, came_from, client, changes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      )
      .run(
        ...[org, act.time, act.actor, act.act, act.object, act.from, act.client],
        act.changes === null ? null : JSON.stringify(act.changes),
      );
    openChain(database, org).add('act', lastInsertRowid, actDigest(act));
  });
}

/** The store's administrative acts, in this database. */
export function actsIn(database: Database): Pick<PortalStore, 'acts' | 'note'> {
  return {
    note: async (org, act) => recordAct(database, org, act),
    async acts(org, filter, { limit, after }) {
      const where = forOrg(org);
      addActConditions(where, filter, 'LIKE');
      and(where, 'seq < ?', after === undefined ? undefined : Number(after));
      const rows = database
        .prepare(`SELECT seq, ${ACT_COLUMNS} FROM acts WHERE ${where.sql.join(' AND ')} ORDER BY seq DESC LIMIT ?`)
        .all(...where.values, limit + 1) as unknown as (ActRow & { seq: number })[];
      return toPage(rows, limit, (row) => String(row.seq), toAct);
    },
  };
}
