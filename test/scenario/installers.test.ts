/** An administrator makes an installer on the page; a developer runs it; the administrator sees that it worked. */
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { missingBrowser, openPage } from '../helpers/browser.ts';
import { download, fillExecutables, runInstaller } from '../helpers/downloaded-installer.ts';
import { aMachine } from '../helpers/machine.ts';
import { runPortal } from '../helpers/running-portal.ts';

const withBrowser = missingBrowser === undefined ? test : test.skip;
if (missingBrowser !== undefined) process.stderr.write(`\nThe page is NOT tested in a browser. ${missingBrowser}\n`);

withBrowser(
  'an installer made on the page and run in a fresh home brings the agent and its first events, and is used up then',
  async () => {
    const machine = aMachine();
    fillExecutables(machine);
    const portal = await runPortal(machine);
    await machine.must(['config', 'set', 'kiro.appDir', path.join(machine.folder, 'no-kiro')]);
    machine.open();
    const link = (await machine.must(['portal', 'admin', '--data', portal.data])).trim();
    const { page, problems } = await openPage(portal.address);
    await page.goto(link);
    await page.getByRole('link', { name: 'Kiro', exact: true }).click();

    await page.getByText('Advanced').click();
    await page.getByLabel('Token lifetime').fill('1.5');
    await page.getByRole('button', { name: 'Make installer' }).click();
    await page.getByText('Enter a whole number of days from 1 to 365').waitFor();
    await page.getByText('No installers yet').waitFor();
    await page.getByLabel('Token lifetime').fill('90');
    await page.getByLabel('Label').fill('Berlin');
    await page.getByLabel('Content').selectOption('metadata');
    await page.getByLabel('Linux').check();
    await page.getByRole('button', { name: 'Make installer' }).click();
    await page.getByText('bash ~/Downloads/capsule-kiro-install.sh').waitFor();
    await page.getByText('No device has enrolled yet').waitFor();
    const file = await download(page, machine);

    const ran = await runInstaller(machine, file);
    expect(ran.said).toContain('Now restart Kiro');
    expect(ran.exitCode).toBe(0);
    expect(await machine.must(['config', 'get', 'content.level'])).toContain('metadata');
    await page.getByText('Enrolled:').waitFor();

    const session = machine.session('written');
    await machine.playTurn(session, session.turns[0]);
    await page.getByText('Events arrive').waitFor();
    await page.reload();
    const row = page.getByRole('row', { name: 'Berlin' });
    await row.getByText('Used up').waitFor();
    expect(await row.getByRole('cell', { name: '1 of 1' }).count()).toBe(1);

    // A second machine gets nothing by it, and says so.
    const other = aMachine();
    await other.must(['config', 'set', 'kiro.appDir', path.join(other.folder, 'no-kiro')]);
    expect((await runInstaller(other, file)).said).toContain('The enrolment code has been used up');

    await row.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('checkbox').check();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('row', { name: 'Berlin' }).getByText('Revoked').waitFor();
    await page.goto(`${portal.address}/inventory/agents`);
    await page.getByText('Revoked').first().waitFor();
    expect(problems).toEqual([]);
  },
  // Two machines fetch, check and place an executable of a hundred megabytes when it is sealed.
  180_000,
);
