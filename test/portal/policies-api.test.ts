import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { reachOf } from '../../src/portal/reach.ts';
import { startPortal } from '../helpers/portal.ts';
import { caller, sendCommands as send } from '../helpers/portal-caller.ts';
import { DEVICE } from '../helpers/portal-events.ts';

const DRAFT = {
  name: 'No make',
  severity: 'high',
  expression: 'event.facts.programs.exists(p, p == "make")',
  enabled: true,
};
const detectionsOf = async (call: ReturnType<typeof caller>, query = '') =>
  (await call('GET', `/api/detections${query}`)).body.detections as Record<string, unknown>[];

describe('policies', () => {
  test('are there from the beginning, 36 on, and can be made, changed with a version, and removed', async () => {
    const call = caller(await startPortal());
    const { policies } = (await call('GET', '/api/policies')).body as {
      policies: { enabled: boolean; sequence: unknown }[];
    };
    expect(policies.filter(({ sequence }) => sequence === null)).toHaveLength(37);
    expect(policies.filter(({ sequence, enabled }) => sequence === null && enabled)).toHaveLength(36);

    const made = await call('POST', '/api/policies', { body: DRAFT });
    expect(made.status).toBe(201);
    const id = String(made.body.policy?.id);
    expect((await call('PATCH', `/api/policies/${id}`, { body: { severity: 'low' } })).status).toBe(428);
    expect(
      (await call('PATCH', `/api/policies/${id}`, { version: 1, body: { severity: 'low', note: 'too loud' } })).body
        .policy,
    ).toMatchObject({ version: 2, severity: 'low', name: 'No make', enabled: true });
    expect(await call('PATCH', `/api/policies/${id}`, { version: 1, body: { severity: 'high' } })).toMatchObject({
      ...{ status: 409, body: { policy: { version: 2 } } },
    });
    const { versions } = (await call('GET', `/api/policies/${id}`)).body as {
      versions: { version: number; note: string }[];
    };
    expect(versions.map(({ version, note }) => [version, note])).toEqual([
      [2, 'too loud'],
      [1, ''],
    ]);
    expect((await call('DELETE', `/api/policies/${id}`, { version: 2 })).status).toBe(200);
    expect((await call('GET', `/api/policies/${id}`)).status).toBe(404);
    const { acts } = (await call('GET', '/api/audit')).body as { acts: { act: string; object: string }[] };
    expect(acts.filter(({ object }) => object === `policy:${id}`).map(({ act }) => act)).toEqual([
      'removed',
      'changed',
      'created',
    ]);
  });

  test('that may not be judged are refused with the place of the fault, and viewers may only look', async () => {
    const call = caller(await startPortal());
    const body = { expression: 'event.kind == "a" &&\nevnt.x == 1' };
    const { problems } = (await call('POST', '/api/policies/check', { role: 'viewer', body })).body;
    expect(problems).toMatchObject([
      { code: 'unknown_variable', field: 'expression', line: 2, column: 1, start: 21, end: 25 },
    ]);
    expect((await call('POST', '/api/policies', { body: { ...DRAFT, ...body } })).status).toBe(422);
    expect((await call('POST', '/api/policies', { role: 'viewer', body: DRAFT })).status).toBe(403);
    expect((await call('POST', '/api/policies', { body: { ...DRAFT, expression: null } })).status).toBe(400);
  });

  test('are told over time by severity, and by which found the most, of the filter alone', async () => {
    const portal = await startPortal();
    const call = caller(portal);
    await call('POST', '/api/policies', { body: { ...DRAFT, severity: 'low' } });
    await send(portal, ['make a', 'make b']);
    const { times, top, stepMs } = (await call('GET', '/api/detections/times?severity=low')).body as {
      times: { start: string; severity: string; count: number }[];
      top: { name: string; count: number }[];
      stepMs: number;
    };
    expect(times.map(({ severity, count }) => [severity, count])).toEqual([['low', 2]]);
    expect(times[0]?.start).toMatch(/T00:00:00.000Z$/);
    expect(top).toMatchObject([{ name: 'No make', count: 2 }]);
    expect(stepMs).toBe(86_400_000);
    const { times: none } = (await call('GET', '/api/detections/times', { org: 'other' })).body;
    expect(none).toEqual([]);
  });

  test('say of one stored event of the organisation what each part of a rule makes of it', async () => {
    const portal = await startPortal();
    const call = caller(portal);
    await send(portal, ['npm test']);
    const [event] = (await call('GET', '/api/events')).body.events as { id: string }[];
    const rule = (expression: string) => ({ expression, event: event?.id });
    const tried = async (expression: string) =>
      (await call('POST', '/api/policies/try', { body: rule(expression) })).body.steps;
    expect(await tried('event.kind == "tool.invoked" && event.body.name == "fs_write"')).toEqual([
      {
        matches: false,
        clauses: [
          { text: 'event.kind == "tool.invoked"', value: true },
          { text: 'event.body.name == "fs_write"', value: false },
        ],
      },
    ]);
    expect(await tried('event.body.name == "execute_bash"')).toMatchObject([{ matches: true }]);
    expect(await tried('event.body.arguments.nothing == "x"')).toMatchObject([{ matches: null }]);
    const other = { org: 'other', body: rule('true') };
    expect((await call('POST', '/api/policies/try', other)).status).toBe(404);
    expect((await call('POST', '/api/policies/try', { role: 'viewer', body: rule('true') })).status).toBe(403);
  });

  test('of the pack keep what the organisation has edited when a newer pack comes', async () => {
    const portal = await startPortal();
    const call = caller(portal);
    await call('GET', '/api/policies');
    await call('PATCH', '/api/policies/reverse-shell', { version: 1, body: { expression: 'false' } });
    await call('PATCH', '/api/policies/env-file-read', { version: 1, body: { enabled: false } });
    const { loadPack } = await import('../../src/portal/policies/pack.ts');
    const { id } = await portal.store.organisation('default', '');
    const newer = (await loadPack()).map((policy) => ({
      ...policy,
      packVersion: policy.packVersion + 1,
      name: `${policy.name}, renewed`,
    }));
    await portal.store.policies.installPack(id, newer, new Date().toISOString());
    expect((await call('GET', '/api/policies/reverse-shell')).body.policy).toMatchObject({
      expression: 'false',
      edited: true,
      version: 2,
    });
    expect((await call('GET', '/api/policies/env-file-read')).body.policy).toMatchObject({
      enabled: false,
      version: 3,
      name: expect.stringContaining('renewed'),
    });
  });
});

describe('detections', () => {
  test('appear as events are stored, once however often they come, and are worked through by version', async () => {
    const portal = await startPortal();
    const call = caller(portal);
    await send(portal, ['rm -rf ~/', 'ls']);
    const [detection] = await detectionsOf(call, '?state=open&severity=critical');
    expect(detection).toMatchObject({
      policy: 'destructive-command',
      policyVersion: 1,
      agent: DEVICE,
      state: 'open',
      version: 1,
    });
    expect(detection?.evidence).toMatchObject([{ path: '/body/arguments/command', start: 0 }]);
    expect(await detectionsOf(call, '?severity=low')).toEqual([]);
    const path = `/api/detections/${String(detection?.id)}`;
    expect((await call('PATCH', path, { version: 1, body: { state: 'closed' } })).status).toBe(400);
    expect((await call('PATCH', path, { version: 1, body: { state: 'false_positive' } })).status).toBe(400);
    expect((await call('PATCH', path, { version: 1, role: 'viewer', body: { state: 'in_review' } })).status).toBe(403);
    expect((await call('PATCH', path, { version: 1, body: { state: 'in_review', assignee: 'sam' } })).status).toBe(200);
    expect((await call('PATCH', path, { version: 1, body: { state: 'closed', reason: 'benign' } })).status).toBe(409);
    const closed = await call('PATCH', path, {
      version: 2,
      role: 'analyst',
      body: { state: 'closed', reason: 'benign', note: 'a test' },
    });
    expect(closed.body).toMatchObject({
      detection: { state: 'closed', reason: 'benign', assignee: 'sam', version: 3 },
      history: [{ version: 2 }, { version: 3, note: 'a test' }],
    });
    expect((await call('GET', '/api/detections/counts')).body.counts).toContainEqual({
      state: 'closed',
      severity: 'critical',
      count: 1,
    });
  });

  test('are listed the worst first, in groups, narrowed, and changed many at once; who was faster is told', async () => {
    const portal = await startPortal();
    const call = caller(portal);
    await send(portal, ['cat ~/.aws/credentials', 'rm -rf ~/', 'cat ~/.aws/credentials']);
    const worst = await detectionsOf(call, '?sort=-severity');
    expect(worst[0]).toMatchObject({ severity: 'critical', excerpt: 'rm -rf ~/' });
    const paged: unknown[] = [];
    for (let cursor: unknown = ''; cursor !== null; ) {
      const { body } = await call('GET', `/api/detections?sort=-severity&limit=1&cursor=${String(cursor)}`);
      paged.push(...(body.detections as unknown[]));
      cursor = body.next;
    }
    expect(paged).toEqual(worst);
    expect(await detectionsOf(call, '?policy=-credential-file-read&severity=high&severity=critical')).toHaveLength(2);
    const { groups } = (await call('GET', '/api/detections?view=groups')).body as {
      groups: { detection: { policy: string }; count: number }[];
    };
    expect(groups.map(({ detection, count }) => [detection.policy, count])).toEqual([
      ['destructive-command', 1],
      ['credential-file-read', 2],
      ['recursive-delete-outside', 1],
    ]);
    expect((await call('GET', '/api/detections?state=nothing&x=1')).body.misunderstood).toEqual(['state=nothing', 'x']);

    const [first, ...others] = worst as { id: string; version: number }[];
    await call('PATCH', `/api/detections/${first?.id}`, { version: 1, body: { state: 'in_review' } });
    const late = await call('PATCH', `/api/detections/${first?.id}`, { version: 1, body: { state: 'open' } });
    expect(late).toMatchObject({
      status: 409,
      body: { last: { change: { state: 'in_review' } }, detection: { version: 2 } },
    });
    const change = { state: 'closed', reason: 'duplicate' };
    const detections = worst.map(({ id, version }) => ({ id, version }));
    const many = await call('POST', '/api/detections/changes', { body: { detections, change } });
    expect(many.body).toEqual({ changed: others.map(({ id }) => id), unchanged: [first?.id] });
    const foreign = await call('POST', '/api/detections/changes', { org: 'other', body: { detections, change } });
    expect(foreign.body).toMatchObject({ changed: [] });
  });

  test('are told by webhook, signed, and again after a failure', async () => {
    const got: { signature: string; body: string }[] = [];
    const answers = [500, 204];
    let arrived = () => {};
    const server = createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => {
          got.push({
            signature: String(incoming.headers['capsule-signature']),
            body: Buffer.concat(chunks).toString(),
          });
          response.writeHead(answers.shift() ?? 204).end();
          arrived();
        });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closeLater = () => server.close();
    const { port } = server.address() as { port: number };
    let now = new Date('2026-09-03T12:00:00.000Z');
    const portal = await startPortal({ now: () => now });
    const call = caller(portal);
    const hook = await call('POST', '/api/webhooks', { body: { url: `http://127.0.0.1:${port}/hook` } });
    const hookId = (hook.body.webhook as { id: string }).id;
    const first = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    await send(portal, ['rm -rf ~/']);
    await first;
    const waiting = async () =>
      ((await call('GET', '/api/webhooks')).body.webhooks as { waiting: number; trouble: string | null }[])[0];
    let hooks = await waiting();
    while (hooks?.trouble === null) hooks = await waiting();
    expect(hooks).toMatchObject({ waiting: 1, trouble: 'answered 500' });
    expect(JSON.stringify(hooks)).not.toContain(String(hook.body.secret));
    now = new Date(now.getTime() + 60_000);
    const { sendNotice } = await import('../../src/portal/policies/send-notice.ts');
    const means = { mail: undefined, address: '', reach: reachOf({ local: true }) };
    const [due] = await portal.store.notifications.due(now.toISOString(), 10);
    if (due === undefined) throw new Error('nothing is due');
    await portal.store.notifications.settle(due, await sendNotice(due, () => now, means));
    const [delivery] = (await call('GET', `/api/webhooks/${hookId}/deliveries`)).body.deliveries as unknown[];
    expect(delivery).toMatchObject({ detections: 2, tries: 2, nextAt: null, trouble: null, doneAt: now.toISOString() });
    expect(await waiting()).toMatchObject({ waiting: 0, trouble: null });
    expect(got).toHaveLength(2);
    const [, seconds = '', mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(got[1]?.signature ?? '') ?? [];
    expect(mac).toBe(createHmac('sha256', String(hook.body.secret)).update(`${seconds}.${got[1]?.body}`).digest('hex'));
    expect(JSON.parse(got[1]?.body ?? '')).toMatchObject({
      organisation: 'default',
      detections: [{ policy: 'destructive-command' }, { policy: 'recursive-delete-outside' }],
    });
    expect(got[1]?.body).not.toContain('rm -rf');
  });
});

let closeLater = () => {};
afterEach(() => closeLater());

test('what belongs to another organisation is answered as what does not exist', async () => {
  const portal = await startPortal();
  const call = caller(portal);
  await send(portal, ['rm -rf ~/']);
  const policy = String((await call('POST', '/api/policies', { body: DRAFT })).body.policy?.id);
  const run = String(
    ((await call('POST', '/api/policies/new/dry-run', { body: { expression: 'true' } })).body.run as { id: string }).id,
  );
  const [detection] = await detectionsOf(call);
  const hook = (
    (await call('POST', '/api/webhooks', { body: { url: 'https://hooks.example.org/x' } })).body.webhook as {
      id: string;
    }
  ).id;
  for (const [method, path, body] of [
    ['GET', '/api/policies/:id', undefined],
    ['PATCH', '/api/policies/:id', { severity: 'low' }],
    ['DELETE', '/api/policies/:id', undefined],
    ['POST', '/api/policies/:id/dry-run', { expression: 'true' }],
    ['GET', '/api/detections/:id', undefined],
    ['PATCH', '/api/detections/:id', { state: 'in_review' }],
    ['POST', '/api/policies/:id/judge', {}],
    ['GET', '/api/policy-runs/:id', undefined],
    ['DELETE', '/api/policy-runs/:id', undefined],
    ['GET', '/api/detections/:id/context', undefined],
    ['PATCH', '/api/webhooks/:id', { enabled: false }],
    ['POST', '/api/webhooks/:id/test', undefined],
    ['GET', '/api/webhooks/:id/deliveries', undefined],
    ['DELETE', '/api/webhooks/:id', undefined],
  ] as const) {
    const id = path.includes('policies')
      ? policy
      : path.includes('policy-runs')
        ? run
        : path.includes('webhooks')
          ? hook
          : String(detection?.id);
    const ask = (value: string) => call(method, path.replace(':id', value), { org: 'other', version: 1, body });
    const foreign = await ask(id);
    expect([method, path, foreign.status]).toEqual([method, path, 404]);
    expect(foreign.body.error).toEqual((await ask('nothing-like-it')).body.error);
  }
  expect(((await call('GET', '/api/detections', { org: 'other' })).body.detections as unknown[]).length).toBe(0);
  expect(((await call('GET', '/api/webhooks', { org: 'other' })).body.webhooks as unknown[]).length).toBe(0);
});
