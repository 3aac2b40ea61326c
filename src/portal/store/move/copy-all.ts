import type { Database } from '../../../core/database.ts';
import type { CapsuleEvent } from '../../../core/event.ts';
import { Failure } from '../../../core/failure.ts';
import { FIRST_HASH } from '../chain-hash.ts';
import type { Rows } from '../postgres/database.ts';
import { wordsOf } from '../postgres/event-words.ts';
import { hashOfItem } from '../postgres/inventory-items.ts';
import { copyRows, type SourceRow } from './copy-rows.ts';
import { type Column, planTable } from './table-plan.ts';

/** How many rows of each table there were. */
export type Copied = Readonly<Record<string, number>>;

/**
 * Copies everything, in the caller's transaction. `progress` hears how many events of how many are there. Throws
 * `database-unusable` when something was stored before there was a chain, and so has no place in it.
 */
export async function copyAll(
  source: Database,
  rows: Rows,
  progress: (events: number, of: number) => void,
): Promise<Copied> {
  const to = await columnsIn(rows);
  const copied: Record<string, number> = {};
  for (const table of tablesOf(source)) {
    const of = countOf(source, table);
    const plan = planTable(table, columnsOf(source, table), to.get(table) ?? []);
    const found = source.prepare(plan.read).iterate();
    const done = await copyRows(rows, plan, complete(table, found), (count) => {
      if (table === 'events') progress(count, of);
    });
    if (done !== of) throw unchained(table, of - done);
    copied[table] = done;
  }
  await derive(rows);
  return copied;
}

/** SQLite's tables, but for those that its index of words is made of. */
const tablesOf = (source: Database): string[] =>
  (
    source
      .prepare(
        `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
           AND name NOT LIKE 'event\\_words%' ESCAPE '\\' AND name <> 'event_terms' ORDER BY name`,
      )
      .all() as { name: string }[]
  ).map(({ name }) => name);

const columnsOf = (source: Database, table: string): string[] =>
  (source.prepare('SELECT name FROM pragma_table_xinfo(?)').all(table) as { name: string }[]).map(({ name }) => name);

const countOf = (source: Database, table: string): number =>
  Number(source.prepare(`SELECT count(*) AS n FROM "${table}"`).get()?.n);

async function columnsIn(rows: Rows): Promise<Map<string, Column[]>> {
  const found = await rows.all<Column & { table: string }>(
    `SELECT table_name AS table, column_name AS name, udt_name AS type FROM information_schema.columns
     WHERE table_schema = current_schema()`,
  );
  return Map.groupBy(found, ({ table }) => table);
}

const unchained = (table: string, count: number): Failure =>
  new Failure('database-unusable', `${count} rows of ${table} have no place in the log’s chain`, {
    hint: 'See what is wrong with: capsule-kiro portal verify. Nothing was moved.',
  });

/** Fills in what PostgreSQL keeps beside what SQLite has. */
function complete(table: string, found: Iterable<SourceRow>): Iterable<SourceRow> {
  if (table === 'events') return withWords(found);
  if (table === 'chain') return withTimes(found);
  return table === 'inventory_items' ? withHashes(found) : found;
}

function* withWords(found: Iterable<SourceRow>): Iterable<SourceRow> {
  for (const row of found) {
    // Without a place in the chain it is left out, which is noticed by the count.
    if (row.seq !== null) yield { ...row, words: wordsOf(JSON.parse(String(row.event)) as CapsuleEvent) };
  }
}

function* withHashes(found: Iterable<SourceRow>): Iterable<SourceRow> {
  const text = (value: SourceRow[string] | undefined) => String(value);
  for (const row of found) {
    const item = { part: text(row.part), name: text(row.name), scope: text(row.scope), variant: text(row.variant) };
    yield { ...row, item_hash: hashOfItem(item, text(row.device_id), text(row.workspace_id)) };
  }
}

/** What retention took away has the time of the link before it: by time the chain is cut into months, and by nothing else. */
function* withTimes(found: Iterable<SourceRow>): Iterable<SourceRow> {
  let last: SourceRow[string] = '1970-01-01T00:00:00.000Z';
  for (const row of found) {
    last = row.at ?? last;
    yield { ...row, at: last };
  }
}

/** What PostgreSQL keeps beside, made from what is there now; and the next numbers that it gives. */
async function derive(rows: Rows): Promise<void> {
  await rows.run('INSERT INTO event_ids SELECT org_id, event_id, seq, received_at FROM events');
  await rows.run(
    `INSERT INTO event_months SELECT org_id, substr(received_at, 1, 7), min(time), max(time) FROM events GROUP BY 1, 2`,
  );
  await rows.run(
    `INSERT INTO chain_heads SELECT DISTINCT ON (o.org_id) o.org_id, coalesce(c.position, 0), coalesce(c.hash, ?::bytea)
     FROM organisations o LEFT JOIN chain c USING (org_id) ORDER BY o.org_id, c.position DESC`,
    [FIRST_HASH],
  );
  for (const table of ['detections', 'notices']) {
    await rows.get(
      `SELECT setval(pg_get_serial_sequence('${table}', 'seq'), (SELECT coalesce(max(seq), 0) + 1 FROM ${table}), false)`,
    );
  }
}
