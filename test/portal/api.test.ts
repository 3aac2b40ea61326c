import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { startPortal, type TestPortal } from '../helpers/portal.ts';
import { DEVICE, enrolmentOf, everyKind, makeEvent } from '../helpers/portal-events.ts';

jest.setTimeout(60_000);

let portal: TestPortal;

beforeEach(async () => {
  portal = await startPortal();
});

async function ask(path: string, init: RequestInit = {}) {
  const response = await fetch(portal.address + path, init);
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}
const as = (bearer: string): RequestInit => ({ headers: { authorization: `Bearer ${bearer}` } });

async function store(events: object[], org = 'default', device = DEVICE) {
  const { id } = await portal.store.organisation(org, '');
  await portal.store.agents.enrol(id, enrolmentOf(device) as never, '2026-09-03T12:00:00.000Z', 'test');
  const credential = await portal.credential(device, { org });
  const response = await fetch(`${portal.address}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    body: JSON.stringify({ events }),
  });
  expect(response.status).toBe(200);
}
const list = async (query: string) => {
  const { body } = await portal.read(`/api/events?${query}`);
  return { ids: (body.events as { id: string }[]).map(({ id }) => id), next: body.next as string | null };
};

describe('who may read', () => {
  test('health answers anybody, everything else nobody without a key or a cookie', async () => {
    expect(await ask('/api/health')).toMatchObject({ status: 200, body: { ok: true, version: '0.0.0-test' } });
    for (const path of [
      'me',
      'events',
      'events/x',
      'agents',
      'agents/x',
      'sessions',
      'sessions/x',
      'sessions/x/turns',
      'stream',
      'audit',
      'tokens',
    ]) {
      expect(await ask(`/api/${path}`)).toMatchObject({ status: 401, body: { error: { code: 'sign-in-needed' } } });
      expect(await ask(`/api/${path}`, as('ck_nonsense'))).toMatchObject({
        status: 401,
        body: { error: { code: 'token-invalid' } },
      });
    }
  });

  test('a secret is good for its own purpose only', async () => {
    const link = new URL(await portal.link()).hash.replace('#link=', '');
    const secrets = { code: await portal.code(), link, key: await portal.key(), org: await portal.orgToken() };
    const refused = { status: 401, body: { error: { code: 'token-invalid' } } };
    for (const [kind, secret] of Object.entries(secrets)) {
      if (kind !== 'key') expect([kind, await ask('/api/me', as(secret))]).toMatchObject([kind, refused]);
      const cookie = { headers: { cookie: `capsule_session=${secret}` } };
      expect([kind, await ask('/api/me', cookie)]).toMatchObject([kind, refused]);
      if (kind === 'code' || kind === 'org') continue;
      expect([kind, await ask('/v1/enroll', { ...as(secret), method: 'POST', body: '{}' })]).toMatchObject([
        kind,
        refused,
      ]);
    }
  });

  test('a device may not read, and a viewer may not see tokens or the audit log', async () => {
    expect((await ask('/api/events', as(await portal.credential(DEVICE)))).status).toBe(401);
    for (const path of ['/api/audit', '/api/tokens']) {
      expect(await ask(path, as(await portal.key({ role: 'analyst' })))).toMatchObject({
        status: 403,
        body: { error: { code: 'role-too-low' } },
      });
      expect((await ask(path, as(await portal.key({ role: 'admin' })))).status).toBe(200);
    }
  });

  test('a key that was revoked is refused from then on, and the audit log says who did it', async () => {
    const [admin, viewer] = [await portal.key({ role: 'admin' }), await portal.key()];
    const { body } = await ask('/api/tokens', as(admin));
    const tokens = body.tokens as { id: string; role: string; secretHash?: string }[];
    expect(tokens.every((token) => !('secretHash' in token))).toBe(true);
    const id = tokens.find(({ role }) => role === 'viewer')?.id ?? '';
    expect((await ask(`/api/tokens/${id}/revoke`, { ...as(admin), method: 'POST' })).status).toBe(200);
    expect(await ask('/api/me', as(viewer))).toMatchObject({ status: 401, body: { error: { code: 'token-revoked' } } });
    const acts = (await ask('/api/audit', as(admin))).body.acts as { act: string; actor: string; object: string }[];
    expect(acts[0]).toMatchObject({
      act: 'revoked',
      object: `credential:${id}`,
      actor: expect.stringMatching(/^key:/),
    });
  });
});

describe("another organisation's things answer exactly as unknown ones", () => {
  test('on every route that takes an id or filters by one', async () => {
    const [started, ...others] = everyKind();
    await store([started as object, ...others], 'theirs');
    const theirToken = (await ask('/api/tokens', as(await portal.key({ org: 'theirs', role: 'admin' })))).body
      .tokens as { id: string }[];
    const ours = as(await portal.key({ role: 'admin' }));
    const pairs: [string, string, string][] = [
      ['/api/events/:id', started?.id ?? '', 'GET'],
      ['/api/agents/:id', DEVICE, 'GET'],
      ['/api/sessions/:id', 'session-1', 'GET'],
      ['/api/sessions/:id/turns', 'session-1', 'GET'],
      ['/api/tokens/:id/revoke', theirToken[0]?.id ?? '', 'POST'],
    ];
    for (const [path, id, method] of pairs) {
      const theirs = await ask(path.replace(':id', id), { ...ours, method });
      const unknown = await ask(path.replace(':id', 'unknown'), { ...ours, method });
      expect([path, theirs.status, theirs.body.error]).toEqual([path, 404, unknown.body.error]);
    }
    for (const query of [
      'events?session=session-1',
      `events?agent=${DEVICE}`,
      'events?turn=turn-1',
      'events?q=parser',
      `sessions?agent=${DEVICE}`,
      'agents',
    ]) {
      const { body } = await ask(`/api/${query}`, ours);
      expect([query, Object.values(body)[0], body.next]).toEqual([query, [], null]);
    }
  });

  test('the same session and event ids in two organisations stay two', async () => {
    const event = makeEvent('prompt.submitted');
    await store([event]);
    await store([{ ...event, body: { ...event.body, text: 'Theirs' } }], 'theirs');
    expect(await portal.read(`/api/events/${event.id}`)).toMatchObject({
      body: { event: { body: { text: 'Fix the parser' } } },
    });
    expect(await portal.read(`/api/events/${event.id}`, { org: 'theirs' })).toMatchObject({
      body: { event: { body: { text: 'Theirs' } } },
    });
  });
});

describe('events', () => {
  test('are listed newest first and walked page by page, each exactly once', async () => {
    const events = Array.from({ length: 25 }, () =>
      makeEvent('prompt.submitted', { time: '2026-09-03T12:00:00.000Z' }),
    );
    await store(events);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await list(`limit=10${cursor === '' ? '' : `&cursor=${cursor}`}`);
      expect(page.ids.length).toBeLessThanOrEqual(10);
      seen.push(...page.ids);
      cursor = page.next;
    }
    expect(seen).toEqual(events.map(({ id }) => id).reverse());
  });

  test('can be narrowed by kind, session, workspace, time and words of the body', async () => {
    const prompt = makeEvent('prompt.submitted', {
      time: '2026-09-03T10:00:00.000Z',
      body: { text: 'Say "100%" to C:\\temp' },
    });
    const tool = makeEvent('tool.invoked', {
      time: '2026-09-03T11:00:00.000Z',
      session: { ...prompt.session, id: 'session-2' },
    });
    const answer = makeEvent('agent.responded', { time: '2026-09-03T12:00:00.000Z', workspace: null });
    await store([prompt, tool, answer]);
    const only = async (query: string) => (await list(query)).ids;
    expect(await only('kind=prompt.submitted&kind=agent.responded')).toEqual([answer.id, prompt.id]);
    expect(await only('session=session-2')).toEqual([tool.id]);
    expect(await only(`workspace=${prompt.workspace?.id}`)).toEqual([tool.id, prompt.id]);
    expect(await only('from=2026-09-03T11:00:00Z&to=2026-09-03T13:00:00%2B02:00')).toEqual([tool.id]);
    expect(await only('q=EXECUTE_bash+test')).toEqual([tool.id]);
    expect(await only(`q=${encodeURIComponent('"100%" C:\\temp')}`)).toEqual([prompt.id]);
    expect(await only('q=100_000')).toEqual([]);
  });

  test('have their long texts cut in lists, which is said, and whole on request', async () => {
    const text = `ä${'x'.repeat(10_000)}`;
    const event = makeEvent('agent.responded', { body: { text } });
    await store([event]);
    const [listed] = (await portal.read('/api/events')).body.events as { body: { text: string }; cut: object[] }[];
    expect(listed?.body.text).toBe(text.slice(0, 4096));
    expect(listed?.cut).toEqual([{ field: '/body/text', bytes: 10_002 }]);
    const [full] = (await portal.read('/api/events?content=full')).body.events as object[];
    expect(full).toEqual(event);
    expect((await portal.read(`/api/events/${event.id}`)).body.event).toEqual(event);
  });

  test('name what they did not understand of a query, and apply the rest', async () => {
    await store(everyKind());
    const { body } = await portal.read('/api/events?kind=nonsense&from=yesterday&foo=1&exit=abc&kind=turn.ended');
    expect(body).toMatchObject({
      events: [{ kind: 'turn.ended' }],
      misunderstood: ['kind=nonsense', 'from=yesterday', 'foo', 'exit=abc'],
    });
    for (const list of ['sessions', 'agents']) {
      const answer = await portal.read(`/api/${list}?foo=1&user=dev`);
      expect([list, answer.body[list]]).toEqual([list, [expect.anything()]]);
      expect(answer.body.misunderstood).toEqual(['foo']);
    }
  });

  test('are counted, and by hour', async () => {
    await store(everyKind());
    expect((await portal.read('/api/counts?kind=tool.invoked')).body).toEqual({
      ...{ count: 1, exact: true, searchedTo: null, misunderstood: [], newest: expect.any(String) },
      histogram: {
        barMs: 3_600_000,
        bars: [{ start: '2026-09-03T12:00:00.000Z', events: 1, failures: 0 }],
        searchedTo: null,
      },
    });
  });

  test.each(['limit=0', 'limit=1001', 'limit=x'])('refuse the query %s', async (query) => {
    expect(await portal.read(`/api/events?${query}`)).toMatchObject({
      status: 400,
      body: { error: { code: 'query-invalid' } },
    });
  });

  test('start from the beginning when the cursor is not one of ours', async () => {
    await store([makeEvent('prompt.submitted')]);
    for (const cursor of ['nonsense', 'WzEsMl0', '']) expect((await list(`cursor=${cursor}`)).ids).toHaveLength(1);
  });
});

describe('sessions', () => {
  test('are summed up from their events in whatever order these arrive', async () => {
    const events = everyKind();
    await store([...events].reverse());
    const { body } = await portal.read('/api/sessions/session-1');
    expect(body.session).toMatchObject({
      title: 'Fix the parser',
      firstPrompt: 'Fix the parser',
      device: { id: DEVICE, name: 'mbp-14', user: 'dev' },
      startedAt: events[0]?.time,
      lastEventAt: events.at(-1)?.time,
      open: false,
      turns: 1,
      prompts: 1,
      responses: 1,
      reasonings: 1,
      tools: 1,
      toolFailures: 0,
      lost: 37,
      credits: 0.8,
      durationMs: 99_000,
      events: 7,
    });
  });

  test('are listed by latest activity, found by words, and open while their newest turn has not ended', async () => {
    const other = {
      id: 'session-2',
      generation: 'ide-1.x',
      title: 'Write 100% docs',
      mode: null,
      model: null,
    } as const;
    await store([
      ...everyKind(),
      makeEvent('prompt.submitted', { session: other, turn: { id: 'other-turn', index: 1 } }),
    ]);
    const found = async (query: string) =>
      ((await portal.read(`/api/sessions?${query}`)).body.sessions as { id: string; open: boolean }[]).map(
        ({ id, open }) => [id, open],
      );
    expect(await found('')).toEqual([
      ['session-2', true],
      ['session-1', false],
    ]);
    expect(await found('limit=1')).toEqual([['session-2', true]]);
    expect(await found('q=100%25')).toEqual([['session-2', true]]);
    expect(await found('q=demo+parser')).toHaveLength(2);
    expect(await found('agent=somebody-else')).toEqual([]);
  });

  test('give their turns in order, in pages, with the loose events where they belong', async () => {
    const at = (ordinal: number) => ({ ...makeEvent('turn.ended').source, ordinal });
    const turn = (index: number) => ({ id: `turn-${index}`, index });
    const events = [
      makeEvent('prompt.submitted', { turn: turn(2), source: at(30) }),
      makeEvent('capture.gap', { source: at(20) }),
      makeEvent('turn.ended', { turn: turn(1), source: at(22) }),
      makeEvent('prompt.submitted', { turn: turn(1), source: at(10) }),
      makeEvent('session.started', { source: at(0) }),
    ];
    await store(events);
    type Turns = { turns: { turn: { id: string; endedAt: string | null } | null; events: { kind: string }[] }[] };
    const read = async (query: string) =>
      (await portal.read(`/api/sessions/session-1/turns?${query}`)).body as Turns & Record<string, unknown>;
    const whole = await read('');
    expect(whole.turns.map(({ turn, events }) => [turn?.id ?? null, events.map(({ kind }) => kind)])).toEqual([
      [null, ['session.started']],
      ['turn-1', ['prompt.submitted', 'turn.ended']],
      [null, ['capture.gap']],
      ['turn-2', ['prompt.submitted']],
    ]);
    expect(whole).toMatchObject({ first: 0, total: 4, next: null, previous: null });
    expect(whole.turns[1]?.turn?.endedAt).toBe(events[2]?.time);
    expect(await read('limit=3')).toMatchObject({ first: 0, next: '3', previous: null });
    expect(await read('limit=3&cursor=3')).toMatchObject({ first: 3, next: null, previous: '0' });
    expect(await read(`limit=2&around=${events[0]?.id}`)).toMatchObject({ first: 2, total: 4, previous: '0' });
    expect((await portal.read('/api/sessions/session-1/turns?around=unknown')).status).toBe(404);
  });

  test('are never cut in the middle of a turn that could have a page of its own', async () => {
    for (const index of [1, 2]) {
      const turn = { id: `turn-${index}`, index };
      await store(Array.from({ length: 600 }, () => makeEvent('tool.invoked', { turn })));
    }
    const { body } = await portal.read('/api/sessions/session-1/turns');
    expect(body.turns).toMatchObject([{ turn: { id: 'turn-1' }, omitted: 0 }]);
    expect([(body.turns as unknown[]).length, body.next]).toEqual([1, '1']);
  });

  test('bound a page by its events, and say how many of a very long turn are left out', async () => {
    const tools = Array.from({ length: 1_000 }, () => makeEvent('tool.invoked'));
    await store(tools);
    await store(Array.from({ length: 5 }, () => makeEvent('tool.invoked')));
    await store([makeEvent('prompt.submitted', { turn: { id: 'turn-2', index: 2 } })]);
    const { body } = await portal.read('/api/sessions/session-1/turns');
    const [first] = body.turns as { events: object[]; omitted: number }[];
    expect([first?.events.length, first?.omitted, body.next]).toEqual([1_000, 5, '1']);
  });
});

test('an agent is described by what it last said of itself', async () => {
  await store(everyKind());
  const credential = await portal.credential(DEVICE);
  const report = {
    agentVersion: '0.2.0',
    kiro: [{ generation: 'ide-1.x', version: '1.0.412' }],
    attachments: { attached: 2, known: 3, remote: 1, missing: 0, excluded: 0 },
    outbox: { events: 4, bytes: 2048, oldest: '2026-09-03T12:00:00.000Z' },
    health: [{ code: 'trust-missing', message: 'Kiro does not trust the hook' }],
  };
  const beat = (body: object) =>
    ask('/v1/heartbeat', {
      method: 'POST',
      headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  expect(await beat(report)).toMatchObject({ status: 200, body: { ok: true } });
  expect(await beat({ ...report, outbox: 7 })).toMatchObject({
    status: 400,
    body: { error: { code: 'heartbeat-invalid' } },
  });
  expect((await portal.read(`/api/agents/${DEVICE}`)).body.agent).toMatchObject({
    agentVersion: '0.2.0',
    state: 'needs-attention',
    attention: 'Kiro does not trust the hook',
    heartbeat: report,
    latestInventory: { session: 'session-1', body: { mcpServers: [{ name: 'docs' }] } },
  });
});

test('the stream says what changed, once for what happens within its interval, and ends when the portal stops', async () => {
  const response = await fetch(`${portal.address}/api/stream`, as(await portal.key()));
  const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader.read()).value).toContain('hello');
  await store(everyKind());
  let text = '';
  while (!text.includes('data:')) text += (await reader.read()).value ?? '';
  expect(JSON.parse(text.slice(text.indexOf('{')))).toEqual({
    events: 7,
    sessions: ['session-1'],
    agents: [DEVICE],
    detections: 2,
  });
  await portal.stop();
  expect((await reader.read()).done).toBe(true);
});
