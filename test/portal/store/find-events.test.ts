import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CapsuleEvent } from '../../../src/core/event.ts';
import { EVENT_GRAMMAR } from '../../../src/portal/filter/grammar.ts';
import { readFilter } from '../../../src/portal/filter/read-filter.ts';
import type { PortalStore } from '../../../src/portal/store/store.ts';
import { DEVICE, enrolmentOf, makeEvent } from '../../helpers/portal-events.ts';
import { openTestStore } from '../../helpers/portal-store.ts';
import { tempFolder } from '../../helpers/temp-home.ts';

const AT = '2026-09-03T13:00:00.000Z';
const NOW = new Date(AT);
let store: PortalStore;
let org: string;
beforeEach(async () => {
  store = await openTestStore(tempFolder());
  org = (await store.organisation('default', AT)).id;
  await store.agents.enrol(org, enrolmentOf() as never, AT, 'test');
});
afterEach(async () => store.close());

const filterOf = (query: string) => readFilter(EVENT_GRAMMAR, new URLSearchParams(query), NOW).filter;
const keep = (events: CapsuleEvent[], into = org) => store.events.ingest(into, DEVICE, events, AT);
const found = async (query: string, into = org) =>
  (await store.events.list(into, filterOf(query), { limit: 50, maxBytes: 1e9 })).items.map(({ event }) => event.id);

describe('a filter', () => {
  test('finds events by each of its fields, by "not" and by several values', async () => {
    const prompt = makeEvent('prompt.submitted', { time: '2026-09-03T10:00:00.000Z' });
    const failed = makeEvent('tool.invoked', {
      time: '2026-09-03T10:00:01.000Z',
      body: { success: false, exitCode: 137, durationMs: 9_000 },
      redactions: [{ rule: 'aws-access-key-id', field: '/body/result', count: 1, hash: 'x' }],
    });
    const mcp = makeEvent('tool.invoked', {
      time: '2026-09-03T10:00:02.000Z',
      body: { name: 'create_issue', mcpServer: 'jira', exitCode: null, success: null },
      session: { ...prompt.session, id: 'session-2', generation: 'ide-0.x', model: 'opus' },
      device: { ...prompt.device, user: 'ana' },
      workspace: { id: 'ffff', path: '/w/api', name: 'api' },
    });
    await keep([prompt, failed, mcp]);
    const [p, f, m] = [prompt.id, failed.id, mcp.id];
    const cases: [string, string[]][] = [
      ['', [m, f, p]],
      ['kind=tool.invoked', [m, f]],
      ['kind=-tool.invoked', [p]],
      ['user=ana', [m]],
      ['user=-ana', [f, p]],
      [`agent=${DEVICE}`, [m, f, p]],
      ['agent=nobody', []],
      ['workspace=api', [m]],
      ['workspace=ffff', [m]],
      ['workspace=-api', [f, p]],
      ['tool=execute_bash', [f]],
      ['tool=execute_bash&tool=create_issue', [m, f]],
      ['tool=-execute_bash', [m, p]],
      ['mcp=jira', [m]],
      ['success=false', [f]],
      ['exit=nonzero', [f]],
      ['exit=137', [f]],
      ['exit=>=100&exit=-137', []],
      ['duration=>5000', [f]],
      ['redaction=aws-access-key-id', [f]],
      ['redaction=aws', []],
      ['model=opus', [m]],
      ['generation=ide-0.x', [m]],
      ['has=failure', [f]],
      ['has=redaction', [f]],
      ['has=detection', []],
      ['session=session-2', [m]],
      ['from=2026-09-03T10:00:01Z&to=2026-09-03T10:00:01Z', [f]],
      ['q=parser', [p]],
      ['q=pars', []],
      ['q=pars*', [p]],
      ['q=EXECUTE_bash+test', [f]],
      ['q="npm test"&kind=prompt.submitted', []],
      ['q=create_issue&has=failure', []],
    ];
    for (const [query, ids] of cases) expect([query, await found(query)]).toEqual([query, ids]);
    expect(await store.events.count(org, filterOf('kind=tool.invoked'), 10)).toEqual({
      count: 2,
      exact: true,
      searchedTo: null,
    });
    expect(await store.events.count(org, filterOf('user=dev'), 1)).toMatchObject({ count: 1, exact: false });
  });

  test('finds words only where they are, and never in another organisation', async () => {
    const other = (await store.organisation('theirs', AT)).id;
    const events = [
      makeEvent('prompt.submitted', { body: { text: 'Grüße an "alle"' } }),
      makeEvent('agent.responded', { body: { text: `org_word ${other}` } }),
      makeEvent('tool.invoked', {
        body: { arguments: { deep: [{ path: '~/.aws/credentials' }] }, result: 'left\nright' },
      }),
      makeEvent('session.started'),
    ];
    await keep(events);
    await keep([makeEvent('prompt.submitted', { body: { text: 'their secret' } })], other);
    const ids = events.map(({ id }) => id);
    expect(await found('q=gruße')).toEqual([ids[0]]);
    expect(await found('q="an alle"')).toEqual([ids[0]]);
    expect(await found('q=.aws/credentials')).toEqual([ids[2]]);
    expect(await found('q=right')).toEqual([ids[2]]);
    expect(await found('q=docs-server')).toEqual([ids[3]]);
    expect(await found('q=secret')).toEqual([]);
    // The organisation's own mark in the index is no text of an event.
    expect(await found(`q=${org}`)).toEqual([]);
    expect(await found('q=secret', other)).toHaveLength(1);
    expect(await found('q=) OR org : x')).toEqual([]);
  });
});

describe('a beginning', () => {
  const said = (text: string) => makeEvent('prompt.submitted', { body: { text } });

  test('of few words and one of very many find the same as each word would', async () => {
    // Three hundred words begin with "banan", three with "banane"; the index knows "bana".
    const many = Array.from({ length: 300 }, (_, n) => said(`Banan${n} split`));
    const few = ['banane', 'Bananen', 'bananenbrot'].map((word) => said(`one ${word} more`));
    const none = [said('banabc'), said('a banan-less text with banalities')];
    await keep([...many, ...few, ...none]);
    const all = async (query: string) =>
      (await store.events.list(org, filterOf(query), { limit: 1_000, maxBytes: 1e9 })).items.map(
        ({ event }) => event.id,
      );
    const ids = (events: CapsuleEvent[]) => events.map(({ id }) => id).sort();
    expect((await all('q=banane*')).sort()).toEqual(ids(few));
    expect((await all('q=banan*')).sort()).toEqual(ids([...many, ...few, ...none.slice(1)]));
    expect((await all('q=bana*')).sort()).toEqual(ids([...many, ...few, ...none]));
    expect((await all('q=banan*+split')).sort()).toEqual(ids(many));
    expect((await all('q=one.banan*')).sort()).toEqual(ids(few));
    expect(await all('q=one.banan*+split')).toEqual([]);
    expect(await all('q=banani*')).toEqual([]);
  });
});

describe('a walk', () => {
  const many = (apart = 86_400_000) =>
    Array.from({ length: 60 }, (_, n) =>
      makeEvent('prompt.submitted', {
        time: new Date(Date.parse('2026-01-01T00:00:00Z') + n * apart).toISOString(),
        device: { id: DEVICE, os: 'linux', user: n % 7 === 0 ? 'ana' : 'dev' },
      }),
    );

  test('for words that each stand in thousands of events finds where they stand together, and ends where they never do', async () => {
    const texts = Array.from({ length: 4_400 }, (_, n) => (n % 2 ? 'left' : 'right'));
    const said = texts.map((text) => makeEvent('prompt.submitted', { body: { text } }));
    const both = [100, 4_000].map((n) =>
      makeEvent('prompt.submitted', { ...said[n], id: `both-${n}`, body: { text: 'right, then left' } }),
    );
    await keep(said);
    expect(await found('q=left+right')).toEqual([]);
    await keep(both);
    expect((await found('q=left+right')).sort()).toEqual(['both-100', 'both-4000']);
    expect(await found('q="right+then"+left')).toHaveLength(2);
    expect(await found('q=left')).toHaveLength(50);
  }, 30_000);

  test('that runs out of time says down to where it looked, and going on finds the rest, each once', async () => {
    // Without time, each answer is one window further.
    const events = many(3_600_000);
    await keep(events);
    const seen: string[] = [];
    let rounds = 0;
    for (let after: string | undefined; ; rounds++) {
      const page = await store.events.list(org, filterOf('user=ana'), { limit: 2, maxBytes: 1e9, budgetMs: 0, after });
      seen.push(...page.items.map(({ event }) => event.id));
      if (page.next === null) break;
      after = page.next;
    }
    const wanted = events.filter(({ device }) => device.user === 'ana').map(({ id }) => id);
    expect(seen).toEqual(wanted.reverse());
    expect(rounds).toBeGreaterThan(3);
  });

  test('counts what it saw and says when that is not all', async () => {
    await keep(many());
    const count = await store.events.count(org, filterOf('user=ana'), 100, 0);
    expect(count.exact).toBe(false);
    expect(Date.parse(count.searchedTo ?? '')).toBeLessThan(Date.parse('2026-03-01'));
    expect(await store.events.count(org, filterOf('user=ana'), 100)).toMatchObject({ count: 9, exact: true });
  });

  test('ends a page by bytes and goes on behind it', async () => {
    const events = many();
    await keep(events);
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await store.events.list(org, {}, { limit: 50, maxBytes: 3_000, after });
      seen.push(...page.items.map(({ event }) => event.id));
      if (page.next === null) break;
      after = page.next;
    }
    expect(seen).toEqual(events.map(({ id }) => id).reverse());
  });
});

test('bars are the same from the sums by hour and from the events themselves', async () => {
  const events = Array.from({ length: 30 }, (_, n) =>
    makeEvent('tool.invoked', {
      time: new Date(Date.parse('2026-09-03T00:00:00Z') + n * 1_000_000).toISOString(),
      body: { success: n % 3 !== 0 },
    }),
  );
  await keep(events);
  const summed = await store.events.bars(org, filterOf('kind=tool.invoked'), NOW);
  expect(summed.summed).toBe(true);
  expect(summed.bars.reduce((sum, bar) => sum + bar.events, 0)).toBe(30);
  expect(summed.bars.reduce((sum, bar) => sum + bar.failures, 0)).toBe(10);
  // However busy the machine is, it may look to the end.
  const counted = await store.events.bars(org, filterOf('kind=tool.invoked&user=dev'), NOW, 60_000);
  expect(counted).toEqual({ ...summed, summed: false });
  const fine = await store.events.bars(org, filterOf('from=2026-09-03T00:00:00Z&to=2026-09-03T01:00:00Z'), NOW, 60_000);
  expect(fine).toMatchObject({ barMs: 600_000, bars: [{ start: '2026-09-03T00:00:00.000Z', events: 1 }, {}, {}, {}] });
});
