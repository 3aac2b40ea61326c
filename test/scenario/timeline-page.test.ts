import { beforeAll, describe, expect, test } from '@jest/globals';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { loadPage } from '../../src/portal/page-files.ts';
import { missingBrowser } from '../helpers/browser.ts';
import { startPortal, type TestPortal } from '../helpers/portal.ts';
import { enrolmentOf, makeEvent } from '../helpers/portal-events.ts';
import { seriousFaults, signedIn } from '../helpers/portal-page.ts';

const withBrowser = missingBrowser === undefined ? test : test.skip;
if (missingBrowser !== undefined) process.stderr.write(`\nThe page is NOT tested in a browser. ${missingBrowser}\n`);
const SLOW_MS = 60_000;

const post = (portal: TestPortal, where: string, bearer: string, body: object) =>
  fetch(portal.address + where, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

async function send(portal: TestPortal, events: readonly CapsuleEvent[], enrolment = enrolmentOf()): Promise<void> {
  await post(portal, '/v1/enroll', await portal.code(), enrolment);
  const answer = await post(portal, '/v1/events', await portal.credential(enrolment.deviceId), { events });
  expect(await answer.json()).toMatchObject({ accepted: events.length, rejected: [] });
}

const RESPONSE = `## Why

A **tab** counts [four](https://evil.example/bank). ![dot](https://evil.example/dot.png) [run](javascript:alert(1))

| file | lines |
| --- | ---: |
| a.ts | 12 |

\`\`\`ts
const found = "tab"; // once
\`\`\`

<script>alert(2)</script> key [redacted:aws-access-key-id:9f3c21ab]`;

const reviewer = { id: 'run-1', name: 'reviewer' };
const conversation = () => [
  makeEvent('prompt.submitted', {
    body: { text: 'Fix **it**', attachments: [{ name: 'shot.png', type: 'image/png', bytes: 2_048 }] },
  }),
  makeEvent('tool.invoked', {
    body: {
      name: 'str_replace',
      kind: 'edit',
      arguments: { path: '/home/dev/demo/a.ts', oldStr: 'let a = 1;\nlet b = 2;', newStr: 'let a = 1;\nlet b = 3;' },
      exitCode: null,
    },
  }),
  makeEvent('tool.invoked', {
    body: { name: 'invoke_sub_agent', arguments: { name: 'reviewer' }, subAgent: reviewer, exitCode: null },
  }),
  makeEvent('tool.invoked', {
    body: { result: '\u001b[31mred\u001b[0m', success: false, exitCode: 2, subAgent: reviewer },
  }),
  makeEvent('agent.responded', { body: { text: 'Looks _good_', subAgent: reviewer } }),
  makeEvent('agent.responded', {
    body: { text: RESPONSE },
    redactions: [{ rule: 'aws-access-key-id', field: '/body/text', count: 1, hash: '9f3c21ab' }],
  }),
];

beforeAll(() => {
  loadPage();
});

describe('a session', () => {
  withBrowser(
    'shows a response as its Markdown means it, with nothing loaded, nothing run and each link’s host; or as it was written',
    async () => {
      const portal = await startPortal({ page: loadPage() });
      await send(portal, conversation());
      const { page, problems } = await signedIn(portal);
      await page.goto(`${portal.address}/observability/sessions/session-1`);
      const response = page.locator('.timeline > .turn > .event-agent-responded');
      await response.getByRole('heading', { name: 'Why' }).waitFor();
      await response.locator('strong', { hasText: 'tab' }).waitFor();
      await response.getByRole('columnheader', { name: 'lines' }).waitFor();
      await response.locator('.hl-keyword', { hasText: 'const' }).waitFor();
      const link = response.getByRole('link', { name: 'four (evil.example)' });
      expect(await link.getAttribute('rel')).toBe('noopener noreferrer nofollow');
      for (const shown of ['[image: dot → https://evil.example/dot.png]', '[run](javascript:alert(1))']) {
        await response.getByText(shown).waitFor();
      }
      await response.locator('.chip', { hasText: 'aws-access-key-id' }).waitFor();
      expect(await response.locator('script, img, iframe, style').count()).toBe(0);
      await response.getByRole('button', { name: 'As written' }).click();
      await response.getByText('## Why').waitFor();
      expect(problems).toEqual([]);
    },
    SLOW_MS,
  );

  withBrowser(
    'shows an edit as what it takes away and adds, by sign and word, and a sub-agent’s work in one place',
    async () => {
      const portal = await startPortal({ page: loadPage() });
      await send(portal, conversation());
      const { page, problems } = await signedIn(portal, { bypassCsp: true });
      await page.goto(`${portal.address}/observability/sessions/session-1`);
      await page.getByText('shot.png image/png, 2.0 KiB').waitFor();
      await page.getByRole('article', { name: 'Tool str_replace' }).locator('summary').first().click();
      await page.locator('del', { hasText: '- let b = 2;' }).waitFor();
      await page.locator('ins', { hasText: '+ let b = 3;' }).waitFor();
      await page.getByText('1 line added, 1 line removed').waitFor();
      const lane = page.locator('details.lane');
      await lane.getByText('Sub-agent reviewer').waitFor();
      expect(await lane.getByRole('article').count()).toBe(2);
      await lane.getByText('2 colour codes of a terminal left out').waitFor();
      await page.keyboard.press('x');
      await lane.locator('article:focus', { hasText: 'exit 2' }).waitFor();
      expect(await seriousFaults(page)).toEqual([]);
      expect(problems).toEqual([]);
    },
    SLOW_MS,
  );

  withBrowser(
    'leads to the sessions before and after it in the list that it was opened from, says where one is, and back to that place of the list',
    async () => {
      const portal = await startPortal({ page: loadPage() });
      const ids = ['a', 'b', 'c', 'd'];
      const of = (id: string, index: number) =>
        makeEvent(id === 'c' ? 'agent.responded' : 'prompt.submitted', {
          time: new Date(Date.UTC(2026, 8, 3, 12, index)).toISOString(),
          session: { id, generation: 'ide-1.x', title: `Session ${id}`, mode: null, model: null },
        });
      await send(portal, ids.map(of));
      const { page, problems } = await signedIn(portal);
      await page.goto(`${portal.address}/observability/sessions?activity=prompt`);
      await page.getByRole('link', { name: 'Session b' }).click();
      const there = page.getByRole('navigation', { name: 'In the list' });
      await there.getByText('2 of 3').waitFor();
      await page.locator('h1:focus', { hasText: 'Session b' }).waitFor();
      expect(await page.title()).toBe('Session b · Capsule');
      await page.keyboard.press(']');
      await page.locator('h1:focus', { hasText: 'Session a' }).waitFor();
      await there.getByText('3 of 3').waitFor();
      await page.keyboard.press('[');
      await there.getByText('2 of 3').waitFor();
      await page.locator('.crumbs a').click();
      await page.locator('[id="session-b"]:focus').waitFor();
      expect(new URL(page.url()).search).toBe('?activity=prompt');
      expect(problems).toEqual([]);
    },
    SLOW_MS,
  );

  withBrowser(
    'hands an event to the editor of policies, which says what a rule makes of it while it is written',
    async () => {
      const portal = await startPortal({ page: loadPage() });
      await send(portal, conversation());
      const { page, problems } = await signedIn(portal, { bypassCsp: true });
      await page.goto(`${portal.address}/observability/sessions/session-1`);
      const edit = page.getByRole('article', { name: 'Tool str_replace' });
      await edit.getByRole('link', { name: 'Test a policy on this event' }).click();
      await page.getByText('Matches.', { exact: true }).waitFor();
      await page
        .getByLabel('An event is found when this is true')
        .fill('event.kind == "tool.invoked" && event.body.name == "x"');
      await page.getByText('Does not match.').waitFor();
      await page.locator('.clauses li', { hasText: 'false' }).waitFor();
      expect(await seriousFaults(page)).toEqual([]);
      expect(problems).toEqual([]);
    },
    SLOW_MS,
  );
});

describe('the agents', () => {
  withBrowser(
    'are narrowed by version, shown with the columns one chose, and shut out several at once after saying how many',
    async () => {
      const portal = await startPortal({ page: loadPage() });
      for (const [n, version] of ['0.9.0', '0.10.0', '1.0.0'].entries()) {
        const device = `device-${n + 1}`;
        const enrolment = { ...enrolmentOf(device), user: `user-${n + 1}`, agentVersion: version };
        await send(
          portal,
          [makeEvent('prompt.submitted', { device: { id: device, os: 'linux', user: 'x' } })],
          enrolment,
        );
      }
      const { page, problems } = await signedIn(portal, { bypassCsp: true });
      await page.goto(`${portal.address}/inventory/agents?version=${encodeURIComponent('<0.10.1')}`);
      await page.getByText('2 agents of 2').waitFor();
      await page.getByText('Columns', { exact: true }).click();
      await page.getByRole('checkbox', { name: 'Last seen' }).check();
      await page.getByRole('checkbox', { name: 'Skills' }).uncheck();
      await page.reload();
      await page.getByRole('columnheader', { name: 'Last seen' }).waitFor();
      expect(await page.getByRole('columnheader', { name: 'Skills' }).count()).toBe(0);
      await page.getByRole('checkbox', { name: 'Select all shown' }).check();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page
          .getByText('Export 2', { exact: true })
          .click()
          .then(() => page.locator('.bulk').getByRole('link', { name: 'CSV' }).click()),
      ]);
      expect(download.url()).toContain('agent=device-1&agent=device-2');
      await page.getByRole('button', { name: 'Revoke 2 agents …' }).click();
      await page.getByRole('heading', { name: 'Revoke 2 agents?' }).waitFor();
      expect(await seriousFaults(page)).toEqual([]);
      await page.getByRole('button', { name: 'Revoke 2', exact: true }).click();
      await page.getByRole('row', { name: /user-1.*Revoked/ }).waitFor();
      await page.getByRole('row', { name: /user-2.*Revoked/ }).waitFor();
      const { body } = await portal.read('/api/agents');
      expect((body.agents as { id: string; state: string }[]).map(({ state }) => state)).toEqual(
        expect.arrayContaining(['revoked', 'revoked']),
      );
      expect((body.states as Record<string, number>).revoked).toBe(2);
      expect(problems).toEqual([]);
    },
    SLOW_MS,
  );
});
