/** Collects the parts of a WHERE clause with the values they bind, in order; `$1` is the organisation (see `OfOrg`). */
export interface Conditions {
  sql: string[];
  values: (string | number)[];
}

/** Every query's first condition: one organisation's rows. */
export const forOrg = (): Conditions => ({ sql: ['org_id = $1'], values: [] });

/** Adds the condition unless the value is undefined. `sql` has one `?`. */
export function and(conditions: Conditions, sql: string, value: string | number | undefined): void {
  if (value === undefined) return;
  conditions.sql.push(sql);
  conditions.values.push(value);
}
