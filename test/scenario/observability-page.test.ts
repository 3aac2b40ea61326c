import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { loadPage } from '../../src/portal/page-files.ts';
import type { Judgement } from '../../src/portal/policies/judge.ts';
import { readyRules } from '../../src/portal/policies/rule-set.ts';
import { missingBrowser } from '../helpers/browser.ts';
import { until } from '../helpers/machine.ts';
import { startPortal, type TestPortal } from '../helpers/portal.ts';
import { DEVICE, enrolmentOf, everyKind, makeEvent } from '../helpers/portal-events.ts';
import { seriousFaults, signedIn } from '../helpers/portal-page.ts';

/** The numbers are those of the list of acceptance checks for the portal's pages. */
const withBrowser = missingBrowser === undefined ? test : test.skip;
if (missingBrowser !== undefined) process.stderr.write(`\nThe page is NOT tested in a browser. ${missingBrowser}\n`);
const NOW = Date.now();

async function portalWith(events: CapsuleEvent[], device = DEVICE): Promise<TestPortal> {
  const portal = await startPortal({ page: loadPage() });
  const org = (await portal.store.organisation('default', '')).id;
  await portal.store.agents.enrol(org, enrolmentOf(device) as never, new Date().toISOString(), 'test');
  await portal.credential(device);
  // Stored as they are: what policies find in them is not what is looked at here, and judging takes most of the time.
  const judging = { ready: () => ({ rules: NO_RULES, refused: [] }), judge: () => NOTHING };
  for (let at = 0; at < events.length; at += 1_000) {
    await portal.store.events.ingest(org, device, events.slice(at, at + 1_000), new Date().toISOString(), judging);
  }
  return portal;
}
const NO_RULES = readyRules([]).rules;
const NOTHING: Judgement = {
  ...{ findings: [], marks: [], failures: [], slow: [], unjudged: [] },
  ...{ sound: new Set(), failing: new Map() },
};

async function keep(portal: TestPortal, events: CapsuleEvent[]): Promise<void> {
  const response = await fetch(`${portal.address}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await portal.credential(DEVICE)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ events }),
  });
  expect(await response.json()).toMatchObject({ accepted: events.length });
}
const recent = (minutesAgo: number) => ({ time: new Date(NOW - minutesAgo * 60_000).toISOString() });
const calls = (count: number, from = 0): CapsuleEvent[] =>
  Array.from({ length: count }, (_, n) =>
    makeEvent('tool.invoked', {
      ...recent(from + n / 10),
      session: { ...makeEvent('turn.ended').session, id: `session-${n % 40}` },
      turn: { id: `turn-${n % 40}`, index: 1 },
      body: { success: n % 3 !== 0, exitCode: n % 3 === 0 ? 1 : 0, arguments: { command: `run ${n}` } },
    }),
  );
/** How many the list says it has. */
const counted = (page: Page, words: string) => page.locator('.page-head').getByText(words, { exact: true });
const rowsOf = (page: Page) => page.locator('.row-link').evaluateAll((links) => links.map(({ id }) => id));

beforeAll(() => {
  loadPage();
});

describe('every list', () => {
  withBrowser(
    '1, 5: is its address: a copy of it shows the same rows, chips and order, and names what it does not understand',
    async () => {
      const portal = await portalWith(calls(400));
      const first = await signedIn(portal);
      for (const address of [
        '/audit?range=7d&kind=tool.invoked&success=false&tool=execute_bash&foo=1&exit=abc',
        '/observability/sessions?sort=-turns&activity=tool&user=dev&has=failure&limit=25&foo=1&exit=abc',
      ]) {
        await first.page.goto(portal.address + address);
        await first.page.getByText('2 filters in this link were not understood').waitFor();
        for (const named of ['foo', 'exit=abc']) await first.page.locator('code', { hasText: named }).waitFor();
        await first.page.getByRole('link', { name: 'Next page' }).click();
        await first.page.waitForURL(/cursor=/);
        await first.page.getByRole('link', { name: 'First page' }).waitFor();
        const second = await signedIn(portal);
        await second.page.goto(first.page.url());
        await second.page.locator('.row-link').first().waitFor();
        expect(await rowsOf(second.page)).toEqual(await rowsOf(first.page));
        expect(await second.page.locator('.filters').textContent()).toBe(
          await first.page.locator('.filters').textContent(),
        );
        expect(second.problems).toEqual([]);
      }
      expect(first.problems).toEqual([]);
    },
    60_000,
  );

  withBrowser(
    '2: gives back scroll, focus and rows on Back, without asking for the rows again',
    async () => {
      const portal = await portalWith(calls(200));
      const { page, problems } = await signedIn(portal);
      await page.goto(`${portal.address}/observability/sessions`);
      const link = page.locator('.row-link').nth(30);
      await link.scrollIntoViewIfNeeded();
      const id = await link.getAttribute('id');
      const scroll = await page.evaluate('scrollY');
      await link.focus();
      await page.keyboard.press('Enter');
      await page.getByRole('article').first().waitFor();
      const asked: string[] = [];
      page.on('request', (request) => asked.push(new URL(request.url()).pathname));
      await page.goBack();
      await page.locator(`[id="${id}"]:focus`).waitFor();
      expect(Math.abs(Number(await page.evaluate('scrollY')) - Number(scroll))).toBeLessThanOrEqual(2);
      expect(asked).not.toContain('/api/sessions');
      expect(problems).toEqual([]);
    },
    30_000,
  );

  withBrowser(
    '19: does not move when events arrive; it says how many, and shows them when asked',
    async () => {
      const portal = await portalWith(calls(200, 5));
      const { page, problems } = await signedIn(portal);
      await page.goto(`${portal.address}/audit`);
      await page.locator('.row-link').nth(40).scrollIntoViewIfNeeded();
      const before = [await rowsOf(page), await page.evaluate('scrollY')];
      await keep(portal, calls(20));
      const news = page.getByRole('button', { name: /20 events? .*Show/ });
      await news.waitFor();
      expect([await rowsOf(page), await page.evaluate('scrollY')]).toEqual(before);
      await news.click();
      await until(async () => (await rowsOf(page))[0] !== (before[0] as string[])[0], 'the new rows');
      expect(problems).toEqual([]);
    },
    30_000,
  );
});

describe('the audit logs', () => {
  withBrowser(
    'open an event beside the list with its JSON and its place in the chain, and filter by its values',
    async () => {
      const portal = await portalWith([
        ...everyKind().map((event, n) => ({ ...event, ...recent(n) })),
      ] as CapsuleEvent[]);
      const { page, problems } = await signedIn(portal);
      await page.goto(`${portal.address}/audit`);
      await counted(page, '7 events').waitFor();
      await page
        .getByRole('row', { name: /execute_bash/ })
        .getByRole('link')
        .click();
      const panel = page.getByRole('complementary', { name: 'Event' });
      await panel.getByText('"npm test"').waitFor();
      await panel.getByText(/^link \d+$/).waitFor();
      expect(page.url()).toContain('e=event-');
      await page.keyboard.press('Escape');
      await panel.waitFor({ state: 'detached' });
      await page.goBack();
      await panel.getByRole('link', { name: 'not this Tool' }).click();
      await counted(page, '6 events').waitFor();
      await page.getByRole('link', { name: 'Include Tool execute_bash' }).click();
      await counted(page, '1 event').waitFor();
      await page.keyboard.press('f');
      await page.getByLabel('Field').selectOption('success');
      await page.getByLabel('Value').selectOption('false');
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByText('No events match in this time').waitFor();
      await page.getByRole('link', { name: 'take all filters away' }).click();
      await counted(page, '7 events').waitFor();
      expect(problems).toEqual([]);
    },
    30_000,
  );

  withBrowser(
    '23: export exactly what the filter counts, more than 10,000 of it, in UTC, and note that it was done',
    async () => {
      const portal = await portalWith(calls(12_345));
      const { page, problems } = await signedIn(portal);
      await page.goto(`${portal.address}/audit?range=7d&success=true`);
      await counted(page, '8\u202f230 events').waitFor();
      for (const [label, count] of [
        ['JSON Lines', 8_230],
        ['CSV', 8_231],
      ] as const) {
        await page.locator('summary', { hasText: 'Export' }).click();
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('link', { name: label }).click(),
        ]);
        const lines = readFileSync(await download.path(), 'utf8')
          .trim()
          .split('\n');
        expect(lines).toHaveLength(count);
        expect(lines.at(-1)).toMatch(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/);
        await page.locator('summary', { hasText: 'Export' }).click();
      }
      await page.goto(`${portal.address}/audit?range=7d`);
      await counted(page, '10\u202f000+ events').waitFor();
      await page.getByRole('link', { name: 'Administration' }).click();
      await page.getByRole('cell', { name: 'exported' }).first().waitFor();
      expect(problems).toEqual([]);
    },
    60_000,
  );
});

withBrowser(
  '22: state counts of agents add up, and each leads to exactly those; at most 100 rows of many are drawn',
  async () => {
    const portal = await portalWith([]);
    const org = (await portal.store.organisation('default', '')).id;
    for (let n = 0; n < 150; n++) {
      await portal.store.agents.enrol(org, enrolmentOf(`d-${n}`) as never, new Date().toISOString(), 'test');
      if (n % 3 > 0) await portal.credential(`d-${n}`);
    }
    const { page, problems } = await signedIn(portal);
    await page.goto(`${portal.address}/inventory/agents`);
    await page.getByRole('link', { name: '151 agents' }).waitFor();
    expect(await page.locator('tbody tr').count()).toBe(50);
    await page.getByRole('link', { name: '50 Revoked' }).click();
    await page.getByText('50 agents of 50').waitFor();
    await page.getByRole('link', { name: '101 Enrolled' }).click();
    await page.getByText('50 agents of 101').waitFor();
    await page.getByText('Versions and last seen').click();
    await page.getByRole('cell', { name: '101' }).first().waitFor();
    await page.getByRole('link', { name: '1.0.411 (ide-1.x)' }).click();
    await page.getByText('50 agents of 101').waitFor();
    expect(new URL(page.url()).search).toBe('?state=waiting&generation=ide-1.x&kiro=1.0.411');
    expect(problems).toEqual([]);
  },
  30_000,
);

withBrowser(
  '24: a search finds one word among many, and leads to it with the word marked',
  async () => {
    const wanted = makeEvent('prompt.submitted', { ...recent(4), body: { text: 'Where is the xylophone?' } });
    const portal = await portalWith([...calls(2_000), wanted]);
    const { page, problems } = await signedIn(portal);
    await page.keyboard.press('g');
    await page.keyboard.press('f');
    await page.getByText('Search every conversation').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('xylo*');
    await page.locator('.hit-link mark', { hasText: 'xylophone' }).click();
    await page.locator(`[id="e-${wanted.id}"]:focus`).waitFor();
    await until(async () => (await page.evaluate("CSS.highlights.get('found')?.size")) === 1, 'the word to be marked');
    expect(problems).toEqual([]);
  },
  30_000,
);

withBrowser(
  '25: times follow the zone that was chosen, and addresses do not',
  async () => {
    const time = '2026-10-25T00:30:00.000Z';
    const portal = await portalWith([makeEvent('prompt.submitted', { time })]);
    for (const [zone, words] of [
      ['Asia/Kathmandu', '25 Oct 2026 06:15:00.000'],
      ['Europe/Berlin', '25 Oct 2026 02:30:00.000'],
    ] as const) {
      const { page, problems } = await signedIn(portal, { timezone: zone });
      await page.goto(`${portal.address}/audit?range=all`);
      await page.getByText(words).waitFor();
      await page
        .getByText(/^Times in|Times in (Asia|Europe)/)
        .first()
        .waitFor();
      const url = page.url();
      await page.keyboard.press('t');
      await page.getByText('25 Oct 2026 00:30:00.000').waitFor();
      await page.getByText('Times in UTC').waitFor();
      expect(page.url()).toBe(url);
      expect(problems).toEqual([]);
    }
  },
  30_000,
);

const PAGES = [
  '/',
  '/audit?range=all',
  '/audit?range=all&kind=tool.invoked&foo=1',
  '/audit/administration',
  '/observability/search?q=parser',
  '/observability/charts?range=all',
  '/observability/sessions',
  '/inventory/agents',
  `/inventory/agents/${DEVICE}`,
  `/inventory/agents/${DEVICE}/changes`,
  `/inventory/agents/${DEVICE}/activity`,
  '/inventory/mcp-servers',
  '/inventory/mcp-servers?name=docs',
];

describe('29: no page has a serious fault for who cannot see or use a mouse, nor scrolls sideways', () => {
  let portal: TestPortal | undefined;
  let empty: TestPortal | undefined;
  afterAll(() => {
    portal = undefined;
    empty = undefined;
  });
  withBrowser.each([
    ['light', { width: 1280 }],
    ['dark', { width: 1280, dark: true }],
    ['narrow', { width: 320 }],
  ])(
    '%s',
    async (_name, options) => {
      portal = await portalWith(everyKind());
      empty = await startPortal({ page: loadPage() });
      const found: string[] = [];
      for (const each of [portal, empty]) {
        const { page, problems } = await signedIn(each, { ...options, bypassCsp: true });
        for (const address of PAGES) {
          await page.goto(each.address + address);
          await page.locator('h1, .empty h2').first().waitFor();
          await page.locator('[aria-busy]').first().waitFor({ state: 'detached' });
          found.push(...(await seriousFaults(page)).map((fault) => `${address}: ${fault}`));
          const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
          if (Number(over) > 0) found.push(`${address}: ${over} px too wide`);
        }
        expect(problems.filter((problem) => !problem.includes('404'))).toEqual([]);
      }
      expect(found).toEqual([]);
    },
    90_000,
  );
});

withBrowser(
  '30: an empty organisation is told what to do on each page; a portal that fails is said in place, filters kept',
  async () => {
    const portal = await startPortal({ page: loadPage() });
    const { page } = await signedIn(portal);
    for (const [address, words] of [
      ['/', 'No agents yet'],
      ['/audit', 'Nothing has arrived yet'],
      ['/observability/sessions', 'No sessions yet'],
      ['/observability/charts', 'Nothing happened in this time'],
      ['/inventory/agents', 'No agents yet'],
      ['/inventory/skills', 'No skill is known'],
    ] as const) {
      await page.goto(portal.address + address);
      await page.getByRole('heading', { name: words }).waitFor();
      expect(await page.locator('.bars').count()).toBe(0);
    }
    await page.route('**/api/events*', (route) => route.fulfill({ status: 500, body: '{}' }));
    await page.goto(`${portal.address}/audit?kind=tool.invoked`);
    await page.getByRole('alert').getByRole('button', { name: 'Try again' }).waitFor();
    await page.locator('.filter', { hasText: 'tool.invoked' }).waitFor();
  },
  60_000,
);
