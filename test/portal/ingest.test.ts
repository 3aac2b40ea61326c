import { gzipSync, zstdCompressSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { startPortal, type TestPortal } from '../helpers/portal.ts';
import { DEVICE, enrolmentOf, everyKind, makeEvent } from '../helpers/portal-events.ts';

let portal: TestPortal;
let credential: string;

beforeEach(async () => {
  portal = await startPortal();
  credential = await portal.credential(DEVICE);
});

async function post(body: string | Buffer, headers: Record<string, string> = {}) {
  const response = await fetch(`${portal.address}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
const send = (events: unknown[]) => post(JSON.stringify({ events }));
const stored = async () => ((await portal.read('/api/events?limit=1000')).body.events as { id: string }[]).length;

describe('a probe', () => {
  const probe = () => ({ ...makeEvent('capture.gap'), id: 'f'.repeat(32), kind: 'probe', body: {} });

  test('is acknowledged like an event and noted with its device, and is nowhere among the events', async () => {
    const code = await portal.code();
    await fetch(`${portal.address}/v1/enroll`, {
      method: 'POST',
      headers: { authorization: `Bearer ${code}`, 'content-type': 'application/json' },
      body: JSON.stringify(enrolmentOf(DEVICE)),
    });
    expect(await send([probe()])).toEqual({ status: 200, body: { accepted: 1, duplicates: 0, rejected: [] } });
    expect((await portal.read(`/api/agents/${DEVICE}`)).body.agent).toMatchObject({
      lastProbe: { id: 'f'.repeat(32) },
      lastEventAt: null,
      events: 0,
    });
    expect(await stored()).toBe(0);
    expect((await portal.read('/api/sessions')).body.sessions).toEqual([]);
  });

  test('may come along with events, and takes none of them with it when it is of another device', async () => {
    const foreign = { ...probe(), device: { id: 'device-2', os: 'linux', user: 'dev' } };
    expect((await send([makeEvent('prompt.submitted'), probe()])).body).toMatchObject({ accepted: 2, rejected: [] });
    expect((await send([makeEvent('prompt.submitted'), foreign])).body).toMatchObject({
      accepted: 1,
      rejected: [{ id: 'f'.repeat(32), code: 'device-foreign' }],
    });
  });

  test('with a body, or without an envelope, is refused', async () => {
    expect((await send([{ ...probe(), time: 'now' }])).status).toBe(422);
  });
});

describe('good events', () => {
  test('are stored once however often they are sent, and counted as duplicates after that', async () => {
    const events = everyKind();
    expect(await send(events)).toEqual({ status: 200, body: { accepted: 7, duplicates: 0, rejected: [] } });
    expect(await send(events)).toEqual({ status: 200, body: { accepted: 0, duplicates: 7, rejected: [] } });
    expect(await stored()).toBe(7);
  });

  test('sent twice in one request are one event', async () => {
    const event = makeEvent('prompt.submitted');
    expect((await send([event, event])).body).toEqual({ accepted: 1, duplicates: 1, rejected: [] });
  });

  test.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)('may be packed with %s', async (encoding, pack) => {
    const body = pack(Buffer.from(JSON.stringify({ events: everyKind() })));
    expect(await post(body, { 'content-encoding': encoding })).toMatchObject({ status: 200, body: { accepted: 7 } });
  });

  test('keep the fields that this portal does not know', async () => {
    const event = { ...makeEvent('prompt.submitted'), later: { field: 1 } };
    await send([event]);
    expect((await portal.read(`/api/events/${event.id}`)).body.event).toEqual(event);
  });

  test('keep a tool argument that is called __proto__, as data', async () => {
    const args: unknown = JSON.parse('{"__proto__": {"polluted": true}}');
    const event = makeEvent('tool.invoked', { body: { arguments: args as never } });
    expect((await send([event])).status).toBe(200);
    const whole = (await portal.read(`/api/events/${event.id}`)).body;
    expect(JSON.stringify(whole)).toContain('"arguments":{"__proto__":{"polluted":true}}');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test('are stored although others beside them are refused, each with its reason', async () => {
    const answer = await send([
      makeEvent('prompt.submitted'),
      { ...makeEvent('prompt.submitted'), id: 'e-kind', kind: 'dream.dreamt' },
      { ...makeEvent('prompt.submitted'), id: 'e-version', schemaVersion: 2 },
      { ...makeEvent('prompt.submitted'), id: 'e-time', time: 'yesterday' },
      { ...makeEvent('prompt.submitted'), id: 'e-device', device: { id: 'another', os: 'linux', user: 'dev' } },
      'nonsense',
    ]);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        accepted: 1,
        rejected: [
          { id: 'e-kind', code: 'kind-unknown' },
          { id: 'e-version', code: 'schema-version-unknown' },
          { id: 'e-time', code: 'event-invalid', message: expect.stringContaining('time:') },
          { id: 'e-device', code: 'device-foreign' },
          { id: null, code: 'event-invalid' },
        ],
      },
    });
    expect(await stored()).toBe(1);
  });
});

describe('hostile requests are refused and store nothing', () => {
  const good = () => makeEvent('prompt.submitted');
  const cases: [string, number, () => { body: string | Buffer; headers?: Record<string, string> }][] = [
    ['text that is not JSON', 400, () => ({ body: '{"events": [' })],
    ['another shape', 400, () => ({ body: '[]' })],
    ['events that are no list', 400, () => ({ body: '{"events": {"0": 1}}' })],
    [
      'wrong types in every event',
      422,
      () => ({ body: JSON.stringify({ events: [{ ...good(), id: 7 }, 1, null, []] }) }),
    ],
    ['a text where a body belongs', 422, () => ({ body: JSON.stringify({ events: [{ ...good(), body: 'text' }] }) })],
    ['10,000 events', 413, () => ({ body: JSON.stringify({ events: Array.from({ length: 10_000 }, () => 1) }) })],
    ['JSON of 100,000 levels', 400, () => ({ body: `{"events": ${'['.repeat(100_000)}${']'.repeat(100_000)}}` })],
    [
      'an event with a field called __proto__',
      400,
      () => ({ body: JSON.stringify({ events: [good()] }).replace('"kind"', '"__proto__":{"admin":true},"kind"') }),
    ],
    ['a request with a field called __proto__', 400, () => ({ body: '{"__proto__": {"a": 1}, "events": []}' })],
    ['bytes that are not UTF-8', 400, () => ({ body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]) })],
    ['9 MiB of text', 413, () => ({ body: JSON.stringify({ events: ['x'.repeat(9 * 1024 * 1024)] }) })],
    [
      '64 MiB packed into 64 KiB',
      413,
      () => ({ body: gzipSync(Buffer.alloc(64 * 1024 * 1024)), headers: { 'content-encoding': 'gzip' } }),
    ],
    [
      'gzip that breaks off',
      400,
      () => ({
        body: gzipSync(Buffer.from(JSON.stringify({ events: everyKind() }))).subarray(0, -12),
        headers: { 'content-encoding': 'gzip' },
      }),
    ],
    ['gzip that is none', 400, () => ({ body: 'plain', headers: { 'content-encoding': 'gzip' } })],
    ['packing nobody asked for', 415, () => ({ body: '{}', headers: { 'content-encoding': 'br' } })],
    ['a form', 415, () => ({ body: 'events=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } })],
  ];
  test.each(cases)('%s: %d', async (_what, status, make) => {
    const { body, headers } = make();
    const answer = await post(body, headers);
    expect(answer).toMatchObject({
      status,
      body: { error: { code: expect.any(String), message: expect.any(String) } },
    });
    expect(await stored()).toBe(0);
  });
});

describe('who may send', () => {
  const refused = (code: string) => ({ status: 401, body: { error: { code } } });

  test('nobody without a credential, nor with an org token, a code or an API key', async () => {
    for (const wrong of ['nonsense', await portal.orgToken(), await portal.code(), await portal.key()]) {
      credential = wrong;
      expect(await send(everyKind())).toMatchObject(refused('token-invalid'));
    }
  });

  test('not with a credential that another portal signed', async () => {
    const other = await startPortal();
    credential = await other.credential(DEVICE);
    expect(await send(everyKind())).toMatchObject(refused('token-invalid'));
  });

  test('not with a credential that ended or was revoked, and the answer says which', async () => {
    credential = await portal.credential(DEVICE, { lifeMs: -120_000 });
    expect(await send(everyKind())).toMatchObject(refused('token-expired'));

    credential = await portal.credential(DEVICE);
    const org = await portal.store.organisation('default', '');
    const { items: issued } = await portal.store.credentials.list(org.id, ['device'], { limit: 10 });
    for (const { id } of issued) await portal.store.credentials.revoke(org.id, id, new Date().toISOString(), 'test');
    expect(await send(everyKind())).toMatchObject(refused('token-revoked'));
    expect(await stored()).toBe(0);
  });
});

test('a device that enrolled with a code sends, shows up as an agent, and renews its credential', async () => {
  const code = await portal.code();
  const enrol = (bearer: string, deviceId = DEVICE) =>
    fetch(`${portal.address}/v1/enroll`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: JSON.stringify(enrolmentOf(deviceId)),
    });
  const answer = (await (await enrol(code)).json()) as { credential: string; org: string; expiresAt: string };
  expect(answer).toMatchObject({ org: 'default', deviceId: DEVICE, portal: { name: 'Capsule' } });

  credential = answer.credential;
  expect((await send(everyKind())).status).toBe(200);
  const [agent] = (await portal.read('/api/agents')).body.agents as Record<string, unknown>[];
  expect(agent).toMatchObject({
    id: DEVICE,
    name: 'mbp-14',
    state: 'reporting',
    events: 7,
    inventory: { mcpServers: 1 },
  });

  const renewed = await fetch(`${portal.address}/v1/renew`, {
    method: 'POST',
    headers: { authorization: `Bearer ${credential}` },
  });
  credential = ((await renewed.json()) as { credential: string }).credential;
  expect((await send(everyKind())).status).toBe(200);
});
