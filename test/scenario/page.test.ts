import { beforeAll, describe, expect, test } from '@jest/globals';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { loadPage } from '../../src/portal/page-files.ts';
import { missingBrowser, openPage } from '../helpers/browser.ts';
import { startPortal, type TestPortal } from '../helpers/portal.ts';
import { DEVICE, enrolmentOf, everyKind, makeEvent } from '../helpers/portal-events.ts';
import { signedIn } from '../helpers/portal-page.ts';

/** Said by name in the report, so that a run without a browser does not pass for one with. */
const withBrowser = missingBrowser === undefined ? test : test.skip;
if (missingBrowser !== undefined) process.stderr.write(`\nThe page is NOT tested in a browser. ${missingBrowser}\n`);

const HOSTILE =
  '<img src=https://outside.example/x.png onerror=alert(1)><script>alert(2)</script> ad\u202emin [redacted:typed:12345678]';

const post = (portal: TestPortal, path: string, bearer: string, body: object) =>
  fetch(portal.address + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

async function send(portal: TestPortal, events: CapsuleEvent[]): Promise<void> {
  const answer = await post(portal, '/v1/events', await portal.credential(DEVICE), { events });
  expect(await answer.json()).toMatchObject({ accepted: events.length, rejected: [] });
}

async function portalWithAgent(): Promise<TestPortal> {
  const portal = await startPortal({ page: loadPage() });
  await post(portal, '/v1/enroll', await portal.code(), enrolmentOf());
  return portal;
}

beforeAll(() => {
  loadPage();
});

describe('the page in a browser', () => {
  withBrowser(
    'signs in by a link that works once, and leads from the agent to its session with every kind of event',
    async () => {
      const portal = await portalWithAgent();
      await send(portal, everyKind());
      const link = await portal.link();
      const { page, problems } = await openPage(portal.address);

      await page.goto(portal.address);
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      await page.goto(link);
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      expect(page.url()).toBe(`${portal.address}/`);
      expect(await page.evaluate('document.cookie')).toBe('');

      await page.goto(`${portal.address}/inventory/agents`);
      await page.getByRole('link', { name: 'dev', exact: true }).waitFor();

      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'dev on mbp-14' }).waitFor();
      await page.getByRole('link', { name: 'Inventory' }).click();
      await page.getByRole('heading', { name: /MCP servers 1/ }).waitFor();
      await page.getByRole('navigation', { name: 'Of this agent' }).getByRole('link', { name: 'Sessions' }).click();
      await page.getByRole('link', { name: 'Fix the parser' }).click();

      for (const kind of [
        ...['Session started', 'Prompt', 'Reasoning', 'Tool execute_bash, exit 0'],
        ...['Response', 'Turn ended', 'Gap'],
      ]) {
        await page.getByRole('article', { name: kind, exact: true }).waitFor();
      }
      const tool = page.getByRole('article', { name: 'Tool' });
      await tool.locator('summary').click();
      for (const part of ['execute_bash', 'npm test', 'exit 0', '38 ms', 'ran without asking']) {
        await tool.getByText(part).first().waitFor();
      }
      await page.getByText('Withheld: Kiro does not keep the text').waitFor();
      await page.getByText('37 events were lost').waitFor();

      const second = await openPage(portal.address);
      await second.page.goto(link);
      await second.page.getByText('This link has been used already').waitFor();
      expect([...problems, ...second.problems]).toEqual([]);
    },
    30_000,
  );

  withBrowser(
    'keeps hostile text inert: no element, no dialog, no request, hidden characters drawn, chips only where the event has them',
    async () => {
      const portal = await portalWithAgent();
      await send(portal, [
        makeEvent('prompt.submitted', {
          body: { text: `${HOSTILE} key [redacted:aws-access-key-id:9f3c21ab]` },
          redactions: [{ rule: 'aws-access-key-id', field: '/body/text', count: 1, hash: 'hmac:9f3c21ab' }],
          session: { id: 'session-1', generation: 'ide-1.x', title: HOSTILE, mode: null, model: null },
        }),
        makeEvent('agent.responded', { body: { text: HOSTILE } }),
        makeEvent('tool.invoked', { body: { name: HOSTILE, arguments: { [HOSTILE]: HOSTILE }, result: HOSTILE } }),
      ]);
      const { page, problems } = await signedIn(portal, { dark: true });
      await page.goto(`${portal.address}/observability/sessions/session-1`);
      await page.getByRole('button', { name: 'Open all' }).click();
      await page.getByText('U+202E').first().waitFor();
      expect(await page.locator('main').locator('img, script, iframe, style').count()).toBe(0);
      expect(await page.locator('.chip').allInnerTexts()).toEqual(['aws-access-key-id 9f3c21ab']);
      await expect(page.evaluate("document.createElement('p').innerHTML = '<b>x</b>'")).rejects.toThrow('TrustedHTML');
      // Only now, because the refusal just provoked is itself reported.
      expect(problems.filter((problem) => !problem.includes('TrustedHTML'))).toEqual([]);
    },
    30_000,
  );

  withBrowser(
    'shows new turns of an open session and a new agent without being loaded again',
    async () => {
      const portal = await startPortal({ page: loadPage() });
      const { page, problems } = await signedIn(portal, { width: 340 });
      await page.goto(`${portal.address}/inventory/agents`);
      await page.getByRole('heading', { name: 'No agents yet' }).waitFor();
      await post(portal, '/v1/enroll', await portal.code(), enrolmentOf());
      await page.getByRole('link', { name: 'dev', exact: true }).waitFor();

      await send(portal, [makeEvent('prompt.submitted')]);
      await page.goto(`${portal.address}/observability/sessions/session-1`);
      await page.getByText('not ended yet').waitFor();
      await send(portal, [
        makeEvent('agent.responded', { body: { text: 'Here is the answer' } }),
        makeEvent('turn.ended'),
      ]);
      await page.getByText('Here is the answer').waitFor();
      await page.getByText('end_turn').waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
      expect(problems).toEqual([]);
    },
    30_000,
  );

  withBrowser(
    'shows the sign-in at the same address when the session was ended elsewhere',
    async () => {
      const portal = await portalWithAgent();
      const { page, problems } = await signedIn(portal);
      await page.goto(`${portal.address}/inventory/agents`);
      await page.getByRole('link', { name: 'dev', exact: true }).click();
      await page.getByRole('heading', { name: 'dev on mbp-14' }).waitFor();
      const org = await portal.store.organisation('default', '');
      const { items } = await portal.store.credentials.list(org.id, ['session'], { limit: 10 });
      for (const { id } of items) {
        await portal.store.credentials.revoke(org.id, id, new Date().toISOString(), 'test');
      }
      await send(portal, [makeEvent('prompt.submitted')]);
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      expect(page.url()).toBe(`${portal.address}/inventory/agents/${DEVICE}`);
      expect(problems).toEqual([]);
    },
    30_000,
  );

  withBrowser(
    'opens a link to an event far down a long session with that event in view and focused, and walks on from there',
    async () => {
      const portal = await portalWithAgent();
      const turns = Array.from({ length: 240 }, (_, index) =>
        makeEvent('prompt.submitted', {
          turn: { id: `turn-${index}`, index: index + 1 },
          body: { text: `Prompt ${index}` },
        }),
      );
      await send(portal, turns);
      const { page, problems } = await signedIn(portal);
      const wanted = turns[150]?.id ?? '';
      await page.goto(`${portal.address}/events/${wanted}`);
      const card = page.locator(`[id="e-${wanted}"]`);
      await card.waitFor();
      await page.locator(`[id="e-${wanted}"]:focus`).waitFor();
      const top = (await card.boundingBox())?.y ?? -1;
      expect(top).toBeGreaterThanOrEqual(0);
      expect(top).toBeLessThan(120);
      await page.getByText('Entries 101 to 200 of 240').waitFor();
      await page.getByRole('link', { name: 'Later' }).click();
      await page.getByText('Prompt 239').waitFor();
      expect(problems).toEqual([]);
    },
    30_000,
  );
});
