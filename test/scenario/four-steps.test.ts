/**
 * What the product is for, from end to end and in its four steps, with the real program and a real browser: an administrator makes
 * an installer, a developer runs it, Kiro works, and the administrator sees the agent, what it did, and what broke policy.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { missingBrowser, openPage } from '../helpers/browser.ts';
import { download, fillExecutables, runInstaller } from '../helpers/downloaded-installer.ts';
import { aMachine } from '../helpers/machine.ts';
import { runPortal } from '../helpers/running-portal.ts';

const withBrowser = missingBrowser === undefined ? test : test.skip;
if (missingBrowser !== undefined) process.stderr.write(`\nThe page is NOT tested in a browser. ${missingBrowser}\n`);

withBrowser(
  'an installer is made and run, Kiro works, and the agent, its audit log, its sessions, a policy and what it finds are seen',
  async () => {
    const machine = aMachine();
    fillExecutables(machine);
    const portal = await runPortal(machine);
    await machine.must(['config', 'set', 'kiro.appDir', path.join(machine.folder, 'no-kiro')]);
    machine.open();
    const { page, problems } = await openPage(portal.address);
    await page.goto((await machine.must(['portal', 'admin', '--data', portal.data])).trim());
    await page.getByRole('heading', { name: 'Overview' }).waitFor();

    // Step 1: Integrations > Kiro > Install.
    const menu = page.getByRole('navigation', { name: 'Pages' });
    await menu.getByRole('link', { name: 'Kiro', exact: true }).click();
    await page.getByLabel('Linux').check();
    await page.getByText('Advanced').click();
    expect(await page.getByLabel('Token lifetime').inputValue()).toBe('365');
    await page.getByRole('button', { name: 'Make installer' }).click();
    await page.getByText('bash ~/Downloads/capsule-kiro-install.sh').waitFor();

    // Step 2: the developer runs it.
    const ran = await runInstaller(machine, await download(page, machine));
    expect(ran.said).toContain('Now restart Kiro');
    expect(ran.exitCode).toBe(0);
    await page.getByText('Enrolled:').waitFor();

    // Step 3: Kiro ends turns.
    const session = machine.session('written');
    const [first, second, third] = session.turns;
    await machine.playTurn(session, first);
    await page.getByText('Events arrive').waitFor();
    await machine.playTurn(session, second);

    // Step 4: Inventory > Agents, and the agent's own audit log.
    await menu.getByRole('link', { name: 'Agents' }).click();
    await page.locator('.row-link').first().click();
    await page.getByRole('navigation', { name: 'Of this agent' }).getByRole('link', { name: 'Activity' }).click();
    const rows = page.getByRole('row');
    for (const [kind, what] of [
      ['Session started', ''],
      ['Prompt', 'Add a /health route'],
      ['Response', 'Added the route'],
      ['Tool', 'execute_bash'],
      ['Turn ended', ''],
    ] as const) {
      await rows.filter({ hasText: kind }).filter({ hasText: what }).first().waitFor();
    }

    // Observability, filtered by the activity type; the whole conversation; a word of it.
    await menu.getByRole('link', { name: 'Sessions' }).click();
    await page.getByRole('link', { name: 'Tool', exact: true }).click();
    await page.waitForURL(/activity=tool/);
    await page.getByRole('link', { name: 'Add a health route' }).click();
    await page.getByText('rm -rf build').first().waitFor();
    await page.getByRole('link', { name: 'Show all' }).click();
    for (const text of ['Add a /health route and run the tests.', 'Also add a readiness probe', 'rm -rf build']) {
      await page.getByText(text).first().waitFor();
    }
    await menu.getByRole('link', { name: 'Search' }).click();
    await page.getByText('Search every conversation').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('readiness');
    await page.locator('.hit-link mark', { hasText: 'readiness' }).click();
    await page.locator('article:focus', { hasText: 'readiness' }).waitFor();

    // Policies, Detections.
    await menu.getByRole('link', { name: 'Policies' }).click();
    await page.getByRole('link', { name: 'New policy' }).click();
    await page
      .getByLabel('An event is found when this is true')
      .fill('event.kind == "agent.responded" && event.body.text.contains("All done")');
    await page.getByText('It can be judged').waitFor();
    await page.getByRole('textbox', { name: 'Name' }).fill('Says it is done');
    await page.getByLabel('Judge new events by it').check();
    await page.getByLabel('Why this version').fill('To see that it works');
    await page.getByRole('button', { name: 'Save as a new version' }).click();
    await page.getByRole('link', { name: 'Version 1' }).waitFor();
    await machine.playTurn(session, third);
    await menu.getByRole('link', { name: /^Detections/ }).click();
    await page.getByRole('link', { name: 'Says it is done' }).click();
    await page.getByRole('heading', { name: 'Evidence' }).waitFor();
    await page.getByText('All done.').first().waitFor();
    await page.keyboard.press('c');
    await page.getByLabel('Benign').check();
    await page.getByRole('button', { name: 'Close it' }).click();
    await page.locator('.history').getByText('closed as benign').waitFor();

    // Audit logs, and what is exported of them.
    await menu.getByRole('link', { name: 'Audit logs' }).click();
    await page.locator('summary', { hasText: 'Export' }).click();
    const [exported] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'JSON Lines' }).click(),
    ]);
    const lines = readFileSync(await exported.path(), 'utf8')
      .trim()
      .split('\n');
    expect(lines).toHaveLength((await portal.events()).length);
    await page.getByRole('link', { name: 'Administration' }).click();
    for (const act of ['exported', 'closed', 'created']) {
      await page.getByRole('cell', { name: act }).first().waitFor();
    }
    expect(problems).toEqual([]);
  },
  120_000,
);
