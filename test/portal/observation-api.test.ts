import { beforeEach, describe, expect, test } from '@jest/globals';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { agentState } from '../../src/portal/agent-state.ts';
import type { SearchGroup } from '../../src/portal/answers.ts';
import { holdsHead, verifyChain } from '../../src/portal/verify-chain.ts';
import { startPortal, type TestPortal } from '../helpers/portal.ts';
import { DEVICE, enrolmentOf, everyKind, makeEvent } from '../helpers/portal-events.ts';
import { changeStored, engine } from '../helpers/portal-store.ts';

const NOW = new Date('2026-09-03T13:00:00.000Z');
let portal: TestPortal;
let org: string;
beforeEach(async () => {
  portal = await startPortal({ now: () => NOW });
  org = await enrol('default');
});

async function enrol(name: string, device = DEVICE): Promise<string> {
  const { id } = await portal.store.organisation(name, '');
  await portal.store.agents.enrol(id, enrolmentOf(device) as never, '2026-09-03T12:00:00.000Z', 'test');
  await portal.credential(device, { org: name });
  return id;
}
const keep = (events: CapsuleEvent[], into = org, device = DEVICE) =>
  portal.store.events.ingest(into, device, events, NOW.toISOString());
const download = async (query: string, role: 'viewer' | 'admin' = 'viewer') => {
  const key = await portal.key({ role });
  const response = await fetch(`${portal.address}/api/exports/${query}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

describe('an export', () => {
  test('holds exactly what the filter counts, in the order of the list, however many', async () => {
    const events = Array.from({ length: 1_234 }, (_, n) =>
      makeEvent('tool.invoked', {
        time: new Date(Date.UTC(2026, 8, 1, 0, 0, n)).toISOString(),
        body: { result: '=1+1', success: n % 2 === 0 },
      }),
    );
    for (let at = 0; at < events.length; at += 400) await keep(events.slice(at, at + 400));
    await keep([makeEvent('tool.invoked', { time: '2026-09-03T11:00:00.000Z', body: { success: false } })]);
    const filter = 'kind=tool.invoked&success=true&to=2026-09-02T00:00:00Z';
    const wanted = events.filter((_, n) => n % 2 === 0).reverse();
    const lines = await download(`events?${filter}`);
    expect(
      lines.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(wanted);
    expect(lines.headers.get('content-disposition')).toBe(
      'attachment; filename="capsule-events-2026-09-03T13-00-00.jsonl"',
    );
    const rows = (await download(`events?format=csv&${filter}`)).text.trim().split('\r\n');
    expect(rows[0]).toMatch(/^time,kind,user,/);
    expect(rows.slice(1).map((row) => row.split(',')[0])).toEqual(wanted.map(({ time }) => time));
    expect(rows[1]).toContain(",'=1+1,");
    expect((await portal.read(`/api/counts?${filter}`)).body).toMatchObject({ count: wanted.length, exact: true });
  });

  test('is refused when its filter is not understood, and is itself an act that names it', async () => {
    await keep(everyKind());
    expect(await download('events?foo=1')).toMatchObject({ status: 400 });
    expect((await download('nonsense')).status).toBe(404);
    expect((await download('acts')).status).toBe(403);
    expect((await download('events?kind=turn.ended&format=csv')).status).toBe(200);
    const acts = (await download('acts', 'admin')).text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(acts.filter(({ act }) => act === 'exported').slice(0, 2)).toMatchObject([
      { act: 'exported', object: 'acts:jsonl?' },
      { act: 'exported', object: 'events:csv?kind=turn.ended&format=csv', actor: expect.stringMatching(/^key:/) },
    ]);
    expect((await download('sessions?format=csv')).text.split('\r\n')).toHaveLength(3);
    expect(JSON.parse((await download('agents')).text)).toMatchObject({ id: DEVICE, user: 'dev' });
  });
});

test('a search groups by session, the best place first, with the words where they stand', async () => {
  const inSession = (id: string) => ({ session: { ...makeEvent('turn.ended').session, id } });
  const tool = makeEvent('tool.invoked', { ...inSession('a'), body: { result: `${'x '.repeat(100)}needle here` } });
  const answer = makeEvent('agent.responded', { ...inSession('a'), body: { text: 'The needle' } });
  const prompt = makeEvent('prompt.submitted', { ...inSession('b'), body: { text: 'Find the\nNeedle' } });
  await keep([prompt, tool, answer, makeEvent('prompt.submitted')]);
  const { body } = await portal.read('/api/search?q=needle');
  const groups = body.groups as SearchGroup[];
  expect(groups.map(({ session, matches }) => [session.id, matches])).toEqual([
    ['b', 1],
    ['a', 2],
  ]);
  expect(groups[0]?.hits).toEqual([
    {
      ...{ event: prompt.id, kind: 'prompt.submitted', time: prompt.time, turn: 1 },
      ...{ field: 'prompt', text: 'Find the Needle', marks: [[9, 15]] },
    },
  ]);
  expect(groups[1]?.hits.map(({ field }) => field)).toEqual(['response', 'result']);
  const cut = groups[1]?.hits[1];
  expect(cut?.marks.map(([start, end]) => cut.text.slice(start, end))).toEqual(['needle']);
  expect(await portal.read('/api/search')).toMatchObject({ status: 200, body: { groups: [], matches: 0 } });
});

describe('the inventory', () => {
  const started = (day: number, workspace: string, body: Parameters<typeof makeEvent<'session.started'>>[1] = {}) =>
    makeEvent('session.started', {
      time: `2026-09-0${day}T10:00:00.000Z`,
      session: { ...makeEvent('turn.ended').session, id: `s-${day}-${workspace}` },
      workspace: { id: workspace, path: `/w/${workspace}`, name: workspace },
      ...body,
    });
  const [steering] = makeEvent('session.started').body.steering;
  if (steering === undefined) throw new Error('no steering');

  test('is turned round: who has what now, whatever order it came in', async () => {
    const before = started(1, 'one');
    const after = started(2, 'one', { body: { mcpServers: [], steering: [{ ...steering, sha256: 'b'.repeat(64) }] } });
    await keep([after, before, started(1, 'two')]);
    const held = async (part: string) => (await portal.read(`/api/inventory/${part}`)).body.items;
    expect(await held('mcpServer')).toMatchObject([{ name: 'docs', agents: 1, workspaces: 1, variants: 1 }]);
    expect(await held('steering')).toMatchObject([{ name: 'product.md', workspaces: 2, variants: 2 }]);
    const { holders } = (await portal.read('/api/inventory/mcpServer?name=docs')).body;
    expect(holders).toMatchObject([{ agent: { id: DEVICE, user: 'dev' }, workspace: '/w/two' }]);
    const agents = async (query: string) =>
      ((await portal.read(`/api/agents?${query}`)).body.agents as object[]).length;
    expect([await agents('mcp=docs'), await agents('mcp=jira'), await agents('skill=review')]).toEqual([1, 0, 1]);
    expect((await portal.read('/api/inventory/nonsense')).status).toBe(404);
  });

  test('tells what changed between sessions, with the hashes before and after', async () => {
    const changed = [
      { what: 'steering' as const, name: 'product.md', scope: 'workspace' as const, change: 'changed' as const },
    ];
    await keep([
      started(1, 'one'),
      started(2, 'one', { body: { steering: [{ ...steering, sha256: 'b'.repeat(64) }], changed } }),
    ]);
    const { body } = await portal.read(`/api/agents/${DEVICE}/changes`);
    expect(body).toMatchObject({
      changes: [
        {
          ...{ part: 'steering', name: 'product.md', change: 'changed', workspace: 'one', session: 's-2-one' },
          ...{ before: 'a'.repeat(64), after: 'b'.repeat(64) },
        },
      ],
      next: null,
    });
    expect((await portal.read('/api/agents/unknown/changes')).status).toBe(404);
    expect((await portal.read('/api/overview')).body).toMatchObject({
      changes: { steering: 1 },
      states: { reporting: 1 },
      fresh: expect.arrayContaining([expect.objectContaining({ field: 'mcp', value: 'docs' })]),
    });
  });
});

test('known values are offered by what is typed, and none of another organisation', async () => {
  await keep(everyKind());
  await keep([makeEvent('tool.invoked', { body: { name: 'their_tool' } })], await enrol('theirs'));
  const values = async (query: string) =>
    ((await portal.read(`/api/facets?${query}`)).body.values as { value: string }[]).map(({ value }) => value);
  expect(await values('field=tool')).toEqual(['execute_bash']);
  expect(await values('field=user&prefix=de')).toEqual(['dev']);
  expect(await values('field=agent&prefix=mbp')).toEqual([DEVICE]);
  expect(await values('field=tool&prefix=100%25')).toEqual([]);
  expect(await values('field=nonsense')).toEqual([]);
});

test('sums by hour add up to the events', async () => {
  await keep(everyKind());
  const { hours } = (await portal.read('/api/hours?range=7d')).body as { hours: { events: number; credits: number }[] };
  expect(hours.reduce((sum, { events }) => sum + events, 0)).toBe(7);
  expect(hours.reduce((sum, { credits }) => sum + credits, 0)).toBeCloseTo(0.8);
});

test('the state that lists filter by is the state they show', async () => {
  const seen = [null, '2026-09-03T12:59:00.000Z', '2026-09-03T11:00:00.000Z', '2026-08-01T00:00:00.000Z'];
  for (const [n, lastSeen] of seen.entries()) {
    for (const attention of [0, 1]) {
      const id = `d-${n}-${attention}`;
      await enrol('default', id);
      const heartbeat = {
        ...{ agentVersion: '1', kiro: [], attachments: { attached: 1, known: 4, remote: 0, missing: 0, excluded: 0 } },
        outbox: { events: 0, bytes: 0, oldest: null },
        health: attention ? [{ code: 'x', message: 'y' }] : [],
      };
      await portal.store.agents.heartbeat(org, id, heartbeat, NOW.toISOString());
      await changeStored(portal.folder, 'UPDATE agents SET last_seen_at = ? WHERE device_id = ?', lastSeen, id);
    }
  }
  await portal.store.agents.enrol(org, enrolmentOf('revoked') as never, NOW.toISOString(), 'test');
  const { items } = await portal.store.agents.list(org, {}, NOW, { limit: 100 });
  const states: Record<string, number> = {};
  for (const agent of items) {
    const state = agentState(agent, NOW);
    states[state] = (states[state] ?? 0) + 1;
    const { items: same } = await portal.store.agents.list(org, { tests: { state: { is: [state], not: [] } } }, NOW, {
      limit: 100,
    });
    expect(same.map(({ id }) => id)).toContain(agent.id);
  }
  expect(Object.keys(states).length).toBeGreaterThanOrEqual(5);
  expect(await portal.store.agents.states(org, {}, NOW)).toEqual(states);
  const sorted = (await portal.read('/api/agents?sort=-coverage&coverage=<50&limit=3')).body;
  expect(sorted).toMatchObject({ total: 8, agents: [{ id: 'd-3-1' }, { id: 'd-3-0' }, { id: 'd-2-1' }] });
});

test('how agents spread over versions and last sight is what the list finds for each, and of this organisation alone', async () => {
  const beat = async (id: string, agentVersion: string, kiro: unknown[], lastSeen: string | null) => {
    await enrol('default', id);
    const heartbeat = {
      ...{ agentVersion, kiro, attachments: { attached: 1, known: 1, remote: 0, missing: 0, excluded: 0 } },
      ...{ outbox: { events: 0, bytes: 0, oldest: null }, health: [] },
    };
    await portal.store.agents.heartbeat(org, id, heartbeat as never, NOW.toISOString());
    await changeStored(portal.folder, 'UPDATE agents SET last_seen_at = ? WHERE device_id = ?', lastSeen, id);
  };
  const [ide, cli] = [
    { generation: 'ide-1.x', version: '1.0.411' },
    { generation: 'cli-2', version: null },
  ];
  await beat('a', '0.2.0', [ide], '2026-09-03T12:30:00.000Z');
  await beat('b', '0.2.0', [ide, cli], '2026-09-03T00:30:00.000Z');
  await beat('c', '0.10.0', [cli], '2026-09-01T00:00:00.000Z');
  await beat('d', '0.10.0', [], '2026-08-01T00:00:00.000Z');
  await enrol('other', 'e');
  const { body } = await portal.read('/api/agents/spread?user=dev&bad=x');
  expect(body).toEqual({
    versions: [
      { version: '0.10.0', agents: 2 },
      { version: '0.2.0', agents: 2 },
      { version: '0.1.0', agents: 1 },
    ],
    kiro: [
      { ...ide, agents: 3 },
      { ...cli, agents: 2 },
    ],
    seen: { hour: 2, day: 1, week: 1, older: 1 },
    misunderstood: ['bad'],
  });
  const found = async (query: string) => (await portal.read(`/api/agents?${query}`)).body.total;
  for (const [name, agents] of Object.entries(body.seen as object)) expect(await found(`seen=${name}`)).toBe(agents);
  expect(await found('generation=ide-1.x&kiro=1.0.411')).toBe(3);
  expect((await portal.read('/api/agents/spread?seen=older')).body.versions).toEqual([
    { version: '0.10.0', agents: 1 },
  ]);
});

describe('the chain', () => {
  const edit = (sql: string) => changeStored(portal.folder, sql);
  const zeros = engine === 'sqlite' ? 'zeroblob(32)' : "decode(repeat('00', 32), 'hex')";
  const fault = async () => (await verifyChain(portal.store, org)).fault;

  test('holds events and acts in the order of their arrival, and fits what is stored', async () => {
    await keep(everyKind());
    await portal.store.note(org, { time: 't', actor: 'a', act: 'b', object: 'c' });
    await keep([makeEvent('turn.ended')], await enrol('theirs'));
    const report = await verifyChain(portal.store, org);
    expect(report).toMatchObject({ gone: 0, unchained: 0, fault: null, head: { position: report.links } });
    // Enrolled, issued a credential, seven events, a note.
    expect(report.links).toBe(10);
    expect((await portal.read('/api/chain')).body.head).toMatchObject({
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test.each([
    ["UPDATE events SET event = replace(event, 'npm test', 'npm fest') WHERE kind = 'tool.invoked'", 'content-changed'],
    ["UPDATE events SET received_at = '2020' WHERE kind = 'turn.ended'", 'content-changed'],
    ["UPDATE acts SET actor = 'nobody' WHERE act = 'enrolled'", 'content-changed'],
    ['DELETE FROM chain WHERE position = 5', 'link-missing'],
    ['DELETE FROM chain WHERE position = 1', 'link-missing'],
    [`UPDATE chain SET digest = ${zeros} WHERE position = 6`, 'hash-wrong'],
    [`UPDATE chain SET hash = ${zeros} WHERE position = 6`, 'hash-wrong'],
  ])('shows %s', async (sql, what) => {
    await keep(everyKind());
    await edit(sql);
    expect(await fault()).toMatchObject({ what });
  });

  test('counts what is gone and what stands beside it, and knows a head that was written down', async () => {
    await keep(everyKind());
    const { head } = await verifyChain(portal.store, org);
    if (head === null) throw new Error('no head');
    await keep([makeEvent('turn.ended')]);
    expect(await holdsHead(portal.store, org, head)).toBe(true);
    expect(await holdsHead(portal.store, org, { ...head, hash: 'f'.repeat(64) })).toBe(false);
    expect(await holdsHead(portal.store, org, { ...head, position: 999 })).toBe(false);
    // On PostgreSQL an event's place in the chain is its number, without which its link finds it no more.
    const [out, gone] = engine === 'sqlite' ? ['position = NULL', 1] : ['seq = seq + 1000', 3];
    await edit(`DELETE FROM events WHERE kind = 'capture.gap'; UPDATE events SET ${out} WHERE kind = 'turn.ended'`);
    expect(await verifyChain(portal.store, org)).toMatchObject({ gone, unchained: 2, fault: null });
  });
});
