import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loadJudging } from '../../../../src/portal/policies/load-judging.ts';
import { loadPack } from '../../../../src/portal/policies/pack.ts';
import { moveToPostgres } from '../../../../src/portal/store/move/move-to-postgres.ts';
import { openPostgresStore } from '../../../../src/portal/store/postgres/open.ts';
import { openAlone, unmarkMoved } from '../../../../src/portal/store/sqlite/moved.ts';
import { openSqliteStore } from '../../../../src/portal/store/sqlite/open.ts';
import type { PortalStore } from '../../../../src/portal/store/store.ts';
import { verifyChain } from '../../../../src/portal/verify-chain.ts';
import { DEVICE, enrolmentOf, everyKind } from '../../../helpers/portal-events.ts';
import { sharedPostgres as postgres, withPostgres } from '../../../helpers/postgres.ts';
import { readShort } from '../../../helpers/short-events.ts';
import { tempFolder } from '../../../helpers/temp-home.ts';

const AT = '2026-09-03T13:00:00.000Z';
const LATER = '2026-10-01T00:00:00.000Z';
const NOW = new Date('2026-11-03T13:00:00.000Z');
const EVENTS = [...everyKind(), readShort('$ rm -rf ~/').event, readShort('$ cat ~/.aws/credentials').event];

/** Two organisations that have lived: agents, events of two months, what was detected in them, acts; something was removed. */
async function lived(folder: string): Promise<string[]> {
  const store = openSqliteStore(folder);
  const judging = await loadJudging();
  const orgs: string[] = [];
  for (const name of ['ours', 'theirs']) {
    const { id } = await store.organisation(name, AT);
    orgs.push(id);
    await store.policies.installPack(id, await loadPack(), AT);
    await store.agents.enrol(id, enrolmentOf() as Parameters<PortalStore['agents']['enrol']>[1], AT, 'test');
    await store.events.ingest(id, DEVICE, EVENTS.slice(0, 3), AT, judging);
    await store.note(id, { time: AT, actor: 'anna', act: 'noted', object: 'something' });
    await store.events.ingest(id, DEVICE, EVENTS.slice(3), LATER, judging);
    await store.retention.remove(id, 'agent.reasoned', '2026-09-30', 10);
  }
  await store.setValue('signing-key', 'a key');
  await store.close();
  return orgs;
}

/** Sums come in no order. */
const inOrder = (sums: readonly object[]) => sums.map((sum) => JSON.stringify(Object.entries(sum).sort())).sort();

/** What pages are made of. Cursors are each database's own. */
async function read(store: PortalStore, org: string) {
  const page = { limit: 100 };
  const whole = { ...page, maxBytes: 1e7 };
  const { events, sessions, observations } = store;
  const found = (await events.list(org, {}, whole)).items;
  const session = found[0]?.event.session.id ?? '';
  return {
    organisation: await store.findOrganisation('ours'),
    agents: (await store.agents.list(org, {}, NOW, page)).items,
    spread: await store.agents.spread(org, {}, NOW),
    events: found,
    words: (await events.list(org, { words: [{ text: 'parser', goesOn: false }] }, whole)).items,
    removed: await Promise.all(EVENTS.map(({ id }) => events.wasRemoved(org, id))),
    sessions: (await sessions.list(org, {}, page)).items,
    turns: await sessions.turns(org, session, { first: 0, limit: 5, maxEvents: 100, maxBytes: 1e9 }),
    acts: (await store.acts(org, {}, page)).items,
    detections: (await store.detections.list(org, {}, { ...page, order: 'severity' })).items,
    counts: inOrder(await store.detections.counts(org)),
    policies: await store.policies.list(org, AT),
    retention: await store.retention.get(org),
    users: await observations.values(org, 'user', '', 10),
    held: await observations.held(org, 'mcpServer', 10),
    changes: (await observations.changes(org, DEVICE, page)).items,
    hours: inOrder(await observations.hours(org, {}, 'hour')),
    proof: await verifyChain(store, org),
    key: await store.value('signing-key'),
  };
}

withPostgres('a portal that moves from a folder to PostgreSQL', () => {
  let folder: string;
  let url: string;
  const move = () => moveToPostgres({ folder, to: { url }, now: () => NOW, progress: () => {} });

  const opened: PortalStore[] = [];
  const openMoved = async () => {
    const store = await openPostgresStore({ url, now: () => NOW });
    opened.push(store);
    return store;
  };
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });
  beforeEach(async () => {
    folder = tempFolder();
    url = await postgres.database();
  });

  test('shows the same afterwards, with the same end of its chain', async () => {
    const orgs = await lived(folder);
    const before = openSqliteStore(folder);
    const shown = await Promise.all(orgs.map((org) => read(before, org)));
    await before.close();
    expect(shown[0]?.proof).toMatchObject({ fault: null, unchained: 0, gone: 1 });
    expect(shown[0]?.detections.length).toBeGreaterThan(1);
    expect(shown[0]?.words.length).toBeGreaterThan(0);
    expect(shown[0]?.acts.length).toBeGreaterThan(0);
    await move();
    const after = await openMoved();
    expect(await Promise.all(orgs.map((org) => read(after, org)))).toEqual(shown);
  });

  test('knows what agents send again, and goes on where it was', async () => {
    const [org = ''] = await lived(folder);
    await move();
    const after = await openMoved();
    const judging = await loadJudging();
    expect((await after.events.ingest(org, DEVICE, EVENTS, LATER, judging)).accepted).toBe(0);
    const next = readShort('$ rm -rf /').event;
    const stored = await after.events.ingest(org, DEVICE, [next], NOW.toISOString(), judging);
    expect(stored).toMatchObject({ accepted: 1, detections: expect.arrayContaining(['critical']) });
    expect(await verifyChain(after, org)).toMatchObject({ fault: null, unchained: 0 });
  });

  test('takes every column of every table with it', async () => {
    openAlone(await made(folder)).close();
    const filled = fillEveryTable(folder);
    await move();
    for (const [table, row] of filled) {
      const { seq: _, position: __, ref: ___, rank: ____, ...kept } = row;
      const [found] = await postgres.admin(url, async (client) => (await client.query(`SELECT * FROM ${table}`)).rows);
      const renamed = Object.fromEntries(
        Object.entries(kept).map(([name, value]) => [name === 'user' ? 'user_name' : name, value]),
      );
      expect([table, plain(found as Record<string, unknown>)]).toEqual([table, expect.objectContaining(renamed)]);
    }
  });

  test('is used by no portal afterwards, until somebody says so', async () => {
    await lived(folder);
    await move();
    expect(() => openSqliteStore(folder)).toThrow('was moved to PostgreSQL at 2026-11-03T13:00:00.000Z');
    await expect(move()).rejects.toMatchObject({ code: 'database-unusable' });
    const alone = openAlone(folder);
    expect([unmarkMoved(alone), unmarkMoved(alone)]).toEqual([true, false]);
    alone.close();
    const again = openSqliteStore(folder);
    expect(await again.value('signing-key')).toBe('a key');
    await again.close();
  });

  test('is refused while something uses the folder, and where there is nothing', async () => {
    await lived(folder);
    const using = openSqliteStore(folder);
    await using.value('signing-key');
    await expect(move()).rejects.toMatchObject({ code: 'already-running' });
    await using.close();
    folder = tempFolder();
    await expect(move()).rejects.toMatchObject({ code: 'not-found' });
  });

  test('leaves a database alone that is not empty', async () => {
    await lived(folder);
    const there = await openMoved();
    await there.organisation('others', AT);
    await expect(move()).rejects.toMatchObject({
      code: 'database-unusable',
      message: expect.stringContaining('already'),
    });
    expect(await there.findOrganisation('ours')).toBeUndefined();
    const still = openSqliteStore(folder);
    expect(await still.value('signing-key')).toBe('a key');
    await still.close();
  });

  test('that fails in the middle leaves nothing behind, and can be done again', async () => {
    const [org = ''] = await lived(folder);
    const source = new DatabaseSync(path.join(folder, 'portal.db'));
    const { event } = source.prepare('SELECT event FROM events ORDER BY seq DESC LIMIT 1').get() as { event: string };
    const spoil = (text: string) =>
      source.prepare('UPDATE events SET event = ? WHERE seq = (SELECT max(seq) FROM events)').run(text);
    spoil('no JSON');
    source.close();
    await expect(move()).rejects.toMatchObject({
      code: 'database-unusable',
      message: expect.stringContaining('Nothing'),
    });
    const mended = new DatabaseSync(path.join(folder, 'portal.db'));
    mended.prepare('UPDATE events SET event = ? WHERE seq = (SELECT max(seq) FROM events)').run(event);
    mended.close();
    await move();
    const after = await openMoved();
    expect((await verifyChain(after, org)).fault).toBeNull();
  });

  test('names what has no place in the chain', async () => {
    await lived(folder);
    const source = new DatabaseSync(path.join(folder, 'portal.db'));
    source.exec('UPDATE events SET position = NULL WHERE seq = 1');
    source.close();
    await expect(move()).rejects.toMatchObject({ message: expect.stringContaining('1 rows of events') });
  });
});

async function made(folder: string): Promise<string> {
  await openSqliteStore(folder).close();
  return folder;
}

/** One row in each table, made of its columns' types alone. */
function fillEveryTable(folder: string): Map<string, Record<string, string | number | null>> {
  const database = new DatabaseSync(path.join(folder, 'portal.db'));
  database.exec('PRAGMA foreign_keys = OFF');
  const tables = database
    .prepare(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%' AND name NOT LIKE 'sqlite%'
       AND name NOT LIKE 'event_words%'`,
    )
    .all() as { name: string }[];
  const filled = new Map<string, Record<string, string | number | null>>();
  for (const { name } of tables) {
    database.exec(`DELETE FROM ${name}`);
    const columns = database.prepare('SELECT name, type, hidden FROM pragma_table_xinfo(?)').all(name) as {
      name: string;
      type: string;
      hidden: number;
    }[];
    const row = Object.fromEntries(
      columns.filter(({ hidden }) => hidden === 0).map((column, index) => [column.name, valueFor(column, index)]),
    );
    if (name === 'events') row.event = JSON.stringify(EVENTS[0]);
    if (name === 'chain') Object.assign(row, { what: 'event', ref: FIRST, position: FIRST });
    const names = Object.keys(row);
    database
      .prepare(
        `INSERT INTO ${name} (${names.map((each) => `"${each}"`).join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
      )
      .run(
        ...names.map((each) =>
          typeof row[each] === 'string' && isBlob(columns, each) ? Buffer.from(row[each]) : (row[each] ?? null),
        ),
      );
    filled.set(name, row);
  }
  // An act has its place in the chain like an event.
  database.exec(`INSERT INTO chain SELECT org_id, ${FIRST + 1}, 'act', ${FIRST}, digest, hash FROM chain`);
  database.close();
  return filled;
}

const FIRST = 7;
const isBlob = (columns: { name: string; type: string }[], name: string) =>
  columns.some((column) => column.name === name && column.type === 'BLOB');

function valueFor({ name, type }: { name: string; type: string }, index: number): string | number {
  if (name === 'org_id') return 'org';
  if (name === 'seq' || name === 'position') return FIRST;
  if (name === 'severity') return 'high';
  if (/(_at|^at|^time|^since)$/.test(name)) return AT;
  if (type === 'INTEGER') return index + 1;
  return type === 'REAL' ? index + 0.5 : `${name} ${index} 'é"`;
}

/** As SQLite would give it: bytes as text here. */
const plain = (row: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      Buffer.isBuffer(value)
        ? value.toString()
        : typeof value === 'string' && /^\d+$/.test(value)
          ? Number(value)
          : value,
    ]),
  );
