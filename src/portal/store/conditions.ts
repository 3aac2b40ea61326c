/** Collects the parts of a WHERE clause with the values they bind, in order. */
export interface Conditions {
  sql: string[];
  values: (string | number)[];
}

/** Adds the condition unless the value is undefined. `sql` has one `?`. */
export function and(conditions: Conditions, sql: string, value: string | number | undefined): void {
  if (value === undefined) return;
  conditions.sql.push(sql);
  conditions.values.push(value);
}

/** A LIKE pattern (with `ESCAPE '\\'`) for texts that hold `part`. */
export const holding = (part: string): string => `%${part.replace(/[\\%_]/g, '\\$&')}%`;
