import { beforeEach, expect, test } from '@jest/globals';
import { type CapsuleEvent, EVENT_KINDS } from '../../src/core/event.ts';
import { removeExpired } from '../../src/portal/keep-retention.ts';
import { verifyChain } from '../../src/portal/verify-chain.ts';
import { startPortal, type TestPortal } from '../helpers/portal.ts';
import { DEVICE, enrolmentOf, everyKind } from '../helpers/portal-events.ts';

let portal: TestPortal;
let now: Date;
beforeEach(async () => {
  now = new Date('2026-09-03T12:00:00.000Z');
  portal = await startPortal({ now: () => now });
});

async function ask(method: string, where: string, bearer: string, body?: object) {
  const response = await fetch(portal.address + where, {
    method,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
async function send(events: readonly CapsuleEvent[], org = 'default') {
  return ask('POST', '/v1/events', await portal.credential(DEVICE, { org, lifeMs: 86_400_000 }), { events });
}
async function store(org = 'default', events: readonly CapsuleEvent[] = everyKind()): Promise<string> {
  await ask('POST', '/v1/enroll', await portal.code({ org }), enrolmentOf());
  await send(events, org);
  return (await portal.store.organisation(org, '')).id;
}
const read = async (where: string, org = 'default') => ask('GET', where, await portal.key({ org }));
const kinds = async (org?: string) => {
  const { body } = await read('/api/events?limit=100', org);
  return (body.events as { kind: string }[]).map(({ kind }) => kind);
};
const later = (days: number) => {
  now = new Date(now.getTime() + days * 86_400_000 + 1_000);
};
const forgetting = () => removeExpired({ store: portal.store, now: () => now });

test('events are kept for ever until an administrator says for how long, and only administrators may', async () => {
  const org = await store();
  later(3_000);
  expect(await forgetting()).toBe(0);
  const [viewer, admin] = [await portal.key(), await portal.key({ role: 'admin' })];
  expect((await ask('PATCH', '/api/retention', viewer, { days: { 'tool.invoked': 30 } })).status).toBe(403);
  expect((await ask('PATCH', '/api/retention', admin, { days: { 'tool.invoked': 30 } })).body).toMatchObject({
    days: { 'tool.invoked': 30, 'prompt.submitted': null },
  });
  const { items } = await portal.store.acts(org, {}, { limit: 1 });
  expect(items[0]).toMatchObject({
    object: 'retention:tool.invoked',
    changes: [{ what: 'days', before: 'for ever', after: '30 days' }],
  });
  for (const days of [0, 1.5, 3_651, 'all']) {
    expect((await ask('PATCH', '/api/retention', admin, { days: { 'tool.invoked': days } })).status).toBe(400);
  }
  expect((await ask('PATCH', '/api/retention', admin, { days: { 'no.kind': 1 } })).status).toBe(400);
});

test('what is older goes, by its kind; the rest stays, and that something was there stays provable', async () => {
  const org = await store();
  const before = await kinds();
  await ask('PATCH', '/api/retention', await portal.key({ role: 'admin' }), { days: { 'tool.invoked': 30 } });
  later(29);
  expect(await forgetting()).toBe(0);
  later(1);
  const tools = before.filter((kind) => kind === 'tool.invoked').length;
  expect(await forgetting()).toBe(tools);
  expect(await kinds()).toEqual(before.filter((kind) => kind !== 'tool.invoked'));
  expect(await verifyChain(portal.store, org)).toMatchObject({ gone: tools, fault: null });
  const { items } = await portal.store.acts(org, {}, { limit: 100 });
  expect(items.filter(({ act }) => act === 'removed')).toEqual([
    expect.objectContaining({ actor: 'portal', object: `${tools} events that are kept no longer` }),
  ]);
});

test('a session goes with its last event, another organisation’s stays', async () => {
  await store();
  await store('other');
  const days = Object.fromEntries(EVENT_KINDS.map((kind) => [kind, 1]));
  await ask('PATCH', '/api/retention', await portal.key({ role: 'admin' }), { days });
  later(1);
  expect(await forgetting()).toBe(everyKind().length);
  expect(await kinds()).toEqual([]);
  expect((await read('/api/sessions')).body.sessions).toEqual([]);
  expect((await kinds('other')).length).toBe(everyKind().length);
});

test('what retention removed is not stored again when it is sent again, and is no news to anybody else', async () => {
  const events = everyKind();
  const org = await store('default', events);
  await store('other', []);
  await ask('PATCH', '/api/retention', await portal.key({ role: 'admin' }), { days: { 'tool.invoked': 30 } });
  later(30);
  await forgetting();
  const left = await kinds();
  expect((await send(events)).body).toEqual({ accepted: 0, duplicates: events.length, rejected: [] });
  expect(await kinds()).toEqual(left);
  expect(await verifyChain(portal.store, org)).toMatchObject({ fault: null });
  expect((await send(events, 'other')).body).toMatchObject({ accepted: events.length, duplicates: 0 });
});
