/**
 * How long the queries of each page take over many events, and how much room an event needs. A million events unless
 * `CAPSULE_BENCH_EVENTS` says otherwise; the database stays for the next run when `CAPSULE_BENCH_DATA` names its folder. On
 * PostgreSQL where `CAPSULE_BENCH_DATABASE` is the address of a database, which stays.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AGENT_GRAMMAR, EVENT_GRAMMAR, SESSION_GRAMMAR } from '../../src/portal/filter/grammar.ts';
import { readFilter } from '../../src/portal/filter/read-filter.ts';
import type { PortalStore } from '../../src/portal/store/store.ts';
import { benchDatabase, openBenchStore } from './bench-store.ts';
import { figure, judged, NO_TARGET, quantile, timed } from './figures.ts';
import type { Measurement } from './main.ts';
import { END, fill, fillStore, RARE, START, WORDS } from './many-events.ts';

const EVENTS = Number(process.env.CAPSULE_BENCH_EVENTS ?? 1_000_000);
const NOW = new Date(END);
const ROUNDS = 20;
const TARGET_MS = 200;

export const measurement: Measurement = {
  title: 'Queries of the pages',
  async run() {
    const kept = process.env.CAPSULE_BENCH_DATA;
    const folder = kept ?? mkdtempSync(path.join(tmpdir(), 'capsule-bench-'));
    mkdirSync(folder, { recursive: true });
    if (benchDatabase === undefined && !existsSync(path.join(folder, 'portal.db'))) await fill(folder, EVENTS);
    const store = await openBenchStore(folder, new Date(START));
    try {
      const org = (await store.organisation('default', NOW.toISOString())).id;
      if (benchDatabase !== undefined && (await store.events.newest(org)) === undefined) await fillStore(store, EVENTS);
      const rows = [['page', 'what it asks', 'p50, ms', 'p95, ms', 'target, p95', '']];
      for (const [page, what, ask] of questions(store, org)) {
        const times: number[] = [];
        await ask();
        for (let n = 0; n < ROUNDS; n++) times.push(await timed(ask));
        const p95 = quantile(times, 0.95);
        rows.push([page, what, figure(quantile(times, 0.5)), figure(p95), ...judged(p95, { atMost: TARGET_MS })]);
      }
      const room = benchDatabase === undefined ? sizes(folder) : [`${figure((await store.bytes()) / EVENTS)} B`, ''];
      rows.push(['–', 'room of an event on disk', ...room, ...NO_TARGET]);
      return rows;
    } finally {
      await store.close();
      if (kept === undefined) rmSync(folder, { recursive: true });
    }
  },
};

function questions(store: PortalStore, org: string): [page: string, what: string, ask: () => Promise<unknown>][] {
  const { events, sessions, agents, observations, detections } = store;
  const event = (query: string) => readFilter(EVENT_GRAMMAR, new URLSearchParams(query), NOW).filter;
  const session = (query: string) => readFilter(SESSION_GRAMMAR, new URLSearchParams(query), NOW).filter;
  const agent = (query: string) => readFilter(AGENT_GRAMMAR, new URLSearchParams(query), NOW).filter;
  const page = { limit: 50, maxBytes: 8e6 };
  const list = (query: string) => async () => events.list(org, event(query), page);
  return [
    [
      'Overview',
      'states, 7 days by hour, what is new',
      async () => {
        await agents.states(org, {}, NOW);
        await events.bars(org, event('range=7d'), NOW);
        await observations.newValues(org, ['mcp', 'skill', 'tool'], new Date(END - 7 * 86_400_000).toISOString(), 20);
      },
    ],
    ['Audit', 'newest 50', list('')],
    ['Audit', 'newest 50 of 24 h', list('range=24h')],
    ['Audit', 'one user of 1 000, all time', list('user=user-77')],
    ['Audit', 'one agent, all time', list('agent=d-77')],
    ['Audit', 'failed calls of a tool', list('tool=fs_read&success=false')],
    ['Audit', 'a value nobody has, all time (a walk, 100 ms at most)', list('tool=nothing')],
    [
      'Audit',
      'count and bars of 24 h',
      async () => {
        await events.count(org, event('range=24h'), 10_000);
        await events.bars(org, event('range=24h'), NOW);
        await events.newest(org);
      },
    ],
    ['Audit', 'count of all time, failed', async () => events.count(org, event('success=false'), 10_000)],
    ['Audit', 'bars of 90 days, one user', async () => events.bars(org, event('range=90d&user=user-77'), NOW)],
    ['Search', 'a word that occurs once', list(`q=${RARE}`)],
    ['Search', 'two words', list(`q=${WORDS[5]}+please`)],
    ['Search', 'a word in most events', list('q=out')],
    ['Search', 'a beginning of 5 000 words', list('q=word*')],
    ['Search', 'a longer beginning of 600 words', list('q=word1*')],
    ['Search', 'a longer beginning of 60 words', list('q=word12*')],
    ['Search', 'two frequent words that never stand together (a walk)', list('q=out+please')],
    ['Search', 'a word in most events, of one user', list('q=out&user=user-77')],
    ['Audit', 'what something was detected in, newest 50', list('has=detection')],
    [
      'Event',
      'by its id, with ten before and after',
      async () => {
        await events.get(org, 'e-5000');
        await events.around(org, 'e-5000', 10);
      },
    ],
    ['Sessions', 'newest 50', async () => sessions.list(org, {}, { limit: 50 })],
    [
      'Sessions',
      'most failures first',
      async () => sessions.list(org, {}, { limit: 50, sort: { by: 'failures', descending: true } }),
    ],
    [
      'Sessions',
      'with a tool, one user',
      async () => sessions.list(org, session('tool=fs_read&user=user-77'), { limit: 50 }),
    ],
    [
      'Sessions',
      'with an exit code that is not 0',
      async () => sessions.list(org, session('exit=nonzero'), { limit: 50 }),
    ],
    ['Sessions', 'a word of the title', async () => sessions.list(org, session('q=99'), { limit: 50 })],
    ['Sessions', 'count of all', async () => sessions.count(org, session('range=all'), 10_000)],
    [
      'Sessions',
      'one user’s, most failures first',
      async () =>
        sessions.list(org, session('user=user-77'), { limit: 50, sort: { by: 'failures', descending: true } }),
    ],
    ['Sessions', 'something was detected in', async () => sessions.list(org, session('has=detection'), { limit: 50 })],
    ['Detections', 'newest 50', async () => detections.list(org, {}, { limit: 50 })],
    ['Detections', 'worst first', async () => detections.list(org, {}, { limit: 50, order: 'severity' })],
    ['Detections', 'by policy and session', async () => detections.groups(org, {}, { limit: 50 })],
    ['Detections', 'counts', async () => detections.counts(org)],
    [
      'Session',
      '100 turns',
      async () => sessions.turns(org, 's-77', { first: 0, limit: 100, maxEvents: 1_000, maxBytes: 1e9 }),
    ],
    [
      'Agents',
      'first 50 of 1 000 and states',
      async () => {
        await agents.list(org, {}, NOW, { limit: 50 });
        await agents.states(org, {}, NOW);
      },
    ],
    ['Agents', 'who has an MCP server', async () => agents.list(org, agent('mcp=docs'), NOW, { limit: 50 })],
    ['MCP servers', 'all, by how many have them', async () => observations.held(org, 'mcpServer', 1_000)],
    ['Charts', 'sums of 90 days', async () => observations.hours(org, event('range=90d'), 'day')],
  ];
}

/** Bytes an event of the whole file, and what the largest parts of it are. */
function sizes(folder: string): [string, string] {
  const file = path.join(folder, 'portal.db');
  const database = new DatabaseSync(file);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const { json, n } = database.prepare('SELECT sum(length(event)) AS json, count(*) AS n FROM events').get() as {
    json: number;
    n: number;
  };
  database.close();
  return [`${figure(statSync(file).size / n)} bytes`, `${figure(json / n)} of it its JSON`];
}
