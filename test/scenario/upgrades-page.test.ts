import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { executablesIn } from '../../src/portal/installers/executables.ts';
import { loadPage } from '../../src/portal/page-files.ts';
import { missingBrowser, type PageOptions } from '../helpers/browser.ts';
import { startPortal, type TestPortal } from '../helpers/portal.ts';
import { caller } from '../helpers/portal-caller.ts';
import { enrolmentOf } from '../helpers/portal-events.ts';
import { seriousFaults, signedIn } from '../helpers/portal-page.ts';
import { tempFolder } from '../helpers/temp-home.ts';

/** Said by name in the report, so that a run without a browser does not pass for one with. */
const withBrowser = missingBrowser === undefined ? describe : describe.skip;
if (missingBrowser !== undefined) process.stderr.write(`\nThe pages are NOT tested in a browser. ${missingBrowser}\n`);

const NAME = 'capsule-kiro-linux-x64';
const VERSION = '0.2.0';
const now = () => new Date('2026-09-10T12:00:00.000Z');

async function aPortal(): Promise<TestPortal> {
  const folder = tempFolder();
  const sha256 = createHash('sha256').update(NAME).digest('hex');
  writeFileSync(path.join(folder, NAME), NAME);
  writeFileSync(path.join(folder, 'VERSIONS.json'), JSON.stringify({ [NAME]: { version: VERSION, sha256 } }));
  return startPortal({ page: loadPage(), executables: executablesIn(folder), now });
}

/** Ten agents of Ann's, who were offered the version by her ring; it failed on three. Bob's were not. */
async function haltedIn(portal: TestPortal): Promise<void> {
  const ring = { name: 'canary', percent: 0, users: ['ann'], devices: [], upTo: 'newest' };
  const early = { ...ring, name: 'early', users: [], percent: 25, daysAfter: 3 };
  await caller(portal)('PATCH', '/api/upgrade-rings', { body: { rings: [ring, early], others: null } });
  const org = (await portal.store.organisation('default', '')).id;
  const at = now().toISOString();
  for (let n = 0; n < 20; n++) {
    const [device, user] = [`device-${n}`, n < 10 ? 'ann' : 'bob'];
    await portal.store.agents.enrol(org, { ...enrolmentOf(device), user } as never, at, 'test');
    await portal.credential(device);
    if (n >= 10) continue;
    await portal.store.upgrades.offer(org, { device, version: VERSION, ring: 'canary', at, since: '' });
    if (n < 3)
      await portal.store.upgrades.fail(org, { device, version: VERSION, why: 'The daemon does not answer', at });
  }
  await portal.store.upgrades.halt(org, { version: VERSION, ring: 'canary', offered: 10, failed: 3, haltedAt: at });
}

async function upgrades(portal: TestPortal, options: PageOptions = {}): Promise<{ page: Page; problems: string[] }> {
  const { page, problems } = await signedIn(portal, { bypassCsp: true, ...options });
  await page.goto(`${portal.address}/inventory/upgrades`);
  await page.getByRole('heading', { name: 'Upgrades' }).waitFor();
  return { page, problems };
}

const names = (page: Page) => page.getByRole('listitem').getByRole('heading').allTextContents();

withBrowser('the page of upgrades', () => {
  test('makes a ring, changes it, moves it by the keyboard with the focus where it was, and removes it', async () => {
    const portal = await aPortal();
    const { page, problems } = await upgrades(portal);
    await page.getByText('No rings').waitFor();
    await page.getByText('This portal hands out 0.2.0 for linux-x64').waitFor();
    for (const name of ['canary', 'early']) {
      await page.getByRole('button', { name: 'Add a ring' }).click();
      const dialog = page.getByRole('dialog', { name: 'A new ring' });
      await dialog.getByLabel('Name', { exact: true }).fill(name);
      await dialog.getByLabel('Users').fill('ann\nqa-*');
      if (name === 'early') await dialog.getByLabel('Days after ring canary has begun').fill('3');
      await dialog.getByRole('button', { name: 'Keep' }).click();
      await page.getByText(`Ring ${name}: kept.`).waitFor();
    }
    await page.getByText('waits for ring canary to begin').waitFor();
    await page.getByRole('button', { name: 'Edit early' }).click();
    const dialog = page.getByRole('dialog', { name: 'Ring early' });
    expect(await dialog.getByLabel('Users').inputValue()).toBe('ann\nqa-*');
    await dialog.getByLabel('percent').fill('101');
    await dialog.getByRole('button', { name: 'Keep' }).click();
    await dialog.getByRole('alert').filter({ hasText: '100' }).waitFor();
    await dialog.getByLabel('percent').fill('25');
    await dialog.getByLabel('Takes').selectOption('Versions up to');
    await dialog.getByLabel('Version', { exact: true }).fill('0.1.0');
    await dialog.getByLabel('Not before').fill('2026-10-01T08:00');
    await dialog.getByRole('button', { name: 'Keep' }).click();
    await page.getByText('25 % of the agents that no ring names').waitFor();
    await page.getByText('takes up to 0.1.0').waitFor();
    await page.getByText('1 Oct 2026').waitFor();
    await page.getByRole('button', { name: 'Move early earlier' }).press('Enter');
    await page.getByText('early waits for no ring before it any more.').waitFor();
    await page
      .locator('button:focus')
      .and(page.getByRole('button', { name: 'Move early later' }))
      .waitFor();
    expect(await names(page)).toEqual(['early', 'canary', 'Everybody else']);
    await page.getByRole('button', { name: 'Remove early' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('Ring early is removed.').waitFor();
    await page.getByRole('listitem', { name: 'early' }).waitFor({ state: 'detached' });
    expect(await names(page)).toEqual(['canary', 'Everybody else']);
    // The browser logs what was refused on purpose.
    expect(problems.filter((each) => !each.includes('status of 400'))).toEqual([]);
  }, 60_000);

  test('says why a version is halted and where it failed, and offers it again', async () => {
    const portal = await aPortal();
    await haltedIn(portal);
    const { page, problems } = await upgrades(portal);
    const halt = page.getByRole('region', { name: '0.2.0 is halted' });
    await halt.getByText('It failed on 3 of 10 agents that it was offered to in ring canary.').waitFor();
    await page.getByRole('listitem', { name: 'canary' }).getByText('failed on 3').waitFor();
    expect(await page.getByRole('cell', { name: 'The daemon does not answer' }).count()).toBe(3);
    await halt.getByRole('button', { name: 'Offer it again' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Offer it again' }).click();
    await page.getByText('0.2.0 is offered again.').waitFor();
    await halt.waitFor({ state: 'detached' });
    await page.getByLabel('More than, percent').fill('100');
    await page.getByRole('button', { name: 'Keep' }).click();
    await page.getByText('Never: however many agents').waitFor();
    expect(problems).toEqual([]);
  }, 60_000);

  test('tells a change that somebody else was faster than, and shows theirs', async () => {
    const portal = await aPortal();
    const { page } = await upgrades(portal);
    await page.getByRole('button', { name: 'Edit Everybody else' }).click();
    await caller(portal)('PATCH', '/api/upgrade-rings', { body: { rings: [], others: '0.1.0' } });
    await page.getByRole('dialog').getByLabel('Takes').selectOption('Nothing for now');
    await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).click();
    await page.getByRole('dialog').getByText('has been changed meanwhile').waitFor();
    await page.getByText('takes up to 0.1.0').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).click();
    await page.getByRole('dialog').getByText('has been changed meanwhile').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('takes up to 0.1.0').waitFor();
  }, 60_000);

  test.each<[string, PageOptions]>([
    ['on a wide screen', {}],
    ['on a narrow screen in the dark', { width: 390, dark: true }],
  ])(
    'has no serious fault and nothing to scroll for sideways %s',
    async (_, options) => {
      const portal = await aPortal();
      await haltedIn(portal);
      const { page, problems } = await upgrades(portal, options);
      await page.getByRole('region', { name: '0.2.0 is halted' }).waitFor();
      const wide = () => page.evaluate('document.documentElement.scrollWidth > innerWidth');
      expect([await seriousFaults(page), await wide()]).toEqual([[], false]);
      await page.getByRole('button', { name: 'Edit canary' }).click();
      await page.getByRole('dialog').waitFor();
      expect([await seriousFaults(page), await wide()]).toEqual([[], false]);
      expect(problems).toEqual([]);
    },
    60_000,
  );

  test('offers nobody to change what they may not', async () => {
    const portal = await aPortal();
    await haltedIn(portal);
    const { page } = await upgrades(portal);
    const viewer = await page.context().browser()?.newContext();
    const other = await viewer?.newPage();
    await other?.goto(await portal.link({ role: 'viewer' }));
    await other?.getByRole('heading', { name: 'Overview' }).waitFor();
    await other?.goto(`${portal.address}/inventory/upgrades`);
    await other?.getByRole('region', { name: '0.2.0 is halted' }).waitFor();
    expect(await other?.locator('main').getByRole('button').count()).toBe(0);
  }, 60_000);
});
