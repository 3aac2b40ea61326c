import { type Database, inTransaction } from '../../../core/database.ts';
import type { Act } from '../../answers.ts';
import type { PortalStore } from '../store.ts';
import { actDigest, openChain } from './chain.ts';
import { toPage } from './cursor.ts';

/** Writes one line of the administration log; called inside the transaction of the act itself. */
export function recordAct(database: Database, org: string, act: Act): void {
  inTransaction(database, () => {
    const { lastInsertRowid } = database
      .prepare('INSERT INTO acts (org_id, time, actor, act, object) VALUES (?, ?, ?, ?, ?)')
      .run(org, act.time, act.actor, act.act, act.object);
    openChain(database, org).add('act', lastInsertRowid, actDigest(act));
  });
}

/** The store's administrative acts, in this database. */
export function actsIn(database: Database): Pick<PortalStore, 'acts' | 'note'> {
  return {
    note: async (org, act) => recordAct(database, org, act),
    async acts(org, { limit, after }) {
      const rows = database
        .prepare(
          'SELECT seq, time, actor, act, object FROM acts WHERE org_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?',
        )
        .all(org, after === undefined ? Number.MAX_SAFE_INTEGER : Number(after), limit + 1) as unknown as (Act & {
        seq: number;
      })[];
      return toPage(
        rows,
        limit,
        (row) => String(row.seq),
        ({ time, actor, act, object }) => ({ time, actor, act, object }),
      );
    },
  };
}
