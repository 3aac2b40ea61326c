/** The portal's page as somebody sees it who is signed in, and what axe-core finds on it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { openPage, type PageOptions, type WatchedPage } from './browser.ts';
import type { TestPortal } from './portal.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** In a fresh profile, by a link of its own, as an administrator. */
export async function signedIn(portal: TestPortal, options: PageOptions = {}): Promise<WatchedPage> {
  const watched = await openPage(portal.address, options);
  await watched.page.goto(await portal.link());
  // The sign-in, too, has a main part: going on before it is done would cross its own way on.
  await watched.page.getByRole('heading', { name: 'Overview' }).waitFor();
  return watched;
}

/** What axe-core finds that is serious or critical. It needs a page that was opened with `bypassCsp`. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate('axe.run(document, { resultTypes: ["violations"] })');
  const { violations } = found as { violations: { id: string; impact: string; nodes: { html: string }[] }[] };
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}
