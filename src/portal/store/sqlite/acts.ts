import { type Database, inTransaction } from '../../../core/database.ts';
import type { Act } from '../../answers.ts';
import type { Filter, Test } from '../../filter/read-filter.ts';
import type { PortalStore } from '../store.ts';
import { actDigest } from '../chain-hash.ts';
import { openChain } from './chain.ts';
import { and, type Conditions, forOrg, holding } from './conditions.ts';
import { toPage } from '../cursor.ts';
import { among } from './event-conditions.ts';

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
    async acts(org, filter, { limit, after }) {
      const where = actConditions(org, filter);
      and(where, 'seq < ?', after === undefined ? undefined : Number(after));
      const rows = database
        .prepare(
          `SELECT seq, time, actor, act, object FROM acts WHERE ${where.sql.join(' AND ')} ORDER BY seq DESC LIMIT ?`,
        )
        .all(...where.values, limit + 1) as unknown as (Act & { seq: number })[];
      return toPage(
        rows,
        limit,
        (row) => String(row.seq),
        ({ time, actor, act, object }) => ({ time, actor, act, object }),
      );
    },
  };
}

function actConditions(org: string, { from, to, words, tests = {} }: Filter): Conditions {
  const where = forOrg(org);
  and(where, 'time >= ?', from);
  and(where, 'time <= ?', to);
  for (const { text } of words ?? [])
    and(where, `(actor || ' ' || act || ' ' || object) LIKE ? ESCAPE '\\'`, holding(text));
  for (const name of ['actor', 'act', 'object']) {
    const test = tests[name];
    if (test !== undefined) among(where, name, test as Test<string>);
  }
  return where;
}
