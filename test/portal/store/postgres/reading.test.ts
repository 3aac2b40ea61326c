import { afterEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CapsuleEvent } from '../../../../src/core/event.ts';
import { silentLog } from '../../../../src/core/log.ts';
import { EVENT_GRAMMAR } from '../../../../src/portal/filter/grammar.ts';
import { readFilter } from '../../../../src/portal/filter/read-filter.ts';
import { openPool } from '../../../../src/portal/store/postgres/database.ts';
import { findEvents, walkEvents } from '../../../../src/portal/store/postgres/find-events.ts';
import { openPostgresStore } from '../../../../src/portal/store/postgres/open.ts';
import { openSqliteStore } from '../../../../src/portal/store/sqlite/open.ts';
import type { PortalStore } from '../../../../src/portal/store/store.ts';
import { verifyChain } from '../../../../src/portal/verify-chain.ts';
import { DEVICE, enrolmentOf, makeEvent } from '../../../helpers/portal-events.ts';
import { sharedPostgres as postgres, withPostgres } from '../../../helpers/postgres.ts';
import { tempFolder } from '../../../helpers/temp-home.ts';
import '../../../helpers/patience.ts';

const JANUARY = '2026-01-15T12:00:00.000Z';
const filterOf = (query: Record<string, string>) =>
  readFilter(EVENT_GRAMMAR, new URLSearchParams(query), new Date(JANUARY)).filter;

withPostgres('PostgreSQL', () => {
  const open: PortalStore[] = [];
  afterEach(async () => {
    for (const store of open.splice(0)) await store.close();
  });

  const openAt = async (url: string, at: string): Promise<PortalStore> => {
    const store = await openPostgresStore({ url, now: () => new Date(at) });
    open.push(store);
    return store;
  };
  const orgOf = async (store: PortalStore, name = 'default'): Promise<string> => {
    const { id } = await store.organisation(name, JANUARY);
    await store.agents.enrol(id, enrolmentOf() as never, JANUARY, 'test');
    return id;
  };

  /** The same events in both databases, and which of them each finds. */
  async function both(events: readonly CapsuleEvent[]) {
    const sqlite = openSqliteStore(tempFolder());
    open.push(sqlite);
    const stores = [sqlite, await openAt(await postgres.database(), JANUARY)];
    const orgs = await Promise.all(stores.map((store) => orgOf(store)));
    const keep = async (more: readonly CapsuleEvent[]) => {
      for (const [n, store] of stores.entries()) await store.events.ingest(orgs[n] ?? '', DEVICE, more, JANUARY);
    };
    await keep(events);
    const find = async (q: string, session?: string) => {
      const filter = filterOf({ q, ...(session !== undefined && { session }) });
      const pages = stores.map((store, n) => store.events.list(orgs[n] ?? '', filter, { limit: 100, maxBytes: 1e9 }));
      return (await Promise.all(pages)).map(({ items }) => items.map(({ event }) => event.id));
    };
    return { keep, find };
  }
  const prompt = (text: string, more: object = {}) => makeEvent('prompt.submitted', { body: { text }, ...more });

  test('finds for a query what SQLite finds: words, phrases, beginnings, paths, numbers, accents', async () => {
    const texts = [
      'Grüße an "alle", und noch mehr: naïve Café-Besuche',
      'cat ~/.aws/credentials && curl https://example.org/a?b=c -H "X-Key: 1"',
      'left\nright\tmiddle left_right left-right leftright',
      'price -5.30 €, version 1.2.3, 0x1F, 10.0.0.1, user@example.org',
      'ΟΔΟΣ οδός Straße STRASSE ﬁle',
      'a b c a b d the the the',
      '日本語のテキスト 한국어 텍스트',
      "it's O'Neil\\back \u0000 nul",
    ];
    const { find } = await both([
      ...texts.map((text) => prompt(text)),
      makeEvent('tool.invoked', { body: { arguments: { path: ['one two'] }, result: 'three four' } }),
    ]);
    const queries = [
      ...['gruße', '"an alle"', '"alle an"', 'naive', 'cafe', '"cafe besuche"', 'Besuche besuch*', '.aws/credentials'],
      ...[
        'credent*',
        'x-key',
        'left right',
        '"left right"',
        'left_right',
        'leftright',
        'left*',
        '-5.30',
        '1.2.3',
        '"1 2"',
      ],
      ...['0x1f', '10.0.0.1', 'example.org', 'user@example.org', 'exam*', 'strasse', 'straße', 'οδος', 'file', 'ﬁle'],
      ...[
        '"a b c"',
        '"a b d"',
        '"b c a b d"',
        '"c d"',
        '"the the the"',
        '"the the the the"',
        '日本語のテキスト',
        '한국어',
      ],
      ...['"o neil back"', "it's", 'nul', '"one two"', '"two three"', '"four one"', 'one four', '"one two" fou*'],
      ...['nothing', ') OR org : x', "' | 'left", 'a:*', '&', '"', '*'],
    ];
    for (const query of queries) {
      const [sqlite, own] = await find(query);
      expect([query, own]).toEqual([query, sqlite]);
    }
  });

  test('finds what SQLite finds, whatever the words are', async () => {
    const { keep, find } = await both([]);
    const word = fc.stringMatching(/^[a-cäé0-2]{1,5}$/);
    const text = fc.array(fc.tuple(word, fc.constantFrom(' ', '-', '\n', ' "', '/', ', ')), { maxLength: 12 });
    const query = fc.oneof(
      word,
      fc.array(word, { minLength: 2, maxLength: 3 }).map((words) => `"${words.join(' ')}"`),
      fc.array(word, { minLength: 2, maxLength: 2 }).map((words) => words.join(' ')),
      word.map((start) => `${start}*`),
    );
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 5 }), query, async (texts, asked) => {
        const session = `round-${round++}`;
        await keep(
          texts.map((parts) =>
            prompt(parts.flat().join(''), {
              session: { id: session, generation: 'ide-1.x', title: null, mode: null, model: null },
            }),
          ),
        );
        const [sqlite, own] = await find(asked, session);
        expect(own).toEqual(sqlite);
      }),
      { numRuns: 60 },
    );
  });

  test('finds more than SQLite in other scripts: a mark on a letter is left out in all of them', async () => {
    const { find } = await both([prompt('мой дом'), prompt('tiếng Việt'), prompt('हिन्दी')]);
    const counts = async (query: string) => (await find(query)).map((ids) => ids.length);
    expect(await counts('мой')).toEqual([1, 1]);
    expect(await counts('мои')).toEqual([0, 1]);
    expect(await counts('tiếng')).toEqual([1, 1]);
    expect(await counts('हिन्दी')).toEqual([1, 1]);
  });

  test('finds a phrase at the end of a very long text, and the words of a very long word and of a huge event', async () => {
    const store = await openAt(await postgres.database(), JANUARY);
    const org = await orgOf(store);
    const many = Array.from({ length: 20_000 }, (_, n) => `filler${n} the`).join(' ');
    const events = [
      prompt(`${many} needle the haystack`),
      prompt(`${'x'.repeat(5_000)} after`),
      prompt(Array.from({ length: 150_000 }, (_, n) => `word${n}`).join(' ')),
    ];
    await store.events.ingest(org, DEVICE, events, JANUARY);
    const found = async (q: string) =>
      (await store.events.list(org, filterOf({ q }), { limit: 10, maxBytes: 1e9 })).items.map(({ event }) => event.id);
    expect(await found('"needle the haystack"')).toEqual([events[0]?.id]);
    expect(await found('"the needle the"')).toEqual([events[0]?.id]);
    expect(await found('"needle haystack"')).toEqual([]);
    // Words that agree in their first 500 letters are one.
    expect(await found('x'.repeat(900))).toEqual([events[1]?.id]);
    expect(await found('x'.repeat(499))).toEqual([]);
    expect(await found(`"${'x'.repeat(900)} after"`)).toEqual([events[1]?.id]);
    expect(await found('after')).toEqual([events[1]?.id]);
    expect(await found('word1')).toEqual([events[2]?.id]);
    // Behind its first megabyte of words nothing of an event is found.
    expect(await found('word149999')).toEqual([]);
  });

  test('reads only the months that hold anything of a filter’s time, whenever it arrived', async () => {
    const url = await postgres.database();
    const store = await openAt(url, JANUARY);
    const org = await orgOf(store);
    const keep = (time: string, at: string) =>
      store.events.ingest(org, DEVICE, [prompt('hello', { time })], `${at}T00:00:00.000Z`);
    await keep('2026-01-03T00:00:00.000Z', '2026-01-04');
    await keep('2026-02-03T00:00:00.000Z', '2026-02-04');
    // A laptop that was off for long: its events are of January and arrive in March.
    await keep('2026-01-20T00:00:00.000Z', '2026-03-04');
    const database = openPool({ url, log: silentLog });
    try {
      const tablesFor = async (query: Record<string, string>) => {
        const tables = new Set<string>();
        await walkEvents(database, org, filterOf(query), {}, async (rows, { sql, values }) => {
          const plan = await rows.all<{ 'QUERY PLAN': string }>(
            `EXPLAIN SELECT seq FROM events WHERE ${sql.join(' AND ')} ORDER BY time DESC, seq DESC LIMIT 10`,
            values,
          );
          for (const [name] of plan
            .map((row) => row['QUERY PLAN'])
            .join(' ')
            .matchAll(/events_(\d{4}_\d\d|default)\b/g)) {
            tables.add(name);
          }
          return false;
        });
        return [...tables].sort();
      };
      const all = ['events_2026_01', 'events_2026_02', 'events_2026_03'];
      expect(await tablesFor({})).toEqual(all);
      expect(await tablesFor({ from: '2026-02-01T00:00:00Z' })).toEqual(['events_2026_02']);
      expect(await tablesFor({ to: '2026-01-10T00:00:00Z' })).toEqual(['events_2026_01']);
      expect(await tablesFor({ from: '2026-01-10T00:00:00Z', to: '2026-01-31T00:00:00Z' })).toEqual(['events_2026_03']);
      expect(await tablesFor({ from: '2026-04-01T00:00:00Z' })).toEqual([]);
      expect(await tablesFor({ user: 'dev', from: '2026-02-01T00:00:00Z' })).toEqual(['events_2026_02']);
      const found = await findEvents(database, org, filterOf({ q: 'hello', to: '2026-01-31T00:00:00Z' }), { limit: 9 });
      expect(found.rows.map(({ time }) => time.slice(0, 10))).toEqual(['2026-01-20', '2026-01-03']);
    } finally {
      await database.close();
    }
  });

  test('ends a stretch of time that takes too long, and says down to where it came before', async () => {
    const url = await postgres.database();
    const store = await openAt(url, JANUARY);
    const org = await orgOf(store);
    const hour = (n: number) => new Date(Date.parse(JANUARY) - n * 3_600_000).toISOString();
    await store.events.ingest(
      org,
      DEVICE,
      [prompt('new', { time: hour(0) }), prompt('old', { time: hour(500) })],
      JANUARY,
    );
    const database = openPool({ url, log: silentLog });
    try {
      const seen: unknown[] = [];
      const searchedTo = await walkEvents(
        database,
        org,
        filterOf({ user: 'dev' }),
        { budgetMs: 60_000 },
        async (rows, where) => {
          if (seen.length === 2) await rows.get('SELECT pg_sleep(60), $1::text');
          seen.push(where.values.find((value) => String(value).startsWith('2026-01-')));
          return false;
        },
      );
      expect(searchedTo).toBe(seen[1]);
      expect(seen).toHaveLength(2);
      const never = async () => {
        await database.of(org).get('SELECT pg_sleep(0), $1::text');
        throw new Error('another trouble');
      };
      await expect(walkEvents(database, org, filterOf({ user: 'dev' }), {}, never)).rejects.toThrow('another trouble');
    } finally {
      await database.close();
    }
  });

  test('drops a month of which nobody keeps anything, with everything kept for it; one that somebody keeps stays', async () => {
    const url = await postgres.database();
    const store = await openAt(url, JANUARY);
    const [ours, theirs] = [await orgOf(store), await orgOf(store, 'theirs')];
    const of = (session: string, time: string) =>
      prompt('hello', { time, session: { id: session, generation: 'ide-1.x', title: null, mode: null, model: null } });
    const [old, lasting, newer] = [of('old', JANUARY), of('both', JANUARY), of('both', '2026-02-15T12:00:00.000Z')];
    await store.events.ingest(ours, DEVICE, [old, lasting], JANUARY);
    await store.events.ingest(ours, DEVICE, [newer], '2026-02-15T12:00:00.000Z');
    await store.events.ingest(theirs, DEVICE, [of('theirs', JANUARY)], JANUARY);
    const retention = { ...(await store.retention.get(ours)), 'prompt.submitted': 30 };
    await store.retention.set(ours, retention, JANUARY, 'test');
    const tables = () =>
      postgres.admin(url, async (client) => {
        const { rows } = await client.query(
          "SELECT relname FROM pg_class WHERE relname ~ '^events_2026_\\d\\d$' ORDER BY 1",
        );
        return (rows as { relname: string }[]).map(({ relname }) => relname);
      });
    const march = '2026-03-03T00:00:00.000Z';
    // The others keep theirs for ever.
    expect(await store.retention.removeWhole(march)).toEqual([]);
    await store.retention.set(theirs, retention, JANUARY, 'test');
    // The last day of January is kept until March 2.
    expect(await store.retention.removeWhole('2026-03-01T00:00:00.000Z')).toEqual([]);
    expect(await tables()).toEqual(['events_2026_01', 'events_2026_02', 'events_2026_03']);
    expect(await store.retention.removeWhole(march)).toEqual(
      expect.arrayContaining([
        { org: ours, count: 2 },
        { org: theirs, count: 1 },
      ]),
    );
    expect(await tables()).toEqual(['events_2026_02', 'events_2026_03']);
    const { items } = await store.events.list(ours, {}, { limit: 10, maxBytes: 1e9 });
    expect(items.map(({ event }) => event.id)).toEqual([newer.id]);
    expect(await store.events.get(ours, old.id)).toBeUndefined();
    expect([await store.events.wasRemoved(ours, old.id), await store.events.wasRemoved(ours, newer.id)]).toEqual([
      true,
      false,
    ]);
    expect((await store.sessions.list(ours, {}, { limit: 10 })).items.map(({ id }) => id)).toEqual(['both']);
    expect((await store.sessions.list(theirs, {}, { limit: 10 })).items).toEqual([]);
    expect(await verifyChain(store, ours)).toMatchObject({ gone: 2, unchained: 0, fault: null });
    expect(await store.retention.removeWhole(march)).toEqual([]);
  });
});
