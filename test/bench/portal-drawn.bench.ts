/**
 * How long it takes until a page shows its first content in a real browser, against one with hardly anything on it: a session of
 * 1,240 turns, ten thousand agents. It needs chromium (`CHROMIUM` names another than /usr/bin/chromium).
 */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { openDatabase } from '../../src/core/database.ts';
import { agentsIn } from '../../src/portal/store/sqlite/agents.ts';
import { eventsIn } from '../../src/portal/store/sqlite/events.ts';
import { organisationsIn } from '../../src/portal/store/sqlite/organisations.ts';
import { MIGRATIONS } from '../../src/portal/store/sqlite/schema.ts';
import { enrolmentOf, makeEvent } from '../helpers/portal-events.ts';
import { figure, judged, median, NO_TARGET } from './figures.ts';
import type { Measurement } from './main.ts';
import { startPortalProcess } from './portal-process.ts';
import { inFolder } from './stage.ts';

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ROUNDS = 7;
const [AGENTS, TURNS] = [10_000, 1_240];

export const measurement: Measurement = {
  title: 'Pages as they are drawn',
  async run() {
    if (!existsSync(EXECUTABLE)) return [['there is no browser at', EXECUTABLE]];
    return inFolder(async (folder) => {
      const data = path.join(folder, 'data');
      mkdirSync(data);
      await fill(data);
      const portal = await startPortalProcess(data, folder);
      const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ['--headless', '--no-sandbox'] });
      try {
        const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
        await page.goto(portal.link);
        await page.getByRole('heading', { name: 'Overview' }).waitFor();
        return await measureAll(page, portal.address);
      } finally {
        await browser.close();
        await portal.stop();
      }
    });
  },
};

/** What is opened, what shows that it is there, and how long it may take (ms). */
const PAGES: readonly (readonly [what: string, where: string, sign: string, atMost?: number])[] = [
  ['an event by its link, alone in its session', '/observability/sessions/short', 'article'],
  [`a session of ${TURNS} turns, from its start`, '/observability/sessions/long', 'article', 1_500],
  [`the same at turn 1,100`, '/events/call-1100', '[id="e-call-1100"]', 1_500],
  [`${AGENTS} agents, the first 50`, '/inventory/agents', '.row-link', 1_000],
  [`${AGENTS} agents, the first 100`, '/inventory/agents?limit=100', '.row-link', 1_000],
];

async function measureAll(page: Page, address: string): Promise<string[][]> {
  const rows = [['page', 'ms until it is seen', '× the first', 'target, ms', '']];
  let first = 0;
  for (const [what, where, sign, atMost] of PAGES) {
    const times: number[] = [];
    for (let round = -1; round < ROUNDS; round++) {
      const started = performance.now();
      await page.goto(address + where);
      await page.locator(sign).first().waitFor();
      if (round >= 0) times.push(performance.now() - started);
    }
    const ms = median(times);
    first ||= ms;
    rows.push([what, figure(ms), figure(ms / first), ...(atMost === undefined ? NO_TARGET : judged(ms, { atMost }))]);
  }
  return rows;
}

async function fill(data: string): Promise<void> {
  const now = new Date().toISOString();
  const database = openDatabase(path.join(data, 'portal.db'), { migrations: MIGRATIONS });
  database.exec('PRAGMA synchronous = OFF; BEGIN');
  const { id: org } = await organisationsIn(database).organisation('default', now);
  const agents = agentsIn(database);
  for (let n = 0; n < AGENTS; n++) await agents.enrol(org, enrolmentOf(`d-${n}`) as never, now, 'bench');
  const sessionOf = (id: string) => ({ ...makeEvent('turn.ended').session, id });
  const turns = Array.from({ length: TURNS }, (_, n) => {
    const common = { session: sessionOf('long'), turn: { id: `turn-${n}`, index: n + 1 } };
    const call = { arguments: { command: `run ${n}` }, result: 'what came of it\n'.repeat(40), exitCode: 0 };
    return [
      makeEvent('prompt.submitted', { ...common, body: { text: `Prompt ${n}.` } }),
      makeEvent('tool.invoked', { ...common, id: `call-${n}`, body: call }),
      makeEvent('agent.responded', { ...common, body: { text: `Answer **${n}**:\n\n- one\n- two` } }),
    ];
  }).flat();
  const events = eventsIn(database);
  const all = [makeEvent('prompt.submitted', { session: sessionOf('short') }), ...turns];
  for (let at = 0; at < all.length; at += 500) await events.ingest(org, 'd-0', all.slice(at, at + 500), now);
  database.exec('COMMIT');
  database.close();
}
