/** A portal's store for a test, in the database that its project is about: SQLite, or PostgreSQL (see `jest.config.js`). */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll } from '@jest/globals';
import { openSqliteStore } from '../../src/portal/store/sqlite/open.ts';
import type { PortalStore } from '../../src/portal/store/store.ts';
import { madeOnce } from './made-once.ts';
import { inDatabase, superUrl } from './postgres-server.ts';

export type Engine = 'sqlite' | 'postgres';
/** Which database this run of the test is about. */
export const engine: Engine = (globalThis as { storeEngine?: Engine }).storeEngine ?? 'sqlite';

/** The store that belongs to this folder: what is opened again has what was kept before. */
export async function openTestStore(folder: string): Promise<PortalStore> {
  if (engine === 'sqlite') {
    const file = path.join(folder, 'portal.db');
    if (!existsSync(file)) writeFileSync(file, await newStore(), { mode: 0o600 });
    return openSqliteStore(folder);
  }
  const { openPostgresStore } = await import('../../src/portal/store/postgres/open.ts');
  return openPostgresStore({ url: await databaseOf(folder), connections: 4 });
}

/** The file of a store in which nothing is yet: its migrations are dearer than most tests. */
const newStore = (): Promise<Uint8Array> =>
  madeOnce('store', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'capsule-test-store-'));
    await openSqliteStore(folder).close();
    const bytes = readFileSync(path.join(folder, 'portal.db'));
    rmSync(folder, { recursive: true });
    return bytes;
  });

/** Runs SQL behind the store's back, as somebody would who has the database. Each `?` is one of the values. */
export async function changeStored(folder: string, sql: string, ...values: (string | number | null)[]): Promise<void> {
  if (engine === 'sqlite') {
    const database = new DatabaseSync(path.join(folder, 'portal.db'));
    if (values.length === 0) database.exec(sql);
    else database.prepare(sql).run(...values);
    database.close();
    return;
  }
  let next = 1;
  await inDatabase(await databaseOf(folder), (client) =>
    client.query(
      sql.replaceAll('?', () => `$${next++}`),
      values,
    ),
  );
}

const made = new Map<string, Promise<string>>();
afterAll(async () => {
  const databases = await Promise.all(made.values());
  made.clear();
  if (databases.length === 0) return;
  await inDatabase(superUrl(databases[0] ?? '', 'postgres'), async (client) => {
    for (const url of databases) await client.query(`DROP DATABASE ${nameIn(url)} WITH (FORCE)`);
  });
});

/** The address of the database that stands for a folder, made when it is new. */
export function databaseOf(folder: string): Promise<string> {
  const known = made.get(folder) ?? copyTemplate(folder);
  made.set(folder, known);
  return known;
}

async function copyTemplate(folder: string): Promise<string> {
  const template = process.env.CAPSULE_TEST_POSTGRES ?? '';
  const name = `t_${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  await inDatabase(superUrl(template, 'postgres'), (client) =>
    client.query(`CREATE DATABASE ${name} TEMPLATE ${nameIn(template)} OWNER portal`),
  );
  return Object.assign(new URL(template), { pathname: name }).href;
}

const nameIn = (url: string): string => new URL(url).pathname.slice(1);
