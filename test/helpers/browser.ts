/** Debian's chromium, driven by playwright-core, which brings no browser of its own. */
import { existsSync } from 'node:fs';
import { afterAll } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Undefined when there is a browser to test with; otherwise what is missing and how to get it. */
export const missingBrowser: string | undefined = existsSync(EXECUTABLE)
  ? undefined
  : `There is no browser at ${EXECUTABLE}: install chromium (apt-get install chromium) or name one in $CHROMIUM`;

let browser: Browser | undefined;
afterAll(async () => browser?.close());

export interface WatchedPage {
  page: Page;
  /** Errors, violations of the content security policy, requests that left the portal. */
  problems: string[];
}

export interface PageOptions {
  width?: number;
  dark?: boolean;
  timezone?: string;
  /** Only to look at a page with a tool that has to be put into it. */
  bypassCsp?: boolean;
}

/** A page in a fresh profile that may only talk to `origin`. */
export async function openPage(origin: string, options: PageOptions = {}): Promise<WatchedPage> {
  browser ??= await chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: 800 },
    colorScheme: options.dark ? 'dark' : 'light',
    bypassCSP: options.bypassCsp === true,
    ...(options.timezone !== undefined && { timezoneId: options.timezone }),
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // Asking who is signed in is answered 401 before anybody is; the browser logs that.
    const expected = message.text().includes('status of 401');
    if (message.type() === 'error' && !expected) problems.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) problems.push(`left the portal: ${request.url()}`);
  });
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { page, problems };
}
