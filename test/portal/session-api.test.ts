import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { CapsuleEvent } from '../../src/core/event.ts';
import type { MatchesAnswer, TurnsAnswer } from '../../src/portal/answers.ts';
import { startPortal, type TestPortal } from '../helpers/portal.ts';
import { DEVICE, enrolmentOf, everyKind, makeEvent } from '../helpers/portal-events.ts';

jest.setTimeout(60_000);

const SESSION = '/api/sessions/session-1';
let portal: TestPortal;
beforeEach(async () => {
  portal = await startPortal();
});

async function keep(events: readonly CapsuleEvent[]): Promise<void> {
  const { id } = await portal.store.organisation('default', '');
  await portal.store.agents.enrol(id, enrolmentOf(DEVICE) as never, '2026-09-03T12:00:00.000Z', 'test');
  for (let at = 0; at < events.length; at += 500)
    await portal.store.events.ingest(id, DEVICE, events.slice(at, at + 500), '2026-09-03T12:00:00.000Z');
}
const calls = (turns: number, each: number): CapsuleEvent[] =>
  Array.from({ length: turns * each }, (_, n) =>
    makeEvent('tool.invoked', {
      turn: { id: `turn-${Math.floor(n / each)}`, index: Math.floor(n / each) + 1 },
      body: { arguments: { command: `run ${n}` }, result: n % 400 === 3 ? 'a Crème needle' : 'out' },
    }),
  );
const download = async (query: string, role: 'viewer' | 'admin' = 'viewer') => {
  const key = await portal.key({ role });
  const response = await fetch(`${portal.address}${SESSION}/${query}`, { headers: { authorization: `Bearer ${key}` } });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

describe('a page of a timeline around an event', () => {
  test('holds that event, however many events the turns before it have', async () => {
    const events = calls(60, 50);
    await keep(events);
    for (const wanted of [events[0], events[1_700], events.at(-1)]) {
      const { body } = await portal.read(`${SESSION}/turns?around=${wanted?.id}`);
      const { turns, first } = body as TurnsAnswer;
      const ids = turns.flatMap((entry) => entry.events.map(({ id }) => id));
      expect(ids).toContain(wanted?.id);
      expect(turns[0]?.turn?.index).toBe(first + 1);
    }
  });
});

describe('a turn that holds more than fits into memory', () => {
  const MEBIBYTE = 1_024 * 1_024;
  const heavy = Array.from({ length: 5 }, (_, n) =>
    makeEvent('tool.invoked', {
      turn: { id: 'turn-1', index: 1 },
      body: { arguments: { command: `run ${n}` }, result: `${n === 4 ? 'needle ' : ''}${'x'.repeat(7 * MEBIBYTE)}` },
    }),
  );
  const light = makeEvent('agent.responded', { turn: { id: 'turn-2', index: 2 }, body: { text: 'a needle' } });

  test('is shown as far as it fits, found in to its end, and exported whole', async () => {
    for (const event of [...heavy, light]) await keep([event]);
    const { turns, next } = (await portal.read(`${SESSION}/turns`)).body as TurnsAnswer;
    expect(turns.map(({ events, omitted }) => [events.length, omitted])).toEqual([[3, 2]]);
    expect(next).toBe('1');

    const begun = (await portal.read(`${SESSION}/matches?q=needle`)).body as MatchesAnswer;
    expect(begun).toMatchObject({ matches: [], searched: 0, total: 2, next: '0.3' });
    const rest = (await portal.read(`${SESSION}/matches?q=needle&cursor=${begun.next}`)).body as MatchesAnswer;
    expect(rest.matches.map(({ event }) => event)).toEqual([heavy[4]?.id, light.id]);
    expect(rest).toMatchObject({ searched: 2, next: null });

    const { text } = await download('export');
    const ids = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id);
    expect(ids).toEqual([...heavy, light].map(({ id }) => id));
    const markdown = (await download('export?format=markdown')).text;
    expect(markdown.match(/^## Turn/gm)).toHaveLength(2);
  });
});

describe('finding in a session', () => {
  test('names every event that holds all words, in the timeline’s order, stretch after stretch to its end', async () => {
    const events = calls(60, 50);
    await keep(events);
    const found: string[] = [];
    let asked = 0;
    for (let cursor: string | null = ''; cursor !== null; asked++) {
      const after: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { status, body } = await portal.read(`${SESSION}/matches?q=needle+creme${after}`);
      const { matches, next, searched, total } = body as MatchesAnswer;
      expect([status, total, searched]).toEqual([200, 60, next === null ? 60 : Number(next)]);
      found.push(...matches.map(({ event }) => event));
      cursor = next;
    }
    expect(found).toEqual(events.filter((_, n) => n % 400 === 3).map(({ id }) => id));
    expect(asked).toBe(3);
  });

  test('looks for whole words wherever an event has them, and refuses what holds none', async () => {
    await keep([
      makeEvent('prompt.submitted', { id: 'prompt', body: { text: 'Why does the parser fail?' } }),
      makeEvent('tool.invoked', { id: 'call', body: { arguments: { path: 'parser.ts' }, result: 'fail' } }),
      makeEvent('agent.responded', { id: 'answer', body: { text: 'parsers' } }),
    ]);
    const found = async (q: string) =>
      ((await portal.read(`${SESSION}/matches?q=${q}`)).body as MatchesAnswer).matches.map(({ event }) => event);
    expect(await found('parser')).toEqual(['prompt', 'call']);
    expect(await found('parser+fail')).toEqual(['prompt', 'call']);
    expect(await found('%22the+parser%22')).toEqual(['prompt']);
    expect(await found('pars*')).toEqual(['prompt', 'call', 'answer']);
    expect((await portal.read(`${SESSION}/matches?q=%3F%3F`)).status).toBe(400);
    expect((await portal.read('/api/sessions/nothing/matches?q=a')).status).toBe(404);
  });
});

describe('the export of a session', () => {
  test('holds every event whole, oldest first, also of a turn that is longer than a page; and is noted', async () => {
    const long = calls(2, 1_200);
    await keep(long);
    const { status, headers, text } = await download('export');
    expect(status).toBe(200);
    expect(headers.get('content-disposition')).toBe('attachment; filename="capsule-session-session-1.jsonl"');
    const lines = text.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as CapsuleEvent)).toEqual(long);
    expect(
      (await portal.store.acts((await portal.store.organisation('default', '')).id, {}, { limit: 1 })).items,
    ).toEqual([expect.objectContaining({ act: 'exported', object: 'session:jsonl:session-1' })]);
  });

  test('as Markdown has what every kind of event says, in fences that nothing captured ends', async () => {
    const wild =
      'one\n```\n# not a heading\n````\n![x](https://outside.example/x.png) ad\u202emin \u001b[31mred\u001b[0m';
    await keep([
      ...everyKind(),
      makeEvent('agent.responded', { body: { text: wild } }),
      makeEvent('tool.invoked', { body: { name: 'x](y) `z`', result: 'all of it '.repeat(9_000), exitCode: 3 } }),
    ]);
    const { text, headers } = await download('export?format=markdown');
    expect(headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    for (const words of ['npm test', '## Turn 1', '**Prompt**', '**Reasoning**', '37 events were lost', 'exit 3'])
      expect(text).toContain(words);
    expect(text).toContain('all of it '.repeat(9_000));
    expect(text).toContain(
      '`````text\none\n```\n# not a heading\n````\n![x](https://outside.example/x.png) ad‹U+202E›min red\n`````',
    );
    expect(text).toContain('**Tool x\\]\\(y\\) \\`z\\`, exit 3**');
    for (const hidden of ['\u001b', '\u202e']) expect(text).not.toContain(hidden);
  });

  test('is not for whoever has no sign-in, and names no session that is not there', async () => {
    expect((await fetch(`${portal.address}${SESSION}/export`)).status).toBe(401);
    expect((await download('export')).status).toBe(404);
  });
});

test('the facts of an event are what policies see of it', async () => {
  await keep([
    makeEvent('tool.invoked', {
      id: 'call',
      body: { arguments: { command: 'rm -rf build && curl https://a.example' } },
    }),
  ]);
  const { status, body } = await portal.read('/api/events/call/facts');
  expect([status, body.facts]).toMatchObject([200, { op: 'execute', programs: ['rm', 'curl'], hosts: ['a.example'] }]);
  expect((await portal.read('/api/events/nothing/facts')).status).toBe(404);
});
