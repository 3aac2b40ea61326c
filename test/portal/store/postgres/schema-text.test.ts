import { expect, test } from '@jest/globals';
import { migrate } from '../../../../src/portal/store/postgres/migrate.ts';
import { distributeText, schemaText } from '../../../../src/portal/store/postgres/schema-text.ts';
import { sharedPostgres as postgres, withPostgres } from '../../../helpers/postgres.ts';

withPostgres('the tables', () => {
  test('that are printed are those that the portal makes, and each is spread by organisation or is everywhere', async () => {
    const [made, printed] = [await postgres.database(), await postgres.database()];
    await migrate({ url: made }, new Date());
    await postgres.admin(printed, (client) => client.query(schemaText()));
    const tablesOf = (url: string) =>
      postgres.admin(url, async (client) => {
        const { rows } = await client.query<{ name: string; own: boolean }>(
          `SELECT relname AS name, relname <> 'portal_migrations' AND NOT relispartition AS own FROM pg_class
           WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY 1`,
        );
        return rows.filter(({ own }) => own).map(({ name }) => name);
      });
    const tables = await tablesOf(made);
    expect(await tablesOf(printed)).toEqual(tables);
    const placed = [...distributeText().matchAll(/create_(?:distributed|reference)_table\('(\w+)'/g)].map(
      ([, name]) => name,
    );
    expect(placed.sort()).toEqual(tables);
    expect(distributeText()).toContain("create_distributed_table('events', 'org_id', colocate_with => 'chain_heads')");
  });
});
