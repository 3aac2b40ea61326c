import { gzipSync, zstdCompressSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runs } from '../helpers/fuzz.ts';
import { startPortal, type TestPortal } from '../helpers/portal.ts';
import { DEVICE, enrolmentOf, everyKind, makeEvent } from '../helpers/portal-events.ts';

const MIB = 1024 * 1024;
let portal: TestPortal;
let credential: string;
beforeEach(async () => {
  portal = await startPortal();
  credential = await enrolled('default');
});

async function enrolled(org: string): Promise<string> {
  const id = (await portal.store.organisation(org, new Date().toISOString())).id;
  await portal.store.agents.enrol(id, enrolmentOf() as never, new Date().toISOString(), 'test');
  return portal.credential(DEVICE, { org });
}
async function post(body: string | Buffer, headers: Record<string, string> = {}, bearer = credential) {
  const response = await fetch(`${portal.address}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
const stored = async (org = 'default') => (await portal.read('/api/counts', { org })).body.count;

describe('a body that unpacks to far more than it is', () => {
  const letters = Buffer.alloc(256 * MIB, 'x');
  const bombs = [
    ['gzip', gzipSync(letters, { level: 1 })],
    ['zstd', zstdCompressSync(letters)],
  ] as const;

  test.each(bombs)(
    'is refused by its size (%s), and memory stays as it was',
    async (encoding, body) => {
      await post(body, { 'content-encoding': encoding });
      const before = process.memoryUsage.rss();
      let most = 0;
      for (let round = 0; round < 8; round++) {
        const answer = await post(body, { 'content-encoding': encoding });
        expect(answer).toMatchObject({ status: 413, body: { error: { code: 'body-too-large' } } });
        most = Math.max(most, process.memoryUsage.rss());
      }
      // Unpacked they are 2 GiB; the bound of one body is 8 MiB.
      expect((most - before) / MIB).toBeLessThan(150);
      expect(await stored()).toBe(0);
    },
    30_000,
  );
});

describe('a body at the bound of 8 MiB', () => {
  /** One event in exactly so many bytes. */
  const ofBytes = (bytes: number): string => {
    const empty = JSON.stringify({ events: [makeEvent('prompt.submitted', { id: 'large', body: { text: '' } })] });
    const text = 'x'.repeat(bytes - empty.length);
    return JSON.stringify({ events: [makeEvent('prompt.submitted', { id: 'large', body: { text } })] });
  };

  test('is taken with its last byte and refused with one more, packed or not', async () => {
    const [fits, not] = [ofBytes(8 * MIB), ofBytes(8 * MIB + 1)];
    expect([fits.length, not.length]).toEqual([8 * MIB, 8 * MIB + 1]);
    for (const [pack, headers] of [
      [(text: string) => Buffer.from(text), {}],
      [gzipSync, { 'content-encoding': 'gzip' }],
      [zstdCompressSync, { 'content-encoding': 'zstd' }],
    ] as const) {
      expect((await post(pack(not), headers)).status).toBe(413);
    }
    expect(await stored()).toBe(0);
    expect(await post(fits)).toMatchObject({ status: 200, body: { accepted: 1 } });
  }, 30_000);
});

test('ten thousand good events in one request are refused as too many, and none is stored', async () => {
  const events = Array.from({ length: 10_000 }, (_, n) => makeEvent('turn.ended', { id: `e-${n}` }));
  const body = JSON.stringify({ events });
  expect(body.length).toBeLessThan(8 * MIB);
  expect(await post(body)).toMatchObject({ status: 413, body: { error: { code: 'too-many-events' } } });
  expect(await stored()).toBe(0);
});

test('the ids of another organisation’s device, session and events are one’s own names here and touch nothing there', async () => {
  const theirs = await enrolled('theirs');
  const events = everyKind();
  expect((await post(JSON.stringify({ events }), {}, theirs)).body).toMatchObject({ accepted: events.length });
  const before = await portal.read(`/api/sessions/session-1/turns`, { org: 'theirs' });
  const ours = events.map((event) => ({ ...event, session: { ...event.session, title: 'taken over' } }));
  expect((await post(JSON.stringify({ events: ours }))).body).toMatchObject({ accepted: events.length, duplicates: 0 });
  expect(await portal.read(`/api/sessions/session-1/turns`, { org: 'theirs' })).toEqual(before);
  expect(JSON.stringify(await portal.read('/api/sessions', { org: 'theirs' }))).not.toContain('taken over');
});

test('a request that is sent again, changed under the same ids, changes nothing', async () => {
  const events = everyKind();
  await post(JSON.stringify({ events }));
  const first = await portal.read('/api/events?content=full&limit=100');
  const changed = events.map((event) => ({ ...event, time: '2026-09-04T00:00:00.000Z', body: event.body }));
  for (let round = 0; round < 3; round++) {
    expect((await post(JSON.stringify({ events: changed }))).body).toMatchObject({
      accepted: 0,
      duplicates: events.length,
    });
  }
  expect(await portal.read('/api/events?content=full&limit=100')).toEqual(first);
});

test('whatever stands in whatever place of an event, the answer is clear and the portal goes on', async () => {
  const event = makeEvent('tool.invoked');
  const places = Object.keys(event).flatMap((key) => {
    const part = (event as unknown as Record<string, unknown>)[key];
    const inside = typeof part === 'object' && part !== null && !Array.isArray(part) ? Object.keys(part) : [];
    return [[key], ...inside.map((name) => [key, name])];
  });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 3 }), async ([key = '', name], value) => {
      const part = (event as unknown as Record<string, object>)[key];
      const spoiled = { ...event, [key]: name === undefined ? value : { ...part, [name]: value } };
      const before = Number(await stored());
      const answer = await post(JSON.stringify({ events: [spoiled] }));
      expect([200, 400, 422]).toContain(answer.status);
      const accepted = answer.status === 200 ? Number(answer.body.accepted) : 0;
      expect(Number(await stored()) - before).toBe(accepted);
      if (answer.status !== 200) expect(answer.body.error).toMatchObject({ code: expect.any(String) });
    }),
    runs(50),
  );
}, 30_000);
