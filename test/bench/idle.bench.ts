import { spawn } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { figure, judged, NO_TARGET } from './figures.ts';
import { makeSession, turnText } from './kiro-session.ts';
import type { Measurement } from './main.ts';
import { type Memory, memoryOf } from './memory.ts';
import {
  type BenchHome,
  end,
  enrolAt,
  inFolder,
  layOutHome,
  programWords,
  ready,
  startDaemon,
  startSink,
} from './stage.ts';

/** After five, as the target has it, with `CAPSULE_BENCH_IDLE_MINUTES=5`: by default shorter, for the sake of the whole run's time. */
const IDLE_MINUTES = Number(process.env.CAPSULE_BENCH_IDLE_MINUTES ?? 0);
/** From the last work on: at least longer than the daemon waits before it gives memory back (30 s). */
const SETTLE_MS = Math.max(36_000, IDLE_MINUTES * 60_000);
/** As long as it was idle before, and one minute at least; figures are told for a minute and for an hour. */
const WATCHED_MS = Math.max(60_000, IDLE_MINUTES * 60_000);
const TURNS = 20;

/** A Node server that nobody has asked anything yet: the least that a daemon written for Node can take. */
export const EMPTY_SERVER = `require('node:http').createServer((_, answer) => answer.end()).listen(0, '127.0.0.1', () => console.log('listens'))`;

interface Idle extends Memory {
  wakeUps: number;
  cpuMs: number;
}

/** What the daemon costs a laptop on which nothing happens. */
export const measurement: Measurement = {
  title: 'An idle daemon: memory, wake-ups, processor time',
  run: () =>
    inFolder(async (folder) => {
      const variants = await Promise.all([
        emptyServer(),
        daemon(path.join(folder, 'bundle'), 'bundle', false),
        daemon(path.join(folder, 'worked'), 'bundle', true),
        daemon(path.join(folder, 'checkout'), 'checkout', false),
        daemon(path.join(folder, 'checkout-worked'), 'checkout', true),
      ]);
      const [empty] = variants;
      const head = ['process', 'RSS MiB', 'PSS MiB', 'of it dirty', 'RSS above the empty server', 'target', ''];
      return [
        [...head, 'wake-ups a minute', 'target', '', 'CPU s an hour'],
        ...variants.map(({ name, idle }, index) => row(name, idle, index === 0 ? undefined : empty.idle)),
      ];
    }),
};

function row(name: string, idle: Idle, empty: Idle | undefined): string[] {
  const above = empty === undefined ? undefined : idle.rss - empty.rss;
  const perMinute = (idle.wakeUps / WATCHED_MS) * 60_000;
  return [
    name,
    ...[idle.rss, idle.pss, idle.dirty].map(figure),
    above === undefined ? '' : `+${figure(above)}`,
    ...(above === undefined ? NO_TARGET : judged(above, { atMost: 25 })),
    figure(perMinute),
    ...(above === undefined ? NO_TARGET : judged(perMinute, { atMost: 10 })),
    figure((idle.cpuMs / WATCHED_MS) * 3_600),
  ];
}

async function emptyServer(): Promise<{ name: string; idle: Idle }> {
  const child = await ready(
    spawn(process.execPath, ['-e', EMPTY_SERVER], { stdio: ['ignore', 'pipe', 'inherit'] }),
    /listens/,
  );
  try {
    return { name: 'empty Node server', idle: await observe(child.pid ?? 0) };
  } finally {
    await end(child);
  }
}

async function daemon(
  folder: string,
  from: 'checkout' | 'bundle',
  worked: boolean,
): Promise<{ name: string; idle: Idle }> {
  const home = layOutHome(folder);
  const sink = await startSink();
  enrolAt(home, sink.url);
  const child = await startDaemon(home, await programWords(from, folder));
  try {
    if (worked) await playTurns(home, sink.reached);
    const name = `daemon, ${from === 'bundle' ? 'bundled' : 'checkout'}, ${worked ? `${TURNS} turns delivered` : 'just started'}`;
    return { name, idle: await observe(child.pid ?? 0) };
  } finally {
    await end(child);
    await sink.stop();
  }
}

/** Turns with secrets and tools in them, each rung for and delivered: everything that is loaded on demand is loaded. */
async function playTurns({ sessions, own }: BenchHome, reached: (events: number) => Promise<number>): Promise<void> {
  const messages = makeSession(sessions, 'sess_idle');
  for (let n = 1; n <= TURNS; n++) {
    appendFileSync(messages, turnText(n, 2_000));
    writeFileSync(path.join(own.rings, `${n}-0.json`), JSON.stringify({ session_id: 'sess_idle' }));
    await reached(n * 18);
  }
}

async function observe(pid: number): Promise<Idle> {
  await wait(SETTLE_MS);
  const before = activity(pid);
  await wait(WATCHED_MS);
  const after = activity(pid);
  return { ...memoryOf(pid), wakeUps: after.wakeUps - before.wakeUps, cpuMs: after.cpuMs - before.cpuMs };
}

/** Of all its threads: a voluntary switch is a thread that slept and was woken. */
function activity(pid: number): { wakeUps: number; cpuMs: number } {
  let [wakeUps, cpuNs] = [0, 0];
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8');
    wakeUps += Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]);
    cpuNs += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  }
  return { wakeUps, cpuMs: cpuNs / 1e6 };
}
