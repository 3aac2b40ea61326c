import type { Act } from '../../administration-answers.ts';
import { completeAct, type NotedAct } from '../../noted-act.ts';
import { addActConditions } from '../act-conditions.ts';
import { ACT_COLUMNS, type ActRow, toAct } from '../act-row.ts';
import { actDigest } from '../chain-hash.ts';
import { and } from '../conditions.ts';
import { toPage } from '../cursor.ts';
import type { PortalStore } from '../store.ts';
import { openChain } from './chain.ts';
import { forOrg } from './conditions.ts';
import { type Database, type OfOrg, storableText } from './database.ts';

/** Writes one line of the administration log; called inside the transaction of the act itself. */
export async function recordAct(rows: OfOrg, noted: NotedAct): Promise<void> {
  const act = storableAct(completeAct(noted));
  const chain = await openChain(rows);
  await rows.run(
    `INSERT INTO acts (org_id, seq, time, actor, act, object, came_from, client, changes) VALUES ($1, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      ...[chain.next(), act.time, act.actor, act.act, act.object, act.from, act.client],
      act.changes === null ? null : JSON.stringify(act.changes),
    ],
  );
  chain.add('act', act.time, actDigest(act));
  await chain.keep();
}

/** As it will be read, because that is what the chain proves. */
const storableAct = (act: Act): Act => ({ ...act, actor: storableText(act.actor), object: storableText(act.object) });

/** The store's administrative acts, in this database. */
export function actsIn(database: Database): Pick<PortalStore, 'acts' | 'note'> {
  return {
    note: async (org, act) => database.writing(org, (rows) => recordAct(rows, act)),
    async acts(org, filter, { limit, after }) {
      const where = forOrg();
      addActConditions(where, filter, 'ILIKE');
      and(where, 'seq < ?', after === undefined ? undefined : Number(after));
      const rows = await database
        .of(org)
        .all<ActRow & { seq: number }>(
          `SELECT seq, ${ACT_COLUMNS} FROM acts WHERE ${where.sql.join(' AND ')} ORDER BY seq DESC LIMIT ?`,
          [...where.values, limit + 1],
        );
      return toPage(rows, limit, (row) => String(row.seq), toAct);
    },
  };
}
