import type { SQLOutputValue } from 'node:sqlite';
import type { Rows, Value } from '../postgres/database.ts';
import { insertText, type TablePlan } from './table-plan.ts';

export type SourceRow = Readonly<Record<string, SQLOutputValue>>;

/** As many rows at once, or as many bytes of text. */
const ROWS = 1_000;
const BYTES = 4 * 1024 * 1024;

/** Inserts them in portions, so that memory holds one portion at a time; `told` hears how many came. Answers how many there were. */
export async function copyRows(
  rows: Rows,
  plan: Pick<TablePlan, 'table' | 'columns'>,
  source: Iterable<SourceRow>,
  told: (count: number) => void = () => {},
): Promise<number> {
  const sql = insertText(plan);
  let columns = plan.columns.map((): Single[] => []);
  let [count, waiting, bytes] = [0, 0, 0];
  const insert = async () => {
    if (waiting === 0) return;
    count += await rows.run(sql, columns);
    told(count);
    columns = plan.columns.map(() => []);
    [waiting, bytes] = [0, 0];
  };
  for (const row of source) {
    for (const [index, { name }] of plan.columns.entries()) {
      const value = toSingle(row[name]);
      columns[index]?.push(value);
      if (typeof value === 'string' || value instanceof Uint8Array) bytes += value.length;
    }
    waiting++;
    if (waiting >= ROWS || bytes >= BYTES) await insert();
  }
  await insert();
  return count;
}

type Single = Extract<Value, string | number | null | Uint8Array>;

function toSingle(value: SQLOutputValue | undefined): Single {
  if (value === undefined) return null;
  return typeof value === 'bigint' ? Number(value) : value;
}
