import { expect, test } from '@jest/globals';
import type { Act } from '../../src/portal/administration-answers.ts';
import { listen } from '../../src/portal/listen.ts';
import { createPortal } from '../../src/portal/portal.ts';
import { startPortal } from '../helpers/portal.ts';
import { caller } from '../helpers/portal-caller.ts';
import { DEVICE, enrolmentOf, makeEvent } from '../helpers/portal-events.ts';

test('every answer has an id of its own, and an error names it in its body', async () => {
  const portal = await startPortal();
  const [good, bad, unknown] = await Promise.all(
    ['/api/health', '/api/events', '/nonsense/../api/x'].map((path) => fetch(portal.address + path)),
  );
  const ids = [good, bad, unknown].map((answer) => answer?.headers.get('x-request-id'));
  expect(new Set(ids).size).toBe(3);
  expect(await good?.json()).not.toHaveProperty('requestId');
  expect(await bad?.json()).toMatchObject({ error: { code: 'sign-in-needed' }, requestId: ids[1] });
  expect(await unknown?.json()).toMatchObject({ error: { code: 'not-found' }, requestId: ids[2] });
});

test('the id of a proxy is taken where a proxy is trusted, and only one that can do no harm', async () => {
  const { store } = await startPortal();
  const idFor = async (trustProxy: boolean, given: string) => {
    const portal = await createPortal({ store, page: new Map(), version: '0', trustProxy });
    const listening = await listen(portal, '127.0.0.1', 0);
    const { headers } = await fetch(`${listening.address}/api/health`, { headers: { 'x-request-id': given } });
    await listening.stop();
    return headers.get('x-request-id');
  };
  expect(await idFor(true, 'proxy-7')).toBe('proxy-7');
  expect(await idFor(false, 'proxy-7')).not.toBe('proxy-7');
  expect(await idFor(true, 'a"b')).not.toBe('a"b');
});

test('a refusal and a failure are in the log with the id of the request, and with nothing of its content', async () => {
  const given = await startPortal();
  const { store } = given;
  const lines: [string, Record<string, unknown>][] = [];
  const note = (message: string, fields = {}) => void lines.push([message, fields]);
  const log = { info: note, warn: note, error: note };
  const portal = await createPortal({ store, page: new Map(), version: '0', log });
  const listening = await listen(portal, '127.0.0.1', 0);
  const answer = await fetch(`${listening.address}/api/events/secret-id?q=secret-word`);
  const key = await given.key({ role: 'analyst' });
  const byValue = await fetch(`${listening.address}/api/policies`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'secret', severity: 'low', expression: 'secret(' }),
  });
  expect(byValue.status).toBe(422);
  await listening.stop();
  expect(lines).toContainEqual([
    'a request was refused',
    {
      requestId: byValue.headers.get('x-request-id'),
      ...{ route: 'POST /api/policies', status: 422, code: expect.any(String) },
    },
  ]);
  expect(lines).toContainEqual([
    'a request was refused',
    expect.objectContaining({
      requestId: answer.headers.get('x-request-id'),
      ...{ route: 'GET /api/events/:id', status: 401, code: 'sign-in-needed' },
    }),
  ]);
  expect(JSON.stringify(lines)).not.toContain('secret');
});

test('an administrative act says where it came from, by which kind of program, and what it changed', async () => {
  const portal = await startPortal();
  const call = caller(portal);
  await call('PATCH', '/api/retention', { body: { days: { 'tool.invoked': 30 } } });
  await call('PATCH', '/api/retention', { body: { days: { 'tool.invoked': 7 } } });
  const acts = (await call('GET', '/api/audit')).body.acts as Act[];
  expect(acts.find(({ act }) => act === 'changed')).toMatchObject({
    ...{ object: 'retention:tool.invoked', from: expect.stringMatching(/127\.0\.0\.1$/), client: 'Node' },
    changes: [{ what: 'days', before: '30 days', after: '7 days' }],
  });
  expect(acts.find(({ act }) => act === 'issued')).toMatchObject({ from: null, client: null, changes: null });
  const csv = await fetch(`${portal.address}/api/exports/acts?format=csv&act=changed`, {
    headers: { authorization: `Bearer ${await portal.key({ role: 'admin' })}` },
  });
  expect(await csv.text()).toContain('days: 30 days → 7 days');
});

test('a change of a policy, a member and a detection says what was before', async () => {
  const portal = await startPortal();
  const call = caller(portal);
  const made = (await call('POST', '/api/policies', { body: { name: 'One', severity: 'low', expression: 'true' } }))
    .body;
  const id = String(made.policy?.id);
  const changed = await call('PATCH', `/api/policies/${id}`, { version: 1, body: { severity: 'high', name: 'Two' } });
  expect(changed).toMatchObject({ status: 200 });
  await portal.store.accounts.signIn(
    (await portal.store.organisation('default', '')).id,
    { id: 'ann', role: 'viewer' },
    '',
  );
  await call('PATCH', '/api/members/ann', { body: { role: 'analyst' } });
  const acts = (await call('GET', '/api/audit')).body.acts as Act[];
  const changesOf = (object: string) => acts.find((act) => act.object === object)?.changes;
  expect(changesOf(`policy:${id}`)).toEqual([
    { what: 'name', before: 'One', after: 'Two' },
    { what: 'severity', before: 'low', after: 'high' },
  ]);
  expect(changesOf('account:ann')).toEqual([{ what: 'role', before: 'viewer', after: 'analyst' }]);
});

test('behind a trusted proxy the address is the one that the proxy saw', async () => {
  const { store, key } = await startPortal();
  const signInFrom = async (trustProxy: boolean) => {
    const portal = await createPortal({ store, page: new Map(), version: '0', trustProxy });
    const listening = await listen(portal, '127.0.0.1', 0);
    const bearer = await key({ role: 'admin' });
    await fetch(`${listening.address}/api/keys`, {
      method: 'POST',
      headers: {
        ...{ authorization: `Bearer ${bearer}`, 'x-forwarded-for': '203.0.113.9, 198.51.100.7' },
        'content-type': 'application/json',
      },
      body: '{}',
    });
    await listening.stop();
    const { id } = await store.organisation('default', '');
    return (await store.acts(id, {}, { limit: 1 })).items[0]?.from;
  };
  expect(await signInFrom(true)).toBe('198.51.100.7');
  expect(await signInFrom(false)).toMatch(/127\.0\.0\.1$/);
});

test('an event that retention removed answers 410, another 404, and to another organisation both are unknown', async () => {
  const portal = await startPortal();
  const { id: org } = await portal.store.organisation('default', '');
  await portal.store.agents.enrol(org, enrolmentOf(DEVICE) as never, '2026-09-03T12:00:00.000Z', 'test');
  const event = makeEvent('prompt.submitted');
  await portal.store.events.ingest(org, DEVICE, [event], '2026-01-01T00:00:00.000Z');
  expect(await portal.store.retention.count(org, 'prompt.submitted', '2026-02-01T00:00:00.000Z')).toBe(1);
  await portal.store.retention.remove(org, 'prompt.submitted', '2026-02-01T00:00:00.000Z', 10);
  const path = `/api/events/${event.id}`;
  expect(await portal.read(path)).toMatchObject({ status: 410, body: { error: { code: 'event-removed' } } });
  expect(await portal.read('/api/events/never')).toMatchObject({ status: 404, body: { error: { code: 'not-found' } } });
  expect(await portal.read(path, { org: 'theirs' })).toMatchObject({ status: 404 });
});
