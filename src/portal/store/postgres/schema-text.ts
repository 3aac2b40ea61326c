import { byBytes } from './migrate.ts';
import { EVERYWHERE, MIGRATIONS, PARTITIONED } from './schema.ts';

/** The tables as this version makes them, to be read; the portal makes them itself. */
export const schemaText = (): string =>
  [
    ...MIGRATIONS.map((sql) => byBytes(sql.replace(/^\n/, '').replace(/^ {2}/gm, '')).trimEnd()),
    ...Object.keys(PARTITIONED).map((table) => `CREATE TABLE ${table}_default PARTITION OF ${table} DEFAULT;`),
  ].join('\n\n');

/**
 * What spreads the tables over the machines of a Citus cluster, by organisation: to be run once, on the coordinator, when the
 * portal has made its tables. What is cut by time or by hash is spread with its parts.
 */
export function distributeText(): string {
  const tables = [...MIGRATIONS.join('\n').matchAll(/CREATE TABLE (\w+) \(/g)].map(([, name = '']) => name);
  const [first, ...others] = tables.filter((name) => !EVERYWHERE.includes(name));
  return [
    ...EVERYWHERE.map((name) => `SELECT create_reference_table('${name}');`),
    `SELECT create_distributed_table('${first}', 'org_id');`,
    ...others.map((name) => `SELECT create_distributed_table('${name}', 'org_id', colocate_with => '${first}');`),
  ].join('\n');
}
