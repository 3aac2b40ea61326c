import { beforeEach, describe, expect, test } from '@jest/globals';
import { ROUTES } from '../../src/portal/routes.ts';
import { startPortal, type TestPortal } from '../helpers/portal.ts';
import { enrolmentOf, makeEvent } from '../helpers/portal-events.ts';

const [OWN, OTHER] = ['device-own', 'device-other'];
/** Stands in everything that the other device sent. */
const SECRET = 'pomegranate';
let portal: TestPortal;
let now: Date;
let org: string;

/** Asks as the page does, with the session's cookie. */
async function ask(method: string, where: string, cookie: string, body?: object) {
  const response = await fetch(portal.address + where, {
    method,
    headers: { origin: portal.address, 'content-type': 'application/json', cookie },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const cookieGiven = response.headers.get('set-cookie')?.split(';')[0] ?? '';
  return { status: response.status, text, body: JSON.parse(text) as Record<string, unknown>, cookie: cookieGiven };
}
async function signIn(link: string) {
  return ask('POST', '/api/sign-in', '', { link: link.split('#link=')[1] ?? '' });
}
async function ownLink(device = OWN, body = {}) {
  const admin = await signIn(await portal.link());
  return ask('POST', `/api/agents/${device}/own-link`, admin.cookie, body);
}
const ownCookie = async () => (await signIn(String((await ownLink()).body.link))).cookie;

beforeEach(async () => {
  now = new Date('2026-09-03T14:00:00.000Z');
  portal = await startPortal({ now: () => now });
  org = (await portal.store.organisation('default', now.toISOString())).id;
  for (const [device, word] of [
    [OWN, 'apple'],
    [OTHER, SECRET],
  ] as const) {
    await portal.store.agents.enrol(org, { ...enrolmentOf(device), user: word } as never, now.toISOString(), 'test');
    await portal.credential(device);
    const place = {
      device: { id: device, os: 'linux' as const, user: word },
      session: { ...makeEvent('turn.ended').session, id: `session-${word}`, title: word },
      workspace: { id: word, path: `/w/${word}`, name: word },
    };
    const events = [
      makeEvent('session.started', { ...place, id: `start-${word}` }),
      makeEvent('prompt.submitted', { ...place, id: `prompt-${word}`, body: { text: `Peel the ${word} fruit` } }),
      makeEvent('tool.invoked', { ...place, id: `tool-${word}`, body: { arguments: { command: `cut ${word}` } } }),
    ];
    await portal.store.events.ingest(org, device, events, now.toISOString());
  }
});

describe('the link to a device’s own data', () => {
  test('is made by an administrator alone, for a device there is, for a week at most, and is in the audit log', async () => {
    const made = await ownLink(OWN, { hours: 2 });
    expect(made.status).toBe(200);
    expect(made.body.expiresAt).toBe('2026-09-03T16:00:00.000Z');
    expect((await ownLink('nobody')).status).toBe(404);
    for (const hours of [0, 169, 1.5, '2', null]) expect((await ownLink(OWN, { hours })).status).toBe(400);
    for (const role of ['viewer', 'analyst'] as const) {
      const key = await portal.key({ role });
      const answer = await fetch(`${portal.address}/api/agents/${OWN}/own-link`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: '{}',
      });
      expect(answer.status).toBe(403);
    }
    const other = await portal.key({ org: 'theirs', role: 'admin' });
    const foreign = await fetch(`${portal.address}/api/agents/${OWN}/own-link`, {
      method: 'POST',
      headers: { authorization: `Bearer ${other}`, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(foreign.status).toBe(404);
    await signIn(String(made.body.link));
    const { items } = await portal.store.acts(org, {}, { limit: 50 });
    const acts = items.map(({ actor, act, object }) => `${actor} ${act} ${object.split(':')[0]}`);
    expect(acts).toContain('account:admin issued own-link');
    expect(acts).toContain(`device:${OWN} issued own-session`);
  });

  test('works once and until it ends, and what it opens ends after twelve hours, with the device, and by signing out', async () => {
    const { body } = await ownLink();
    const first = await signIn(String(body.link));
    expect(first.status).toBe(200);
    expect((await signIn(String(body.link))).status).toBe(401);
    const late = await ownLink();
    now = new Date(now.getTime() + 25 * 3_600_000);
    expect((await signIn(String(late.body.link))).status).toBe(401);
    expect((await ask('GET', '/api/me', first.cookie)).status).toBe(401);

    await portal.credential(OWN);
    const second = await ownCookie();
    expect((await ask('GET', '/api/me', second)).status).toBe(200);
    expect((await ask('POST', '/api/sign-out', second, {})).status).toBe(200);
    expect((await ask('GET', '/api/me', second)).status).toBe(401);

    const third = await ownCookie();
    for (const { id } of (await portal.store.credentials.list(org, ['device'], { limit: 10 })).items) {
      await portal.store.credentials.revoke(org, id, now.toISOString(), 'test');
    }
    expect((await ask('GET', '/api/me', third)).status).toBe(401);
  });
});

describe('what was given to developers', () => {
  let admin: string;
  beforeEach(async () => {
    admin = (await signIn(await portal.link())).cookie;
  });
  const listed = async (query: string) =>
    (await ask('GET', `/api/tokens?${query}`, admin)).body.tokens as { id: string; kind: string; subject: string }[];

  test('is listed by device, and ends when an administrator says so', async () => {
    const unused = await ownLink();
    const cookie = await ownCookie();
    const kinds = async () => (await listed(`subject=${OWN}`)).map(({ kind }) => kind).sort();
    expect(await kinds()).toEqual(['device', 'own-link', 'own-link', 'own-session']);
    expect(await listed(`subject=${OTHER}&kind=own-session`)).toEqual([]);
    for (const { id } of [...(await listed('kind=own-session')), ...(await listed('kind=own-link'))]) {
      expect((await ask('POST', `/api/tokens/${id}/revoke`, admin, {})).status).toBe(200);
    }
    expect((await ask('GET', '/api/me', cookie)).status).toBe(401);
    expect((await signIn(String(unused.body.link))).status).toBe(401);
  });

  test('is a page at a time, each once', async () => {
    for (let count = 0; count < 5; count++) await ownLink();
    const ids: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await ask('GET', `/api/tokens?kind=own-link&limit=2${cursor}`, admin);
      ids.push(...(body.tokens as { id: string }[]).map(({ id }) => id));
      if (body.next === null) break;
      cursor = `&cursor=${String(body.next)}`;
    }
    expect(ids).toHaveLength(5);
    expect(new Set(ids)).toEqual(new Set((await listed('kind=own-link')).map(({ id }) => id)));
  });
});

/** They have tests of their own, or ask nobody who they are. */
const NOT_ASKED = ['/api/stream', '/api/sign-out', '/api/health', '/api/openapi.json', '/api/sign-in'];

/** A route's addresses, with what is the other device's in every place where something can be named. */
function placesOf(path: string): string[] {
  const ids = [OTHER, `prompt-${SECRET}`, `session-${SECRET}`, 'events', 'mcpServer', 'acts', 'x'];
  const queries = ['', `agent=${OTHER}`, `agent=-${OWN}`, `user=${SECRET}`, `session=session-${SECRET}`, 'q=fruit'];
  const paths = path.includes(':id') ? ids.map((id) => path.replace(':id', id)) : [path];
  return paths.flatMap((each) => queries.map((query) => `${each}?${query}`));
}

describe('who signed in by it', () => {
  test('sees the device’s sessions, events and inventory, finds its words, and is told who they are', async () => {
    const cookie = await ownCookie();
    const read = async (where: string) => (await ask('GET', where, cookie)).body;
    expect(await read('/api/me')).toMatchObject({ account: 'apple', role: 'viewer', device: OWN });
    expect(await read(`/api/agents/${OWN}`)).toMatchObject({ agent: { id: OWN } });
    expect(((await read('/api/sessions')).sessions as { id: string }[]).map(({ id }) => id)).toEqual(['session-apple']);
    expect(await read('/api/sessions/session-apple')).toMatchObject({ session: { title: 'apple', detections: 0 } });
    expect(JSON.stringify(await read('/api/sessions/session-apple/turns'))).toContain('Peel the apple');
    expect(await read('/api/events?kind=prompt.submitted')).toMatchObject({ events: [{ id: 'prompt-apple' }] });
    expect(await read('/api/counts')).toMatchObject({ count: 3, exact: true });
    expect(await read('/api/search?q=fruit')).toMatchObject({ matches: 1 });
    expect(await read('/api/events/prompt-apple')).toMatchObject({ event: { id: 'prompt-apple' } });
  });

  test('gets nothing of another device on any route, however it is asked for: its own, or a refusal', async () => {
    const cookie = await ownCookie();
    const asked = new Map<string, number[]>();
    for (const { method, path } of ROUTES.filter(({ path }) => path.startsWith('/api/') && !NOT_ASKED.includes(path))) {
      for (const where of placesOf(path)) {
        const before = asked.get(`${method} ${path}`) ?? [];
        // Closed whatever is asked of it: once is enough.
        if (before.includes(403)) break;
        const { status, text } = await ask(method, where, cookie, method === 'GET' ? undefined : {});
        expect([method, where, status, text.includes(SECRET)]).toEqual([method, where, status, false]);
        asked.set(`${method} ${path}`, [...before, status]);
      }
    }
    const open = [...asked].filter(([, statuses]) => statuses.some((status) => status !== 403)).map(([route]) => route);
    // Whatever is added to the portal is closed until it is opened on purpose.
    expect(open.sort()).toEqual([
      'GET /api/agents/:id',
      'GET /api/agents/:id/changes',
      'GET /api/counts',
      'GET /api/events',
      'GET /api/events/:id',
      'GET /api/me',
      'GET /api/search',
      'GET /api/sessions',
      'GET /api/sessions/:id',
      'GET /api/sessions/:id/matches',
      'GET /api/sessions/:id/turns',
    ]);
    for (const route of open.filter(
      (each) => each.includes(':id') && !each.endsWith('changes') && !each.endsWith('turns'),
    )) {
      expect([route, new Set(asked.get(route))]).toEqual([route, new Set([404])]);
    }
  }, 30_000);

  test('is not told what was detected, nor by a filter', async () => {
    const cookie = await ownCookie();
    for (const where of ['/api/events?has=detection', '/api/sessions?has=-detection', '/api/counts?has=detection']) {
      expect((await ask('GET', where, cookie)).status).toBe(403);
    }
  });

  test('is told live of the device alone', async () => {
    const cookie = await ownCookie();
    const stop = new AbortController();
    const stream = await fetch(`${portal.address}/api/stream`, { headers: { cookie }, signal: stop.signal });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    const send = async (device: string, user: string) =>
      fetch(`${portal.address}/v1/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${await portal.credential(device)}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          events: [makeEvent('prompt.submitted', { device: { id: device, os: 'linux', user } })],
        }),
      });
    await send(OTHER, SECRET);
    await send(OWN, 'apple');
    let said = '';
    while (!said.includes('data:')) said += (await reader?.read())?.value ?? '';
    stop.abort();
    expect(said).toContain(OWN);
    expect(said).not.toContain(OTHER);
  });
});
