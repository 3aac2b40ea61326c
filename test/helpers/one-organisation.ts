/** Holds a database to the promise that no statement reads or writes rows of another organisation than the one it is for. */
import type pg from 'pg';

/**
 * Puts a trip-wire before every row: a statement that comes as far as a row of another organisation fails. An index that leads by
 * `org_id` never shows it one, and a condition on `org_id` is asked before the wire, because comparing texts gives nothing away.
 */
export async function layTripWire(client: pg.Client): Promise<string[]> {
  await client.query(`CREATE FUNCTION only_own(org text) RETURNS boolean LANGUAGE plpgsql STABLE COST 100000 AS $$
    BEGIN
      IF coalesce(current_setting('capsule.org', true), '') NOT IN ('', org) THEN
        RAISE EXCEPTION 'a row of % was touched by a statement for %', org, current_setting('capsule.org');
      END IF;
      RETURN true;
    END $$`);
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id'
     WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'organisations'`,
  );
  for (const { name } of rows) {
    await client.query(`ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY; ALTER TABLE ${name} FORCE ROW LEVEL SECURITY`);
    await client.query(`CREATE POLICY own ON ${name} USING (only_own(org_id)) WITH CHECK (only_own(org_id))`);
  }
  return rows.map(({ name }) => name);
}

const TABLE = /\b(?:FROM|JOIN|UPDATE|INTO|USING)\s+([a-z_]+)\b(?!\s*\()/g;
const BOUND = /\borg_id\b\s*(?:=|\)|,)|\(org_id,|USING \(org_id\b/g;

/** The tables of a statement that it does not bind to an organisation by `org_id`, as far as its text shows. */
export function unboundTables(sql: string, tables: ReadonlySet<string>): string[] {
  const used = [...sql.matchAll(TABLE)].flatMap(([, name = '']) => (tables.has(name) ? [name] : []));
  const bound = [...sql.matchAll(BOUND)].length;
  return used.length > bound ? used : [];
}
