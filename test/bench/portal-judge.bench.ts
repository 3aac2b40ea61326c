/** Events a second into the portal's store (SQLite, or PostgreSQL at `CAPSULE_BENCH_DATABASE`), with judging off and on, and what judging itself costs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { judgedEvent } from '../../src/portal/policies/judged-event.ts';
import { loadJudging } from '../../src/portal/policies/load-judging.ts';
import { loadPack } from '../../src/portal/policies/pack.ts';
import { openBenchStore } from './bench-store.ts';
import type { Measurement } from './main.ts';
import { traffic } from './portal-traffic.ts';

const EVENTS = 10_000;
const BATCHES = [100, 1_000];
const AT = '2026-09-03T13:00:00.000Z';
let runs = 0;

async function ingestRate(batch: number, judged: boolean): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'capsule-bench-'));
  const store = await openBenchStore(folder, new Date(AT));
  const judging = judged ? await loadJudging() : { ...(await loadJudging()), judge: () => NOTHING };
  // An organisation for each, because PostgreSQL's database stays.
  const { id: org } = await store.organisation(`bench ${Date.now()} ${runs++}`, AT);
  await store.policies.installPack(org, await loadPack(), AT);
  // Once to warm up, and so that the policies are compiled.
  await store.events.ingest(org, 'device-1', traffic('warm', 2_000), AT, judging);
  const events = traffic('run', EVENTS);
  const begin = performance.now();
  for (let at = 0; at < events.length; at += batch) {
    await store.events.ingest(org, 'device-1', events.slice(at, at + batch), AT, judging);
  }
  const seconds = (performance.now() - begin) / 1_000;
  await store.close();
  rmSync(folder, { recursive: true });
  return EVENTS / seconds;
}
const NOTHING = {
  findings: [],
  marks: [],
  failures: [],
  slow: [],
  unjudged: [],
  sound: new Set<string>(),
  failing: new Map<string, number>(),
};

async function judgeRate(): Promise<{ facts: number; judge: number }> {
  const { ready, judge } = await loadJudging();
  const pack = (await loadPack()).filter(({ enabled }) => enabled);
  const { rules } = ready(
    pack.map((policy) => ({ ...policy, version: 1, targets: { agents: [], users: [], workspaces: [] } })),
  );
  const events = traffic('judge', EVENTS).map((event) => ({ event, before: { content: null } }));
  const rate = (work: () => void) => {
    work();
    const begin = performance.now();
    work();
    return EVENTS / ((performance.now() - begin) / 1_000);
  };
  return {
    facts: rate(() => events.forEach(({ event, before }) => void judgedEvent(event, before))),
    judge: rate(() => void judge(rules, events)),
  };
}

export const measurement: Measurement = {
  title: 'Ingest with judging',
  async run() {
    const rows = [['what', 'events a batch', 'events/s']];
    const { facts, judge } = await judgeRate();
    rows.push(['facts alone', '', facts.toFixed(0)], ['facts and 43 rules, no store', '100', judge.toFixed(0)]);
    for (const batch of BATCHES) {
      const [without, withIt] = [await ingestRate(batch, false), await ingestRate(batch, true)];
      rows.push(['stored, not judged', String(batch), without.toFixed(0)]);
      rows.push([`stored and judged (× ${(withIt / without).toFixed(2)})`, String(batch), withIt.toFixed(0)]);
    }
    return rows;
  },
};
