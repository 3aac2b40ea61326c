import { expect, test } from '@jest/globals';
import { migrate } from '../../../../src/portal/store/postgres/migrate.ts';
import { MIGRATIONS } from '../../../../src/portal/store/postgres/schema.ts';
import { sharedPostgres as postgres, withPostgres } from '../../../helpers/postgres.ts';

const NOW = new Date('2026-09-03T12:00:00.000Z');

withPostgres('a PostgreSQL database', () => {
  test('gets its tables once, however many replicas start at the same moment', async () => {
    const url = await postgres.database();
    await Promise.all(Array.from({ length: 6 }, () => migrate({ url }, NOW)));
    const { rows } = await postgres.admin(url, (client) =>
      client.query('SELECT version FROM portal_migrations ORDER BY 1'),
    );
    expect(rows.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, at) => at + 1));
  });

  test('has every key led by the organisation, but for what the whole portal shares', async () => {
    const url = await postgres.database();
    await migrate({ url }, NOW);
    const { rows } = await postgres.admin(url, (client) =>
      client.query(`SELECT c.relname AS name, a.attname AS first FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace`),
    );
    const others = rows.filter(({ first }) => first !== 'org_id').map(({ name }) => name);
    expect([...new Set(others)].sort()).toEqual([
      'organisations',
      'portal_migrations',
      'portal_values',
      'wrong_guesses',
    ]);
    expect(rows.length).toBeGreaterThan(50);
  });
});
