import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { openOutbox } from '../../src/relay/open-outbox.ts';
import { anEvent } from '../helpers/events.ts';
import { compile } from './compile.ts';
import { figure, judged, median, NO_TARGET, quantile, timed } from './figures.ts';
import { makeSession, turnText } from './kiro-session.ts';
import type { Measurement } from './main.ts';
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

const COMMITS = 500;
const EVENT_BYTES = 2_048;
/** The one with a target first, while the backlog lasts. */
const AT_ONCE = [16, 1, 256] as const;
/** Of the one with a target as many as a target asks for. */
const ROUNDS = { 16: 50, 1: 5, 256: 5 };
/** So many events wait when the daemon starts, so that it delivers all the while. */
const BACKLOG = 60_000;
const run = promisify(execFile);

/** What durability costs: one commit against one `fdatasync`, and rings against a C program that does the least. */
export const measurement: Measurement = {
  title: 'Durable: an event into the outbox, rings through the socket',
  run: () =>
    inFolder(async (folder) => [
      ['what', 'ours', 'to compare', 'ratio', 'target', ''],
      await oneClient(folder),
      ...(await rings(folder)),
    ]),
};

const event = (n: number) => anEvent(n, { body: { text: 'a'.repeat(EVENT_BYTES - 560) } });

async function oneClient(folder: string): Promise<string[]> {
  const outbox = openOutbox(path.join(folder, 'one', 'agent.db'), () => new Date());
  const line = Buffer.alloc(EVENT_BYTES, 'a');
  const file = openSync(path.join(folder, 'plain'), 'a');
  const [ours, plain]: [number[], number[]] = [[], []];
  for (let n = 0; n < COMMITS; n++) {
    ours.push(await timed(() => outbox.commit({ events: [event(n)] })));
    plain.push(await timed(() => appendSynced(file, line)));
  }
  closeSync(file);
  outbox.close();
  const ratio = median(ours) / median(plain);
  const shown = (times: number[]) => `${figure(median(times))} ms (p99 ${figure(quantile(times, 0.99))})`;
  return [
    'one event of 2 KB committed, one client',
    shown(ours),
    `append and fdatasync: ${shown(plain)}`,
    figure(ratio),
    ...judged(ratio, { atMost: 2.5 }),
  ];
}

function appendSynced(file: number, line: Buffer): void {
  writeSync(file, line);
  fdatasyncSync(file);
}

interface Load {
  seconds: number;
  median: number;
  p99: number;
}

async function rings(folder: string): Promise<string[][]> {
  const load = compile('ring-load', folder);
  const home = layOutHome(folder);
  const sink = await startSink();
  enrolAt(home, sink.url);
  fill(home);
  writeFileSync(makeSession(home.sessions, 'sess_rung'), turnText(1, 2_000));
  const plain = await plainServer(folder);
  const daemon = await startDaemon(home, await programWords('bundle', folder));
  const payload = path.join(folder, 'ring.json');
  writeFileSync(payload, JSON.stringify({ session_id: 'sess_rung', cwd: '/home/dev/demo', text: 'x'.repeat(2_000) }));
  const rate = async (socket: string, atOnce: number, total: number, name: string) => {
    const { stdout } = await run(load, [socket, String(atOnce), String(total), name, payload]);
    const { seconds, median: p50, p99 } = JSON.parse(stdout) as Load;
    return { perSecond: total / seconds, p50, p99 };
  };
  try {
    const rows: string[][] = [];
    for (const atOnce of AT_ONCE) {
      // Few enough for the backlog to last through all rounds of the one with a target.
      const total = { 16: 160, 1: 200, 256: 1_000 }[atOnce];
      const [ours, theirs]: [Rate[], Rate[]] = [[], []];
      const before = sink.events();
      for (let round = 0; round < ROUNDS[atOnce]; round++) {
        ours.push(await rate(home.own.socket, atOnce, total, `${atOnce}-${round}`));
        theirs.push(await rate(plain.socket, atOnce, total, `${atOnce}-${round}`));
      }
      const ratio = perSecond(ours) / perSecond(theirs);
      rows.push([
        `rings, ${atOnce} at once, median of ${ROUNDS[atOnce]} rounds, ${sink.events() - before} of ${BACKLOG} events forwarded meanwhile`,
        shown(ours),
        `C, write and fdatasync, group commit: ${shown(theirs)}`,
        figure(ratio),
        ...(atOnce === 16 ? judged(ratio, { atLeast: 0.35 }) : NO_TARGET),
      ]);
    }
    return rows;
  } finally {
    await end(daemon, 'SIGKILL');
    await end(plain.child);
    await sink.stop();
  }
}

interface Rate {
  perSecond: number;
  p50: number;
  p99: number;
}
const perSecond = (rates: Rate[]) => median(rates.map((rate) => rate.perSecond));
const shown = (rates: Rate[]) =>
  `${figure(perSecond(rates))} a second, median ${figure(median(rates.map(({ p50 }) => p50)))} ms, p99 ${figure(median(rates.map(({ p99 }) => p99)))}`;

function fill({ own }: BenchHome): void {
  const outbox = openOutbox(own.database, () => new Date());
  for (let n = 0; n < BACKLOG; n += 1_000) {
    outbox.commit({ events: Array.from({ length: 1_000 }, (_, k) => event(n + k)) });
  }
  outbox.close();
}

async function plainServer(folder: string): Promise<{ socket: string; child: ChildProcess }> {
  mkdirSync(path.join(folder, 'plain-server'));
  const socket = path.join(folder, 'plain-server', 's');
  const program = compile('group-commit', folder);
  const child = spawn(program, [socket, path.join(folder, 'plain-server', 'log')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { socket, child: await ready(child, /ready/) };
}
