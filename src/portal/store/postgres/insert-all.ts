import type { OfOrg, Value } from './database.ts';

/** Columns with their types, as the array of each is called. */
export type Columns = Readonly<Record<string, string>>;
export type Row<C extends Columns> = { readonly [column in keyof C]: string | number | null | Uint8Array };

/**
 * Inserts rows of this organisation with one statement: each column is an array, which `unnest` puts side by side. `rest` follows,
 * such as what to do about a conflict. Does nothing for none.
 */
export async function insertAll<C extends Columns>(
  rows: OfOrg,
  table: string,
  columns: C,
  values: readonly Row<C>[],
  rest = '',
): Promise<void> {
  if (values.length > 0) await rows.run(`${insertSql(table, columns)} ${rest}`, arraysOf(columns, values));
}

/** The same for those that are not there yet; answers these columns of them. */
export async function insertNew<C extends Columns, K extends keyof C & string>(
  rows: OfOrg,
  table: string,
  columns: C,
  values: readonly Row<C>[],
  answered: readonly K[],
): Promise<Pick<Row<C>, K>[]> {
  if (values.length === 0) return [];
  const sql = `${insertSql(table, columns)} ON CONFLICT DO NOTHING RETURNING ${answered.join(', ')}`;
  return rows.all(sql, arraysOf(columns, values));
}

function insertSql(table: string, columns: Columns): string {
  const arrays = Object.values(columns).map((type) => `?::${type}[]`);
  return `INSERT INTO ${table} (org_id, ${Object.keys(columns).join(', ')}) SELECT $1, * FROM unnest(${arrays.join(', ')})`;
}

const arraysOf = <C extends Columns>(columns: C, values: readonly Row<C>[]): Value[] =>
  Object.keys(columns).map((name) => values.map((row) => row[name as keyof C]));

/** `ON CONFLICT` that puts the new row in place of the old one; `key` is without `org_id`. */
export function replacing(columns: Columns, key: readonly string[]): string {
  const others = Object.keys(columns).filter((name) => !key.includes(name));
  return `ON CONFLICT (org_id, ${key.join(', ')}) DO UPDATE SET ${others.map((name) => `${name} = excluded.${name}`).join(', ')}`;
}
