/** Pages that no other suite looks at as a whole: retention in a browser, and what axe-core says of settings, sessions, agents and the own view. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { removeExpired } from '../../src/portal/keep-retention.ts';
import { loadPage } from '../../src/portal/page-files.ts';
import { missingBrowser, openPage } from '../helpers/browser.ts';
import { startPortal, type TestPortal } from '../helpers/portal.ts';
import { DEVICE, enrolmentOf, everyKind, makeEvent } from '../helpers/portal-events.ts';
import { seriousFaults, signedIn } from '../helpers/portal-page.ts';

const withBrowser = missingBrowser === undefined ? test : test.skip;
if (missingBrowser !== undefined) process.stderr.write(`\nThe page is NOT tested in a browser. ${missingBrowser}\n`);
const SLOW_MS = 120_000;
const DAY_MS = 86_400_000;

async function portalWith(events: Parameters<TestPortal['store']['events']['ingest']>[2], at: Date) {
  const portal = await startPortal({ page: loadPage() });
  const org = (await portal.store.organisation('default', '')).id;
  await portal.store.agents.enrol(org, enrolmentOf(DEVICE) as never, at.toISOString(), 'test');
  await portal.store.events.ingest(org, DEVICE, events, at.toISOString());
  return portal;
}

beforeAll(() => {
  loadPage();
});

withBrowser(
  'events are kept as long as an administrator says, who is told before what goes, and after what went',
  async () => {
    const portal = await portalWith(
      [
        ...Array.from({ length: 3 }, () => makeEvent('agent.reasoned')),
        ...Array.from({ length: 2 }, () => makeEvent('prompt.submitted')),
      ],
      new Date(Date.now() - 40 * DAY_MS),
    );
    const { page, problems } = await signedIn(portal);
    await page.goto(`${portal.address}/settings/retention`);
    const days = page.getByLabel('Reasoning');
    await days.fill('soon');
    await page.getByRole('button', { name: 'See what that removes' }).click();
    await page.getByRole('alert').waitFor();
    await days.fill('60');
    await page.getByRole('button', { name: 'See what that removes' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Nothing that is stored now is older.').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await days.fill('30');
    await page.getByRole('button', { name: 'See what that removes' }).click();
    await dialog.getByText('Reasoning: 3 events').waitFor();
    await dialog.getByRole('button', { name: 'Keep them so' }).click();
    await page.getByText('Kept. What is older goes within the hour.').waitFor();

    await removeExpired({ store: portal.store, now: () => new Date() });
    await page.reload();
    await page.getByText('3 events removed').waitFor();
    expect(await page.getByLabel('Reasoning').inputValue()).toBe('30');
    await page.goto(`${portal.address}/audit?range=all`);
    await page.getByRole('status').filter({ hasText: '2 events' }).waitFor();
    await page.goto(`${portal.address}/audit/administration`);
    await page.getByText('3 events that are kept no longer').waitFor();
    expect(problems.filter((problem) => !problem.includes('status of 400'))).toEqual([]);
  },
  SLOW_MS,
);

/** A machine that tells of workspaces without a hook. */
async function heardFrom(portal: TestPortal): Promise<void> {
  const answer = await fetch(`${portal.address}/v1/heartbeat`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await portal.credential(DEVICE)}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      agentVersion: '0.1.0',
      kiro: [],
      attachments: { attached: 1, known: 4, remote: 1, missing: 0, excluded: 1 },
      workspaces: [
        { path: '/home/dev/read-only', state: 'not-attached', reason: 'the file is read-only' },
        { path: 'vscode-remote://wsl+ubuntu/home/dev/demo', state: 'remote', reason: 'it lies in WSL' },
      ],
      outbox: { events: 0, bytes: 0, oldest: null },
      health: [],
    }),
  });
  expect(answer.ok).toBe(true);
}

withBrowser(
  'an agent’s page names the workspaces that are not attached with their reasons, and of excluded ones only how many',
  async () => {
    const portal = await portalWith(everyKind(), new Date());
    await heardFrom(portal);
    const { page, problems } = await signedIn(portal);
    await page.goto(`${portal.address}/inventory/agents/${DEVICE}`);
    await page.getByRole('row', { name: '/home/dev/read-only Not attached the file is read-only' }).waitFor();
    await page.getByRole('row', { name: 'On another machine it lies in WSL' }).waitFor();
    await page.getByText('1 workspace more is not named here: what a developer excluded is counted').waitFor();
    expect(problems).toEqual([]);
  },
  SLOW_MS,
);

describe('29: axe-core finds nothing serious, and nothing scrolls sideways', () => {
  const look = async (page: Page, where: string): Promise<string[]> => {
    await page.locator('h1, .empty h2').first().waitFor();
    await page.locator('[aria-busy]').first().waitFor({ state: 'detached' });
    const over = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
    const wide = over > 0 ? [`${where} is ${over} px too wide`] : [];
    return [...(await seriousFaults(page)).map((fault) => `${where}: ${fault}`), ...wide];
  };

  withBrowser.each([
    ['light', {}],
    ['dark', { dark: true }],
    ['360 px wide', { width: 360 }],
  ])(
    'on settings, sessions, agents and the own view, %s',
    async (_name, options) => {
      const edit = { path: 'a.ts', oldStr: 'let a = one;', newStr: 'let a = three;' };
      const portal = await portalWith(
        [
          ...everyKind(),
          makeEvent('tool.invoked', { id: 'edit', body: { name: 'str_replace', kind: 'edit', arguments: edit } }),
        ],
        new Date(),
      );
      await heardFrom(portal);
      const { page, problems } = await signedIn(portal, { ...options, bypassCsp: true });
      const found: string[] = [];
      for (const where of [
        ...['/settings/access', '/settings/retention', '/settings/notifications', '/integrations/kiro/install'],
        ...['/observability/sessions/session-1', '/observability/sessions/session-1?show=tool', '/events/edit'],
        ...[`/inventory/agents/${DEVICE}`, `/inventory/agents/${DEVICE}/inventory`],
        ...[`/inventory/agents/${DEVICE}/sessions`, '/inventory/skills', '/inventory/steering', '/no/such/page'],
        ...['/audit?range=all&e=edit', '/observability/search', '/policies'],
      ]) {
        await page.goto(portal.address + where);
        found.push(...(await look(page, where)));
      }
      await page.goto(`${portal.address}/events/edit`);
      await page.locator('[id="e-edit"]:focus').waitFor();
      for (const key of ['e', 'r']) await page.keyboard.press(key);
      await page.locator('pre.json').waitFor();
      found.push(...(await look(page, 'an event inspected')));
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
      found.push(...(await look(page, 'the keys')));

      await page.goto(`${portal.address}/inventory/agents/${DEVICE}`);
      await page.getByRole('button', { name: 'Make a link for dev' }).click();
      const link = String(await page.locator('pre.command').textContent());
      const own = await openPage(portal.address, { ...options, bypassCsp: true });
      await own.page.goto(link);
      await own.page.getByRole('heading', { name: 'dev on mbp-14' }).waitFor();
      for (const where of ['/', '/observability/sessions', '/observability/sessions/session-1', '/audit?range=all']) {
        await own.page.goto(portal.address + where);
        found.push(...(await look(own.page, `own ${where}`)));
      }
      expect([...problems, ...own.problems].filter((problem) => !problem.includes('404'))).toEqual([]);
      expect(found).toEqual([]);
    },
    SLOW_MS,
  );
});
