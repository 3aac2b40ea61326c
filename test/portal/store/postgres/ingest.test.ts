import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CapsuleEvent } from '../../../../src/core/event.ts';
import { openPostgresStore } from '../../../../src/portal/store/postgres/open.ts';
import { openSqliteStore } from '../../../../src/portal/store/sqlite/open.ts';
import type { PortalStore } from '../../../../src/portal/store/store.ts';
import { verifyChain } from '../../../../src/portal/verify-chain.ts';
import { anEvent } from '../../../helpers/events.ts';
import { enrolmentOf, everyKind } from '../../../helpers/portal-events.ts';
import { sharedPostgres as postgres, withPostgres } from '../../../helpers/postgres.ts';
import { tempFolder } from '../../../helpers/temp-home.ts';

const AT = '2026-09-03T13:00:00.000Z';
const DEVICE = 'device-1';

withPostgres('events in PostgreSQL', () => {
  const open = async (url: string, now = AT) => openPostgresStore({ url, now: () => new Date(now), connections: 4 });
  const begin = async (store: PortalStore) => {
    const { id } = await store.organisation('default', AT);
    await store.agents.enrol(id, enrolmentOf(DEVICE) as Parameters<typeof store.agents.enrol>[1], AT, 'test');
    return id;
  };

  test('are told once, whatever month they arrive in again and whatever time they then say', async () => {
    const store = await open(await postgres.database());
    const org = await begin(store);
    const event = anEvent(1);
    expect(await store.events.ingest(org, DEVICE, [event, event], AT)).toMatchObject({ accepted: 1, duplicates: 1 });
    const later = { ...event, time: '2026-11-01T00:00:00.000Z' } as CapsuleEvent;
    const again = await store.events.ingest(org, DEVICE, [later], '2026-11-05T00:00:00.000Z');
    expect(again).toMatchObject({ accepted: 0, duplicates: 1 });
    expect((await store.events.list(org, {}, { limit: 10, maxBytes: 1e6 })).items).toMatchObject([{ event }]);
    await store.close();
  });

  test('arrive from many at once, each once, in a chain without a gap', async () => {
    const url = await postgres.database();
    const stores = await Promise.all([open(url), open(url)]);
    const org = await begin(stores[0]);
    const batches = Array.from({ length: 12 }, (_, n) => [anEvent(n), anEvent(n + 1), anEvent(n + 2)]);
    const counted = await Promise.all(
      batches.map((events, n) => (stores[n % 2] ?? stores[0]).events.ingest(org, DEVICE, events, AT)),
    );
    expect(counted.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(14);
    expect(await verifyChain(stores[0], org)).toMatchObject({ fault: null, unchained: 0, links: 14 + 1 });
    for (const store of stores) await store.close();
  });

  test('of a month that has no table yet lie in the default one, and move when it gets one', async () => {
    const url = await postgres.database();
    const store = await open(url);
    const org = await begin(store);
    const late = '2027-06-10T00:00:00.000Z';
    await store.events.ingest(org, DEVICE, [anEvent(1)], late);
    await store.close();
    const inTable = (table: string) =>
      postgres.admin(url, async (client) => (await client.query(`SELECT 1 FROM ${table}`)).rowCount);
    expect(await inTable('events_default')).toBe(1);
    const then = await open(url, late);
    expect([await inTable('events_default'), await inTable('events_2027_06')]).toEqual([0, 1]);
    expect((await then.events.get(org, anEvent(1).id))?.receivedAt).toBe(late);
    await then.close();
  });

  test('may hold what no text of PostgreSQL can, and names that no index can', async () => {
    const store = await open(await postgres.database());
    const org = await begin(store);
    const session = { ...anEvent(1).session, title: 'a\0b\uD800', model: 'ü'.repeat(1_000) };
    const device = { ...anEvent(1).device, user: '\u{1F600}'.repeat(500) };
    const odd = [
      anEvent(1, { session, device }),
      ...everyKind().map((event) => ({ ...event, session, device })),
    ] as CapsuleEvent[];
    expect((await store.events.ingest(org, DEVICE, odd, AT)).accepted).toBe(odd.length);
    expect(await verifyChain(store, org)).toMatchObject({ fault: null });
    await store.close();
  });

  test('leave the same turns and sessions behind as in SQLite, in whatever order and portions they come', async () => {
    const store = await open(await postgres.database());
    let round = 0;
    const order = fc.shuffledSubarray(everyKind(), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(order, { minLength: 1, maxLength: 3 }), async (portions) => {
        const name = `org ${++round}`;
        const sqlite = openSqliteStore(tempFolder());
        const seen = [];
        for (const each of [store, sqlite]) {
          const { id } = await each.organisation(name, AT);
          for (const events of portions) await each.events.ingest(id, DEVICE, events, AT);
          const session = portions[0]?.[0]?.session.id ?? '';
          seen.push({
            session: await each.sessions.get(id, session),
            turns: await each.sessions.turns(id, session, { first: 0, limit: 50, maxEvents: 100, maxBytes: 1e9 }),
            hours: (await each.observations.hours(id, {}, 'hour')).sort((a, b) => (a.kind < b.kind ? -1 : 1)),
            values: await each.observations.values(id, 'tool', '', 10),
          });
        }
        expect(seen[0]).toEqual(seen[1]);
        await sqlite.close();
      }),
      { numRuns: 15 },
    );
    await store.close();
  }, 60_000);
});
