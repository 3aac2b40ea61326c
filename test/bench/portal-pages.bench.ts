/**
 * How long a portal takes, asked over HTTP, to answer everything that a page asks when it is opened, all at once as a browser
 * does. The portal is a process of its own, with the database of `portal-query`: a million events unless `CAPSULE_BENCH_EVENTS`
 * says otherwise, or what lies in the folder that `CAPSULE_BENCH_DATA` names.
 */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { figure, judged, quantile } from './figures.ts';
import type { Measurement } from './main.ts';
import { END, fill, RARE, START } from './many-events.ts';
import { type BenchPortal, startPortalProcess } from './portal-process.ts';
import { inFolder } from './stage.ts';

const EVENTS = Number(process.env.CAPSULE_BENCH_EVENTS ?? 1_000_000);
const ROUNDS = 20;
const TARGET_MS = 200;

export const measurement: Measurement = {
  title: 'The pages, over HTTP',
  run: () => inFolder((folder) => measure(process.env.CAPSULE_BENCH_DATA ?? path.join(folder, 'data'), folder)),
};

async function measure(data: string, folder: string): Promise<string[][]> {
  mkdirSync(data, { recursive: true });
  if (!existsSync(path.join(data, 'portal.db'))) await fill(data, EVENTS);
  const portal = await startPortalProcess(data, folder);
  try {
    const ask = askerOf(portal);
    const { detections } = JSON.parse(await ask('/api/detections?limit=1')) as { detections: { id: string }[] };
    const rows = [['page', 'requests', 'p50, ms', 'p95, ms', 'target, p95', '', 'the slowest of them, p95 in ms']];
    for (const [page, asked] of pages(detections[0]?.id ?? '')) rows.push(await measurePage(ask, page, asked));
    return rows;
  } finally {
    await portal.stop();
  }
}

type Ask = (where: string) => Promise<string>;

const askerOf =
  ({ address, key }: BenchPortal): Ask =>
  async (where) => {
    const response = await fetch(address + where, { headers: { authorization: `Bearer ${key}` } });
    const text = await response.text();
    if (!response.ok) throw new Error(`${where} was answered with ${response.status}: ${text.slice(0, 200)}`);
    return text;
  };

async function measurePage(ask: Ask, page: string, asked: readonly string[]): Promise<string[]> {
  const whole: number[] = [];
  const each = new Map<string, number[]>(asked.map((where) => [where, []]));
  for (let round = -1; round < ROUNDS; round++) {
    const started = performance.now();
    const times = await Promise.all(
      asked.map(async (where) => {
        await ask(where);
        return [where, performance.now() - started] as const;
      }),
    );
    // The first round is what a page costs whose part of the database nobody has looked at for long.
    if (round < 0) continue;
    whole.push(performance.now() - started);
    for (const [where, ms] of times) each.get(where)?.push(ms);
  }
  const p95 = quantile(whole, 0.95);
  const [[slowest = '', worst = 0] = []] = [...each]
    .map(([where, times]) => [where, quantile(times, 0.95)] as const)
    .sort(([, a], [, b]) => b - a);
  const name = slowest.length > 60 ? `${slowest.slice(0, 60)}…` : slowest;
  return [
    ...[page, String(asked.length), figure(quantile(whole, 0.5)), figure(p95)],
    ...[...judged(p95, { atMost: TARGET_MS }), `\`${name}\` ${figure(worst)}`],
  ];
}

const DAY = 86_400_000;
const between = (days: number): string => {
  const from = new Date(Math.max(START, END - days * DAY)).toISOString();
  return new URLSearchParams({ from, to: new Date(END).toISOString() }).toString();
};

/** What each page asks when it is opened; every page asks who is signed in and how much there is to do. */
function pages(detection: string): [page: string, asked: string[]][] {
  const shell = ['/api/me', '/api/detections/counts'];
  const audit = (query: string) => [`/api/events?${query}&limit=50`, `/api/counts?${query}`, '/api/chain'];
  const session = '/api/sessions/s-77';
  const agent = '/api/agents/d-77';
  const opened: [page: string, asked: string[]][] = [
    ['Overview', ['/api/overview']],
    ['Audit logs, 24 h', audit(between(1))],
    ['Audit logs, 90 days', audit(between(90))],
    ['Audit logs, all time', audit('range=all')],
    ['Audit logs, failed calls of all time', audit('range=all&success=false')],
    ['Audit logs, one user of all time', audit('range=all&user=user-77')],
    ['Audit logs, a word of all time', audit('range=all&q=please')],
    ['Audit logs, an event beside the list', ['/api/events/e-5000']],
    ['Administration', ['/api/audit?limit=50']],
    ['Add a filter', ['/api/facets?field=user&prefix=user-7', '/api/facets?field=tool']],
    ['Search, a word that occurs once', [`/api/search?q=${RARE}`]],
    ['Search, a word in most events', ['/api/search?q=out']],
    ['Search, a beginning', ['/api/search?q=word1*']],
    ['Sessions', ['/api/sessions?limit=50']],
    ['Sessions, most failures first', ['/api/sessions?sort=-failures&limit=50']],
    ['Sessions, of one user with a tool', ['/api/sessions?user=user-77&tool=fs_read&limit=50']],
    ['A session', [session, `${session}/turns`, '/api/detections?session=s-77&state=all&limit=100']],
    ['A session from a list', [session, `${session}/turns`, '/api/sessions?limit=500']],
    ['An event’s link', ['/api/events/e-7777', `${session}/turns?around=e-7777`]],
    ['Charts, 7 days', [`/api/hours?${between(7)}`, `/api/detections/times?${between(7)}&state=-withdrawn`]],
    ['Charts, 90 days', [`/api/hours?${between(90)}`, `/api/detections/times?${between(90)}&state=-withdrawn`]],
    ['Agents', ['/api/agents?limit=50']],
    ['Agents, who has an MCP server', ['/api/agents?mcp=docs&limit=50']],
    ['An agent', [agent]],
    ['An agent’s changes', [agent, `${agent}/changes?limit=50`]],
    ['An agent’s sessions', [agent, '/api/sessions?agent=d-77&limit=50']],
    ['An agent’s activity', [agent, '/api/events?agent=d-77&limit=50']],
    ['MCP servers', ['/api/inventory/mcpServer']],
    ['Detections', ['/api/detections?limit=50']],
    ['Detections, by policy and session', ['/api/detections?view=groups&limit=50']],
    ['A detection', [`/api/detections/${detection}`, `/api/detections/${detection}/context`]],
    ['Policies', ['/api/policies']],
    ['A policy', ['/api/policies/destructive-command']],
    ['Installers', ['/api/installers']],
    ['Access', ['/api/members', '/api/tokens']],
    ['Notifications', ['/api/webhooks']],
    ['Retention', ['/api/retention']],
  ];
  return opened.map(([page, asked]) => [page, [...shell, ...asked]]);
}
