/**
 * How long the queries of each page take over many events, and how much room an event needs. A million events unless
 * `CAPSULE_BENCH_EVENTS` says otherwise; the database stays for the next run when `CAPSULE_BENCH_DATA` names its folder.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { AGENT_GRAMMAR, EVENT_GRAMMAR, SESSION_GRAMMAR } from '../../src/portal/filter/grammar.ts';
import { readFilter } from '../../src/portal/filter/read-filter.ts';
import { openSqliteStore } from '../../src/portal/store/sqlite/open.ts';
import type { PortalStore } from '../../src/portal/store/store.ts';
import { enrolmentOf, makeEvent } from '../helpers/portal-events.ts';
import { figure, judged, NO_TARGET, quantile, timed } from './figures.ts';
import type { Measurement } from './main.ts';

const EVENTS = Number(process.env.CAPSULE_BENCH_EVENTS ?? 1_000_000);
const AGENTS = 1_000;
const PER_SESSION = 100;
const BATCH = 1_000;
/** Of the last 90 days. */
const END = Date.UTC(2026, 8, 30);
const START = END - 90 * 86_400_000;
const NOW = new Date(END);
const ROUNDS = 20;
const TARGET_MS = 200;
const TOOLS = ['execute_bash', 'fs_read', 'fs_write', 'grep_search', 'list_directory', 'create_issue'];
const RARE = 'xylophone';

/** Event `n` of all, in the order of time; the same in every run. */
function eventAt(n: number): CapsuleEvent {
  const session = Math.floor(n / PER_SESSION);
  const place = n % PER_SESSION;
  const agent = session % AGENTS;
  const base = {
    id: `e-${n}`,
    time: new Date(START + Math.floor((n / EVENTS) * (END - START))).toISOString(),
    turn: { id: `t-${session}-${Math.floor(place / 20)}`, index: Math.floor(place / 20) + 1 },
    session: {
      ...makeSession(session),
    },
    device: { id: `d-${agent}`, os: 'linux' as const, user: `user-${agent}` },
    workspace: { id: `w-${agent % 300}`, path: `/home/dev/w-${agent % 300}`, name: `w-${agent % 300}` },
    source: { store: 'ide-1.x' as const, record: null, ordinal: place, content: 'redacted' as const, inferred: [] },
  };
  if (place === 0) return makeEvent('session.started', { ...base, turn: null });
  const words = `${n} ${WORDS[n % WORDS.length]} ${WORDS[(n * 7) % WORDS.length]} ${n === Math.floor(EVENTS / 3) ? RARE : ''}`;
  if (place % 20 === 1) return makeEvent('prompt.submitted', { ...base, body: { text: `Please ${words}` } });
  if (place % 20 === 18) return makeEvent('agent.responded', { ...base, body: { text: `Done: ${words}`.repeat(4) } });
  if (place % 20 === 19) return makeEvent('turn.ended', base);
  const bad = n % 29 === 0;
  const tool = TOOLS[n % TOOLS.length] ?? '';
  const call = { name: tool, mcpServer: tool === 'create_issue' ? 'jira' : null, success: !bad, exitCode: Number(bad) };
  const texts = { arguments: { command: `run ${words}` }, result: `out ${words} `.repeat(8) };
  return makeEvent('tool.invoked', { ...base, body: { ...call, ...texts, callId: `c-${n}` } });
}
const WORDS = Array.from({ length: 5_000 }, (_, n) => `word${(n * 2_654_435_761) % 99_991}`);
const makeSession = (n: number) =>
  ({
    id: `s-${n}`,
    generation: 'ide-1.x',
    title: `Session ${n}`,
    mode: 'vibe',
    model: n % 3 ? 'auto' : 'opus',
  }) as const;

async function fill(store: PortalStore, org: string): Promise<void> {
  for (let n = 0; n < AGENTS; n++) {
    await store.agents.enrol(org, { ...enrolmentOf(`d-${n}`), user: `user-${n}` } as never, NOW.toISOString(), 'bench');
  }
  for (let n = 0; n < EVENTS; n += BATCH) {
    const events = Array.from({ length: Math.min(BATCH, EVENTS - n) }, (_, k) => eventAt(n + k));
    await store.events.ingest(org, events[0]?.device.id ?? '', events, NOW.toISOString());
  }
}

export const measurement: Measurement = {
  title: 'Queries of the pages',
  async run() {
    const kept = process.env.CAPSULE_BENCH_DATA;
    const folder = kept ?? mkdtempSync(path.join(tmpdir(), 'capsule-bench-'));
    mkdirSync(folder, { recursive: true });
    const fresh = !existsSync(path.join(folder, 'portal.db'));
    const store = openSqliteStore(folder);
    try {
      const org = (await store.organisation('default', NOW.toISOString())).id;
      const filling = fresh ? await timed(() => fill(store, org)) : undefined;
      const rows = [['page', 'what it asks', 'p50, ms', 'p95, ms', 'target, p95', '']];
      for (const [page, what, ask] of questions(store, org)) {
        const times: number[] = [];
        await ask();
        for (let n = 0; n < ROUNDS; n++) times.push(await timed(ask));
        const p95 = quantile(times, 0.95);
        rows.push([page, what, figure(quantile(times, 0.5)), figure(p95), ...judged(p95, { atMost: TARGET_MS })]);
      }
      if (filling !== undefined) {
        const rate = figure(EVENTS / (filling / 1_000));
        rows.push(['–', `${EVENTS} events stored, not judged, 1 000 a batch`, `${rate} events/s`, '', ...NO_TARGET]);
      }
      rows.push(['–', 'room of an event on disk', ...sizes(folder), ...NO_TARGET]);
      return rows;
    } finally {
      await store.close();
      if (kept === undefined) rmSync(folder, { recursive: true });
    }
  },
};

function questions(store: PortalStore, org: string): [page: string, what: string, ask: () => Promise<unknown>][] {
  const { events, sessions, agents, observations } = store;
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
      },
    ],
    ['Audit', 'count of all time, failed', async () => events.count(org, event('success=false'), 10_000)],
    ['Audit', 'bars of 90 days, one user', async () => events.bars(org, event('range=90d&user=user-77'), NOW)],
    ['Search', 'a word that occurs once', list(`q=${RARE}`)],
    ['Search', 'two words', list(`q=${WORDS[5]}+please`)],
    ['Search', 'a word in most events', list('q=out')],
    ['Search', 'a beginning of 5 000 words', list('q=word*')],
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
    ['Session', '100 turns', async () => sessions.turns(org, 's-77', { first: 0, limit: 100, maxEvents: 1_000 })],
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
