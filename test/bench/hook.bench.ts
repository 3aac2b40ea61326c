import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { dispatcherFiles } from '../../src/cli/dispatcher-files.ts';
import { ownPathsIn } from '../../src/core/host.ts';
import { judged, NO_TARGET, quantile } from './figures.ts';
import { alternatives } from './hook-alternatives.ts';
import type { Measurement } from './main.ts';

const ROUNDS = 100;
/** Of what it could have been instead; where the daemon hangs, each waits for its own time limit. */
const OTHER_ROUNDS = 50;
const HUNG_ROUNDS = 5;
const WARM_UP = 3;
/** Longer than what the knocking child computes. It sleeps and waits for an answer longer than this, which costs nobody. */
const PAUSE_MS = 40;

/** What the hook finds. Every one of them must cost its user the same. */
const DAEMONS = {
  up: 'takes every ring that lies in the folder',
  busy: 'the same, but its process does something else for 300 ms of each second',
  hung: 'lives and has its socket open, but takes nothing and accepts nobody',
  stale: 'gone, its socket and its endpoint left behind',
  stopped: 'gone without a trace',
} as const;
type Daemon = keyof typeof DAEMONS;

/** A process that is a daemon as far as the dispatcher can tell: name, endpoint, socket, and a watch on the rings. */
const STAND_IN = `
import fs from 'node:fs'; import net from 'node:net';
const [home, kind] = process.argv.slice(2);
process.title = 'capsule-kiro';
const rings = home + '/rings';
const take = () => { for (const name of fs.readdirSync(rings)) {
  try { JSON.parse(fs.readFileSync(rings + '/' + name, 'utf8')); } catch { continue; }
  fs.renameSync(rings + '/' + name, home + '/taken/' + name);
} };
if (kind !== 'hung') fs.watch(rings, take);
if (kind === 'busy') setInterval(() => { take(); const end = Date.now() + 300; while (Date.now() < end); }, 1000);
if (kind === 'up') setInterval(take, 1000);
net.createServer((socket) => socket.end('HTTP/1.1 200 OK\\r\\ncontent-length: 0\\r\\n\\r\\n')).listen(home + '/run/d.sock', () => {
  fs.writeFileSync(home + '/endpoint.json', JSON.stringify({ pid: process.pid, v: 1 }, null, 1) + '\\n');
  fs.symlinkSync('/proc/' + process.pid + '/fd/' + fs.openSync(home + '/endpoint.json'), home + '/alive');
  process.stdout.write('ready', () => { if (kind === 'hung') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); });
});
`;

/** The hook's cost against the least that any hook costs, timed in C, every variant once in each round. */
export const measurement: Measurement = {
  title: 'What the hook adds to a turn, and how many of its rings are lost',
  async run() {
    const folder = mkdtempSync(path.join(tmpdir(), 'capsule-bench-'));
    try {
      const timer = compileTimer(folder);
      const [ours, others]: [string[][], string[][]] = [[], []];
      for (const name of Object.keys(DAEMONS) as Daemon[]) {
        const processes: ChildProcess[] = [];
        try {
          const home = await layOut(path.join(folder, name), name, processes);
          // Else the file system is still busy with what was written before, which makes a file twice as dear.
          spawnSync('sync');
          ours.push(...(await oursAt(timer, folder, name, home)));
          others.push(...(await othersAt(timer, folder, name, home)));
        } finally {
          for (const each of processes) each.kill('SIGKILL');
        }
      }
      return [HEAD, ...ours, ...others];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

const HEAD = [
  ...['daemon', 'data', 'median ms', 'p99 ms', 'median × `sh -c :`', 'p99 × `sh -c :`'],
  ...['target', '', 'target', '', 'rings lost'],
];

/** With the daemon in this state, and no other on the machine. */
async function oursAt(timer: string, folder: string, name: Daemon, home: string): Promise<string[][]> {
  const script = path.join(folder, name, 'scripts', 'capsule-dispatch.sh');
  const variants = [
    { said: name, form: 'variable', line: ['open', 'sh', script] },
    { said: name, form: 'stdin', line: ['fed', 'sh', script, 'stdin'] },
    ...(name === 'up'
      ? [
          { said: `${name}, bash as sh`, form: 'variable', line: ['open', 'bash', '--posix', script] },
          { said: `${name}, bash as sh`, form: 'stdin', line: ['fed', 'bash', '--posix', script, 'stdin'] },
        ]
      : []),
  ];
  const lines = [['open', 'sh', '-c', ':'], ...variants.map(({ line }) => line)];
  const [floor = [], ...times] = await time(timer, path.join(folder, 'payload'), ROUNDS, lines);
  const rung = variants.length * (ROUNDS + WARM_UP);
  const lost = `${rung - kept(home)} of ${rung}`;
  const none = [...NO_TARGET, ...NO_TARGET];
  return [
    [name, '(`sh -c :`)', ...ratios(floor, floor).shown, ...none, ''],
    ...variants.map(({ said, form }, index) => {
      const { shown, median, p99 } = ratios(times[index] ?? [], floor);
      return [said, form, ...shown, ...target(form, said, median, p99), lost];
    }),
  ];
}

/** What the hook could have been instead, beside ours with its data on stdin, which is what they do. */
async function othersAt(timer: string, folder: string, name: Daemon, home: string): Promise<string[][]> {
  const rounds = name === 'hung' ? HUNG_ROUNDS : OTHER_ROUNDS;
  const { socket } = ownPathsIn(home);
  const each = alternatives(folder);
  const [floor = [], ...rest] = await time(timer, path.join(folder, 'payload'), rounds, [
    ['open', 'sh', '-c', ':'],
    ['fed', 'sh', path.join(folder, name, 'scripts', 'capsule-dispatch.sh'), 'stdin'],
    ...each.map(({ line }) => line(socket, path.join(folder, 'kept.json'))),
  ]);
  return ['ours', ...each.map((one) => one.name)].map((what, index) => {
    const { shown } = ratios(rest[index] ?? [], floor);
    return [`${name}, ${rounds} rounds`, `stdin, ${what}`, ...shown, ...NO_TARGET, ...NO_TARGET, ''];
  });
}

/** Of the median of what the least costs, in the same rounds. */
function ratios(values: number[], floor: number[]): { shown: string[]; median: number; p99: number } {
  const base = quantile(floor, 0.5);
  const [median, p99] = [quantile(values, 0.5), quantile(values, 0.99)];
  const shown = [median, p99, median / base, p99 / base].map((value) => value.toFixed(2));
  return { shown, median: median / base, p99: p99 / base };
}

/** Of the median and of the slowest hundredth. */
function target(form: string, name: string, median: number, p99: number): string[] {
  // bash's own start is 1.7 times dash's, so nothing run by it could keep to 1.5.
  const most = name.includes('bash') ? 3.5 : form === 'variable' ? 1.5 : 2.5;
  return [...judged(median, { atMost: most }), ...judged(p99, { atMost: 6 })];
}

/** Whole rings: those that wait and those that were taken. */
function kept(home: string): number {
  return ['rings', 'taken'].reduce((sum, name) => sum + readdirSync(path.join(home, name)).length, 0);
}

function compileTimer(folder: string): string {
  const source = fileURLToPath(new URL('hook-timer.c', import.meta.url));
  const timer = path.join(folder, 'hook-timer');
  const { status, stderr, error } = spawnSync('gcc', ['-O2', '-o', timer, source], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`gcc is needed to time the hook: ${error?.message ?? stderr}`);
  writeFileSync(path.join(folder, 'payload'), JSON.stringify({ session_id: 'sess_1', text: 'x'.repeat(2_000) }));
  return timer;
}

async function layOut(folder: string, name: Daemon, processes: ChildProcess[]): Promise<string> {
  const own = ownPathsIn(path.join(folder, 'home'));
  const scripts = path.join(folder, 'scripts');
  for (const each of [
    own.rings,
    path.join(own.home, 'taken'),
    path.dirname(own.socket),
    path.dirname(own.program),
    scripts,
  ])
    mkdirSync(each, { recursive: true });
  for (const { name: file, text } of dispatcherFiles({ own, platform: 'linux' }))
    writeFileSync(path.join(scripts, file), text, { mode: 0o755 });
  writeFileSync(own.program, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  if (name === 'stopped') return own.home;
  if (name === 'stale') {
    // Bound by a process that is gone by the time a hook knocks.
    spawnSync(process.execPath, [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(own.socket)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ]);
    writeFileSync(own.endpoint, `${JSON.stringify({ pid: 2 ** 22 + 1, v: 1 }, null, 1)}\n`);
    symlinkSync(`/proc/${2 ** 22 + 1}/fd/20`, own.alive);
    return own.home;
  }
  const standIn = path.join(folder, 'daemon.mjs');
  writeFileSync(standIn, STAND_IN);
  const daemon = spawn(process.execPath, [standIn, own.home, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  processes.push(daemon);
  await new Promise((resolve) => daemon.stdout.once('data', resolve));
  return own.home;
}

async function time(timer: string, payload: string, rounds: number, lines: string[][]): Promise<number[][]> {
  const child = spawn(timer, [String(rounds), String(PAUSE_MS), payload], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(lines.map((words) => `${words.join('\t')}\n`).join(''));
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) text += chunk;
  return JSON.parse(text) as number[][];
}
