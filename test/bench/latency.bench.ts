import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Daemon } from '../../src/cli/daemon.ts';
import { type Host, realHost } from '../../src/core/host.ts';
import { silentLog } from '../../src/core/log.ts';
import { openOutbox } from '../../src/relay/open-outbox.ts';
import type { Outbox } from '../../src/relay/outbox.ts';
import { figure, judged, median, NO_TARGET, quantile } from './figures.ts';
import { makeSession, turnText } from './kiro-session.ts';
import type { Measurement } from './main.ts';
import { type BenchHome, end, inFolder, layOutHome, programWords, ready } from './stage.ts';

const TURNS = 60;
const WARM_UP = 10;
const PAUSE_MS = 100;

/** From the ring's file on, the turn's last record being on disk. */
export const measurement: Measurement = {
  title: 'From a ring to the event: in the outbox, at the portal',
  run: () =>
    inFolder(async (folder) => {
      const home = layOutHome(folder);
      const portal = await startPortal(home, await programWords('bundle', folder));
      const outbox = openOutbox(home.own.database, () => new Date());
      const turns = followTurns(outbox);
      const daemon = new Daemon(hostOf(home), outbox, { version: '0.0.0', supervised: true });
      await daemon.begin();
      await daemon.swept;
      try {
        const [stored, delivered] = await play(home, turns);
        const p95 = quantile(stored, 0.95);
        return [
          ['from a ring to the turn', 'median ms', 'p95 ms', 'p99 ms', 'target of p95', ''],
          ['durable in the outbox', ...row(stored), ...judged(p95, { atMost: 25 })],
          ['durable at the portal, and acknowledged', ...row(delivered), ...NO_TARGET],
        ];
      } finally {
        await daemon.stop();
        await end(portal);
      }
    }),
};

const row = (times: readonly number[]) => [
  figure(median(times)),
  ...[0.95, 0.99].map((q) => figure(quantile(times, q))),
];

interface Turns {
  stored(turn: string): Promise<number>;
  delivered(turn: string): Promise<number>;
}

/** Listens to an outbox: when a turn's last event is committed, and when it is acknowledged. */
function followTurns(outbox: Outbox): Turns {
  const ends = new Map<string, string>();
  const times = {
    stored: new Map<string, PromiseWithResolvers<number>>(),
    delivered: new Map<string, PromiseWithResolvers<number>>(),
  };
  const at = (what: keyof typeof times, turn: string) => {
    const known = times[what].get(turn) ?? Promise.withResolvers<number>();
    times[what].set(turn, known);
    return known;
  };
  const commit = outbox.commit.bind(outbox);
  outbox.commit = (what) => {
    const added = commit(what);
    for (const { id, kind, turn } of what.events) {
      if (kind !== 'turn.ended' || turn === null) continue;
      ends.set(id, turn.id);
      at('stored', turn.id).resolve(performance.now());
    }
    return added;
  };
  const acknowledge = outbox.acknowledge.bind(outbox);
  outbox.acknowledge = (ids) => {
    acknowledge(ids);
    for (const id of ids) {
      const turn = ends.get(id);
      if (turn !== undefined) at('delivered', turn).resolve(performance.now());
    }
  };
  return { stored: (turn) => at('stored', turn).promise, delivered: (turn) => at('delivered', turn).promise };
}

async function play({ sessions, own }: BenchHome, turns: Turns): Promise<[stored: number[], delivered: number[]]> {
  const messages = makeSession(sessions, 'sess_latency');
  const [stored, delivered]: [number[], number[]] = [[], []];
  for (let n = 1; n <= WARM_UP + TURNS; n++) {
    appendFileSync(messages, turnText(n, 2_000));
    const rung = performance.now();
    writeFileSync(path.join(own.rings, `${n}-0.json`), JSON.stringify({ session_id: 'sess_latency' }));
    const [kept, taken] = [await turns.stored(`exec-${n}`), await turns.delivered(`exec-${n}`)];
    if (n > WARM_UP) stored.push(kept - rung);
    if (n > WARM_UP) delivered.push(taken - rung);
    await wait(PAUSE_MS);
  }
  return [stored, delivered];
}

/** The real portal, with this device enrolled by an organisation's token. */
async function startPortal(home: BenchHome, words: readonly string[]): Promise<ChildProcess> {
  const data = path.join(home.folder, 'portal');
  const [program = '', ...rest] = words;
  const child = spawn(program, [...rest, 'portal', '--port', '0', '--data', data], {
    env: home.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk));
  await ready(child, /http:\/\/127\.0\.0\.1:\d+/);
  const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
  const made = await realHost(silentLog).run('env', [
    `HOME=${home.env.HOME}`,
    program,
    ...rest,
    'portal',
    'code',
    '--data',
    data,
  ]);
  writeFileSync(home.own.settings, JSON.stringify({ 'portal.url': url }), { mode: 0o600 });
  writeFileSync(home.own.enrolment, JSON.stringify({ portal: url, secret: made.stdout.trim() }), { mode: 0o600 });
  return child;
}

function hostOf({ env, own }: BenchHome): Host {
  return { ...realHost(silentLog), home: env.HOME ?? '', env, own };
}
