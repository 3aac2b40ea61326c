import { type Database, inTransaction } from '../../../core/database.ts';
import type { Act } from '../../administration-answers.ts';
import type { Filter, Test } from '../../filter/read-filter.ts';
import { completeAct, type NotedAct } from '../../noted-act.ts';
import { actDigest } from '../chain-hash.ts';
import { toPage } from '../cursor.ts';
import type { PortalStore } from '../store.ts';
import { openChain } from './chain.ts';
import { and, type Conditions, forOrg, holding } from './conditions.ts';
import { among } from './event-conditions.ts';

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
      const where = actConditions(org, filter);
      and(where, 'seq < ?', after === undefined ? undefined : Number(after));
      const rows = database
        .prepare(`SELECT seq, ${ACT_COLUMNS} FROM acts WHERE ${where.sql.join(' AND ')} ORDER BY seq DESC LIMIT ?`)
        .all(...where.values, limit + 1) as unknown as (ActRow & { seq: number })[];
      return toPage(rows, limit, (row) => String(row.seq), toAct);
    },
  };
}

/** What `toAct` reads. */
export const ACT_COLUMNS = 'time, actor, act, object, came_from AS "from", client, changes';
export type ActRow = Omit<Act, 'changes'> & { changes: string | null };

/** An act as it was noted. */
export const toAct = ({ time, actor, act, object, from, client, changes }: ActRow): Act => ({
  ...{ time, actor, act, object, from, client },
  changes: changes === null ? null : (JSON.parse(changes) as Act['changes']),
});

function actConditions(org: string, { from, to, words, tests = {} }: Filter): Conditions {
  const where = forOrg(org);
  and(where, 'time >= ?', from);
  and(where, 'time <= ?', to);
  for (const { text } of words ?? [])
    and(
      where,
      `(actor || ' ' || act || ' ' || object || ' ' || coalesce(came_from, '')) LIKE ? ESCAPE '\\'`,
      holding(text),
    );
  for (const name of ['actor', 'act', 'object']) {
    const test = tests[name];
    if (test !== undefined) among(where, name, test as Test<string>);
  }
  return where;
}
