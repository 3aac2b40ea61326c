/** Those of the thirty checks of the portal's pages that need every page, the clipboard, or very many rows; see `test/README.md`. */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { openDatabase } from '../../src/core/database.ts';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { loadPage } from '../../src/portal/page-files.ts';
import { agentsIn } from '../../src/portal/store/sqlite/agents.ts';
import { organisationsIn } from '../../src/portal/store/sqlite/organisations.ts';
import { MIGRATIONS } from '../../src/portal/store/sqlite/schema.ts';
import { missingBrowser, openPage } from '../helpers/browser.ts';
import { until } from '../helpers/machine.ts';
import { startPortal, type TestPortal } from '../helpers/portal.ts';
import { DEVICE, enrolmentOf, everyKind, makeEvent } from '../helpers/portal-events.ts';
import { signedIn } from '../helpers/portal-page.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const withBrowser = missingBrowser === undefined ? test : test.skip;
if (missingBrowser !== undefined) process.stderr.write(`\nThe page is NOT tested in a browser. ${missingBrowser}\n`);

const OUTSIDE = 'https://outside.example';
const HOSTILE = `![seen](${OUTSIDE}/x.png) <img src="${OUTSIDE}/y.png" onerror="alert(1)"> [here](${OUTSIDE}/z) ${OUTSIDE}/plain
<style>@import '${OUTSIDE}/a.css'</style><script src="${OUTSIDE}/b.js"></script><svg onload="alert(2)"/>`;

async function send(portal: TestPortal, events: readonly CapsuleEvent[], device = DEVICE): Promise<void> {
  const post = (where: string, bearer: string, body: object) =>
    fetch(portal.address + where, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  await post('/v1/enroll', await portal.code(), enrolmentOf(device));
  const answer = await post('/v1/events', await portal.credential(device), { events });
  expect(await answer.json()).toMatchObject({ accepted: events.length, rejected: [] });
}

/** The page's address, once all that it asked for is there. */
async function visit(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.locator('h1, .empty h2').first().waitFor();
  await page.locator('[aria-busy]').first().waitFor({ state: 'detached' });
}

beforeAll(() => {
  loadPage();
});

withBrowser(
  '6, 7: on no page does anything leave the portal or break the content security policy, whatever was captured',
  async () => {
    const portal = await startPortal({ page: loadPage() });
    const hostile = [
      makeEvent('prompt.submitted', {
        id: 'hostile',
        body: { text: HOSTILE },
        session: { ...makeEvent('turn.ended').session, id: 'hostile', title: HOSTILE },
      }),
      makeEvent('agent.responded', { body: { text: HOSTILE } }),
      makeEvent('tool.invoked', {
        body: { name: HOSTILE, arguments: { command: `rm -rf / ${HOSTILE}` }, result: HOSTILE },
      }),
    ];
    await send(portal, [...everyKind(), ...hostile]);
    const [detection] = (await portal.read('/api/detections')).body.detections as { id: string }[];
    const [policy] = (await portal.read('/api/policies')).body.policies as { id: string }[];
    const { page, problems } = await signedIn(portal);
    // Whatever the browser itself reports of the policy, beside what it writes into its console.
    await page.addInitScript(`addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error('violation of ' + violatedDirective + ' by ' + blockedURI))`);
    const addresses = [
      ...[
        '/',
        '/audit?range=all',
        '/audit?range=all&e=hostile',
        '/audit/administration',
        '/observability/charts?range=all',
      ],
      ...['/observability/sessions', '/observability/sessions/hostile', '/observability/sessions/session-1'],
      ...[
        '/observability/search?q=outside',
        '/events/hostile',
        '/inventory/agents',
        '/inventory/mcp-servers?name=docs',
      ],
      ...['', '/inventory', '/changes', '/sessions', '/activity'].map((tab) => `/inventory/agents/${DEVICE}${tab}`),
      ...['/inventory/skills', '/inventory/steering', '/policies', `/policies/${policy?.id}`, '/policies/new'],
      ...['/detections', `/detections/${detection?.id}`, '/integrations/kiro/install', '/settings/access'],
      ...['/settings/notifications', '/settings/retention', '/no/such/page'],
    ];
    for (const address of addresses) {
      await visit(page, portal.address + address);
      const strange = await page.locator('main').locator('img, iframe, style, script, object, embed').count();
      expect([address, strange, problems]).toEqual([address, 0, []]);
    }
    await expect(page.evaluate("document.createElement('div').innerHTML = '<b>x</b>'")).rejects.toThrow('TrustedHTML');
  },
  120_000,
);

const COMMANDS: Readonly<Record<string, string>> = {
  macOS: 'bash ~/Downloads/capsule-kiro-install.sh',
  Linux: 'bash ~/Downloads/capsule-kiro-install.sh',
  Windows: 'powershell -ExecutionPolicy Bypass -File "$HOME\\Downloads\\capsule-kiro-install.ps1"',
};

withBrowser(
  '20: an installer with a lifetime that cannot be is never asked for; each system’s command is the exact one and can be copied',
  async () => {
    const portal = await startPortal({ page: loadPage() });
    const { page, problems } = await signedIn(portal);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: portal.address });
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') asked.push(request.url());
    });
    await visit(page, `${portal.address}/integrations/kiro/install`);
    await page.getByText('Advanced').click();
    const days = page.getByLabel('Token lifetime');
    expect(await days.inputValue()).toBe('365');
    for (const wrong of ['0', '366', '1.5', '']) {
      await days.fill(wrong);
      await page.getByRole('button', { name: 'Make installer' }).click();
      await page.getByRole('alert').filter({ hasText: 'Enter a whole number of days from 1 to 365' }).waitFor();
      expect(await days.getAttribute('aria-invalid')).toBe('true');
    }
    expect(asked).toEqual([]);
    for (const [system, command] of Object.entries(COMMANDS)) {
      await visit(page, `${portal.address}/integrations/kiro/install`);
      await page.getByLabel(system, { exact: true }).check();
      await page.getByRole('button', { name: 'Make installer' }).click();
      await page.getByText('No device has enrolled yet').waitFor();
      expect(await page.locator('pre.command').textContent()).toBe(command);
      await page.getByRole('button', { name: 'Copy the command' }).click();
      await page.getByRole('status').filter({ hasText: 'Copied' }).waitFor();
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(command);
    }
    expect(asked).toHaveLength(3);
    expect(problems).toEqual([]);
  },
  60_000,
);

withBrowser(
  '21: an installer that is revoked is so on every page that shows it, and the administration log says once who did it',
  async () => {
    const portal = await startPortal({ page: loadPage() });
    const { page, problems } = await signedIn(portal);
    const second = await page.context().newPage();
    for (const each of [page, second]) await visit(each, `${portal.address}/integrations/kiro/install`);
    await page.getByText('Advanced').click();
    await page.getByLabel('Label').fill('Hamburg');
    await page.getByRole('button', { name: 'Make installer' }).click();
    await page.getByText('No device has enrolled yet').waitFor();
    await visit(page, `${portal.address}/integrations/kiro/install`);
    const row = page.getByRole('row', { name: 'Hamburg' });
    await row.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await row.getByText('Revoked').waitFor();
    await second.reload();
    await second.getByRole('row', { name: 'Hamburg' }).getByText('Revoked').waitFor();
    await visit(page, `${portal.address}/audit/administration`);
    const acts = page.getByRole('row').filter({ hasText: 'revoked' });
    await acts.first().waitFor();
    expect(await acts.count()).toBe(1);
    expect(await acts.textContent()).toContain('admin');
    expect(problems).toEqual([]);
  },
  60_000,
);

withBrowser(
  '10: of a session of 1,240 turns the first hundred are there at once, and walking on shows every turn exactly once',
  async () => {
    const portal = await startPortal({ page: loadPage() });
    const prompts = Array.from({ length: 1_240 }, (_, n) =>
      makeEvent('prompt.submitted', { turn: { id: `turn-${n}`, index: n + 1 }, body: { text: `Prompt ${n}.` } }),
    );
    await send(portal, prompts.slice(0, 1_000));
    await send(portal, prompts.slice(1_000));
    const { page, problems } = await signedIn(portal);
    await visit(page, `${portal.address}/observability/sessions/session-1`);
    const seen: string[] = [];
    for (let from = 1; from <= 1_240; from += 100) {
      const to = Math.min(from + 99, 1_240);
      await page.getByText(`Entries ${from} to ${to} of 1240`).first().waitFor();
      seen.push(...(await page.locator('article').evaluateAll((cards) => cards.map(({ id }) => id))));
      if (to < 1_240) await page.getByRole('link', { name: 'Later' }).first().click();
    }
    expect(seen).toEqual(prompts.map(({ id }) => `e-${id}`));
    expect(problems).toEqual([]);
  },
  120_000,
);
withBrowser(
  '11: a result of 5 MiB is drawn as its beginning, then at most 256 KiB of it, and is downloaded as it was sent',
  async () => {
    const portal = await startPortal({ page: loadPage() });
    const result = 'a line of what a tool has put out\n'.repeat(155_000).slice(0, 5 * 1024 * 1024);
    const large = makeEvent('tool.invoked', { body: { result } });
    await send(portal, [large]);
    const { page, problems } = await signedIn(portal);
    await visit(page, `${portal.address}/observability/sessions/session-1`);
    const card = page.locator(`[id="e-${large.id}"]`);
    const drawn = async () => Number(await card.evaluate((element) => element.textContent?.length));
    await page.getByRole('button', { name: 'Open all' }).click();
    await card.getByText(/Beginning of 5(\.0)? MiB/).waitFor();
    expect(await drawn()).toBeLessThan(20_000);
    await card.getByRole('button', { name: 'Show all' }).click();
    await card.getByText(/The first 256(\.0)? KiB/).waitFor();
    expect(await drawn()).toBeLessThan(300_000);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      card.getByRole('link', { name: 'Download the event' }).click(),
    ]);
    const { event } = JSON.parse(readFileSync(await file.path(), 'utf8')) as { event: typeof large };
    expect(event.body.result === result).toBe(true);
    expect(problems).toEqual([]);
  },
  60_000,
);

/** A portal whose agents were stored without syncing, which is what takes the time. */
async function portalWithAgents(count: number): Promise<TestPortal> {
  const folder = path.join(tempFolder(), 'portal');
  mkdirSync(folder);
  const database = openDatabase(path.join(folder, 'portal.db'), { migrations: MIGRATIONS });
  const now = new Date().toISOString();
  const { id: org } = await organisationsIn(database).organisation('default', now);
  database.exec('PRAGMA synchronous = OFF; BEGIN');
  const agents = agentsIn(database);
  for (let n = 0; n < count; n++) await agents.enrol(org, enrolmentOf(`d-${n}`) as never, now, 'test');
  database.exec('COMMIT');
  database.close();
  return startPortal({ folder, page: loadPage() });
}

withBrowser(
  '22: of ten thousand agents at most a hundred are drawn at once, and walking on shows the next ones',
  async () => {
    const portal = await portalWithAgents(10_000);
    const { page, problems } = await signedIn(portal);
    await visit(page, `${portal.address}/inventory/agents?limit=100`);
    await page.getByText('100 agents of 10\u202f000').waitFor();
    const drawn = () => page.locator('.row-link').evaluateAll((links) => links.map(({ id }) => id));
    const first = await drawn();
    expect(first).toHaveLength(100);
    await page.getByRole('link', { name: 'Next' }).click();
    await page.waitForURL(/cursor=/);
    await page.locator('[aria-busy]').first().waitFor({ state: 'detached' });
    const next = await drawn();
    expect(next).toHaveLength(100);
    expect(next.filter((id) => first.includes(id))).toEqual([]);
    expect(problems).toEqual([]);
  },
  120_000,
);

/** More than are fetched at once for a word, spread over five hours; the oldest alone is by another model. */
const apart = (): CapsuleEvent[] =>
  Array.from({ length: 3_000 }, (_, n) =>
    makeEvent('prompt.submitted', {
      time: new Date(Date.now() - n * 6_000).toISOString(),
      session: { ...makeEvent('turn.ended').session, model: n === 2_999 ? 'rare' : 'auto' },
      body: { text: `alpha ${n}` },
    }),
  );

withBrowser(
  '24: a search that no index answers says how far back it came, is stopped, goes on, and finds what is oldest',
  async () => {
    const portal = await startPortal({ page: loadPage() });
    const events = apart();
    for (let at = 0; at < events.length; at += 500) await send(portal, events.slice(at, at + 500));
    // One stretch of time an answer, and the fourth only when it is told: what takes minutes with very many events.
    const { list } = portal.store.events;
    const held = Promise.withResolvers<void>();
    let asked = 0;
    portal.store.events.list = async (org, filter, page) => {
      if (filter.words !== undefined && ++asked === 4) await held.promise;
      return list(org, filter, { ...page, budgetMs: 0 });
    };
    const { page, problems } = await signedIn(portal);
    await page.goto(`${portal.address}/observability/search?q=alpha&model=rare`);
    await page.getByText(/Searched back to .*, and going on/).waitFor();
    await until(async () => asked === 4, 'it to have gone on three times by itself');
    const far = await page.locator('.searched time').getAttribute('datetime');
    await page.getByRole('button', { name: 'Stop' }).click();
    held.resolve();
    await page.getByRole('link', { name: 'Go on to older ones' }).waitFor();
    expect(asked).toBe(4);
    const stopped = await page.locator('.searched time').getAttribute('datetime');
    expect(String(stopped) <= String(far)).toBe(true);
    await page.getByRole('link', { name: 'Go on to older ones' }).click();
    await page.locator('.hit-link mark', { hasText: 'alpha' }).first().waitFor();
    expect(await page.locator('.hit-link').count()).toBe(1);
    expect(asked).toBeGreaterThan(5);
    expect(problems).toEqual([]);
  },
  60_000,
);

withBrowser(
  'dragging over a chart, or Shift with the arrows and Enter, leads to the time of those bars; a click to that of one',
  async () => {
    const portal = await startPortal({ page: loadPage() });
    const hour = (n: number) => new Date(Math.floor(Date.now() / 3_600_000 - n) * 3_600_000).toISOString();
    await send(
      portal,
      Array.from({ length: 20 }, (_, n) => makeEvent('prompt.submitted', { time: hour(n) })),
    );
    const { page, problems } = await signedIn(portal);
    const bars = page.locator('.bars a');
    const timeOf = async () => {
      await page.waitForURL(/from=/);
      const query = new URL(page.url()).searchParams;
      return (Date.parse(query.get('to') ?? '') + 1 - Date.parse(query.get('from') ?? '')) / 3_600_000;
    };
    const start = async () => {
      await visit(page, `${portal.address}/audit?range=24h`);
      await bars.first().waitFor();
    };
    await start();
    const middle = async (at: number) => {
      const box = await bars.nth(at).boundingBox();
      return [(box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2] as const;
    };
    await page.mouse.move(...(await middle(4)));
    await page.mouse.down();
    await page.mouse.move(...(await middle(6)), { steps: 4 });
    await page.mouse.move(...(await middle(9)), { steps: 4 });
    expect(await page.locator('.bars a[data-spanned]').count()).toBe(6);
    await page.mouse.up();
    expect(await timeOf()).toBe(6);
    await start();
    await bars.first().focus();
    for (const key of ['ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Enter']) await page.keyboard.press(key);
    expect(await timeOf()).toBe(3);
    await start();
    await bars.nth(5).click();
    expect(await timeOf()).toBe(1);
    expect(problems).toEqual([]);
  },
  60_000,
);

withBrowser(
  'a developer who was given a link sees what their own device has sent, and no page of anybody else’s',
  async () => {
    const portal = await startPortal({ page: loadPage() });
    await send(portal, everyKind());
    const other = makeEvent('prompt.submitted', { body: { text: 'their secret' } });
    const theirs = { device: { ...other.device, id: 'other' }, session: { ...other.session, id: 'session-other' } };
    await send(portal, [{ ...other, ...theirs }], 'other');
    const admin = await signedIn(portal);
    await visit(admin.page, `${portal.address}/inventory/agents/${DEVICE}`);
    await admin.page.getByRole('button', { name: 'Make a link for dev' }).click();
    const link = String(await admin.page.locator('pre.command').textContent());

    const { page, problems } = await openPage(portal.address, { width: 1000 });
    await page.goto(link);
    await page.getByRole('heading', { name: 'dev on mbp-14' }).waitFor();
    const menu = page.getByRole('navigation', { name: 'Pages' });
    expect(await menu.getByRole('link').allInnerTexts()).toEqual(['Overview', 'Sessions', 'Search', 'Audit logs']);
    expect(await page.getByText('Make a link').count()).toBe(0);
    await menu.getByRole('link', { name: 'Sessions' }).click();
    await page.getByRole('link', { name: 'Fix the parser' }).click();
    await page.getByText('npm test').first().waitFor();
    await visit(page, `${portal.address}/audit?range=all`);
    await page.getByRole('row', { name: /execute_bash/ }).waitFor();
    await visit(page, `${portal.address}/observability/search?q=secret`);
    expect(await page.locator('.hit-link').count()).toBe(0);
    expect(problems).toEqual([]);
    for (const address of ['/inventory/agents', '/policies', '/detections']) {
      await page.goto(portal.address + address);
      await page.getByText('shows what one device has sent, and nothing else').first().waitFor();
    }
    await page.goto(`${portal.address}/observability/sessions/session-other`);
    await page.getByText('There is no such session').waitFor();
  },
  60_000,
);
