/** A portal's store with very many events, made the same in every run: 90 days, 1,000 agents, sessions of 100 events. */
import path from 'node:path';
import { openDatabase } from '../../src/core/database.ts';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { loadJudging } from '../../src/portal/policies/load-judging.ts';
import { loadPack } from '../../src/portal/policies/pack.ts';
import type { Judging } from '../../src/portal/policies/stored.ts';
import { agentsIn } from '../../src/portal/store/sqlite/agents.ts';
import { eventsIn } from '../../src/portal/store/sqlite/events.ts';
import { organisationsIn } from '../../src/portal/store/sqlite/organisations.ts';
import { policiesIn } from '../../src/portal/store/sqlite/policies.ts';
import { MIGRATIONS } from '../../src/portal/store/sqlite/schema.ts';
import type { PortalStore } from '../../src/portal/store/store.ts';
import { enrolmentOf, makeEvent } from '../helpers/portal-events.ts';

const AGENTS = 1_000;
const PER_SESSION = 100;
const BATCH = 1_000;
const BATCHES_A_TRANSACTION = 50;
export const END = Date.UTC(2026, 8, 30);
export const START = END - 90 * 86_400_000;
const NOW = new Date(END).toISOString();
const TOOLS = ['execute_bash', 'fs_read', 'fs_write', 'grep_search', 'list_directory', 'create_issue'];
/** In one event of all. */
export const RARE = 'xylophone';
/** Each in one of 5,000 events or so, in many places. */
export const WORDS = Array.from({ length: 5_000 }, (_, n) => `word${(n * 2_654_435_761) % 99_991}`);

/** Event `n` of `all`, in the order of time. */
function eventAt(n: number, all: number): CapsuleEvent {
  const session = Math.floor(n / PER_SESSION);
  const place = n % PER_SESSION;
  const agent = session % AGENTS;
  const base = {
    id: `e-${n}`,
    time: new Date(START + Math.floor((n / all) * (END - START))).toISOString(),
    turn: { id: `t-${session}-${Math.floor(place / 20)}`, index: Math.floor(place / 20) + 1 },
    session: makeSession(session),
    device: { id: `d-${agent}`, os: 'linux' as const, user: `user-${agent}` },
    workspace: { id: `w-${agent % 300}`, path: `/home/dev/w-${agent % 300}`, name: `w-${agent % 300}` },
    source: { store: 'ide-1.x' as const, record: null, ordinal: place, content: 'redacted' as const, inferred: [] },
  };
  if (place === 0) return makeEvent('session.started', { ...base, turn: null });
  const words = `${n} ${WORDS[n % WORDS.length]} ${WORDS[(n * 7) % WORDS.length]} ${n === Math.floor(all / 3) ? RARE : ''}`;
  if (place % 20 === 1) return makeEvent('prompt.submitted', { ...base, body: { text: `Please ${words}` } });
  if (place % 20 === 18) return makeEvent('agent.responded', { ...base, body: { text: `Done: ${words}`.repeat(4) } });
  if (place % 20 === 19) return makeEvent('turn.ended', base);
  const bad = n % 29 === 0;
  const tool = TOOLS[n % TOOLS.length] ?? '';
  const call = { name: tool, mcpServer: tool === 'create_issue' ? 'jira' : null, success: !bad, exitCode: Number(bad) };
  const texts = { arguments: { command: `run ${words}` }, result: `out ${words} `.repeat(8) };
  return makeEvent('tool.invoked', { ...base, body: { ...call, ...texts, callId: `c-${n}` } });
}

const makeSession = (n: number) =>
  ({
    id: `s-${n}`,
    generation: 'ide-1.x',
    title: `Session ${n}`,
    mode: 'vibe',
    model: n % 3 ? 'auto' : 'opus',
  }) as const;

/**
 * Fills `<folder>/portal.db`, without syncing and in large transactions, because the portal's own way is measured by
 * `portal-judge`. Nothing is judged: one event of 500 is taken for a finding of one of the built-in policies.
 */
export async function fill(folder: string, all: number): Promise<void> {
  const database = openDatabase(path.join(folder, 'portal.db'), { migrations: MIGRATIONS });
  database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; PRAGMA wal_autocheckpoint = 100000');
  const { id: org } = await organisationsIn(database).organisation('default', NOW);
  await policiesIn(database).installPack(org, await loadPack(), NOW);
  const agents = agentsIn(database);
  for (let n = 0; n < AGENTS; n++) {
    await agents.enrol(org, { ...enrolmentOf(`d-${n}`), user: `user-${n}` } as never, NOW, 'bench');
  }
  const judging = await foundByCounting();
  const events = eventsIn(database);
  for (let n = 0; n < all; n += BATCH) {
    if (!database.isTransaction) database.exec('BEGIN');
    const batch = Array.from({ length: Math.min(BATCH, all - n) }, (_, k) => eventAt(n + k, all));
    await events.ingest(org, batch[0]?.device.id ?? '', batch, NOW, judging);
    const isLast = n + BATCH >= all;
    if (isLast || (n / BATCH) % BATCHES_A_TRANSACTION === BATCHES_A_TRANSACTION - 1) database.exec('COMMIT');
  }
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
}

/** The same events into an empty store of either database, by its own way of storing; each arrives at its own time. */
export async function fillStore(store: PortalStore, all: number): Promise<void> {
  const { id: org } = await store.organisation('default', NOW);
  await store.policies.installPack(org, await loadPack(), NOW);
  for (let n = 0; n < AGENTS; n++) {
    await store.agents.enrol(org, { ...enrolmentOf(`d-${n}`), user: `user-${n}` } as never, NOW, 'bench');
  }
  const judging = await foundByCounting();
  for (let n = 0; n < all; n += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, all - n) }, (_, k) => eventAt(n + k, all));
    await store.events.ingest(org, batch[0]?.device.id ?? '', batch, batch.at(-1)?.time ?? NOW, judging);
  }
}

async function foundByCounting(): Promise<Judging> {
  const { ready } = await loadJudging();
  const nothing = { marks: [], failures: [], slow: [], unjudged: [], sound: new Set<string>() };
  return {
    ready,
    judge(rules, events) {
      const { policies } = rules;
      const findings = events.flatMap(({ event }) => {
        const n = Number(event.id.slice(2));
        const policy = policies[Math.floor(n / 500) % policies.length];
        return n % 500 === 5 && policy !== undefined ? [{ policy, event, evidence: [] }] : [];
      });
      return { ...nothing, findings, failing: new Map<string, number>() };
    },
  };
}
