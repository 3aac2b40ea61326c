import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Measurement } from './main.ts';

const RUNS = 100;
const DISPATCHER = fileURLToPath(new URL('../../installer-assets/capsule-dispatch.sh', import.meta.url));

/** The hook's cost against the least that any hook costs, each round running every variant once, in turn. */
export const measurement: Measurement = {
  title: 'What the hook adds to a turn',
  async run() {
    const folder = mkdtempSync(path.join(tmpdir(), 'capsule-bench-'));
    const server = await layOut(folder);
    const script = path.join(folder, 'scripts', 'capsule-dispatch.sh');
    const payload = JSON.stringify({ session_id: 'sess_1', hook_event_name: 'Stop', cwd: '/home/dev/demo' });
    const variants: [string, () => Promise<number>][] = [
      ['sh -c :', () => time('sh', ['-c', ':'], '')],
      ['dispatcher, data in the variable', () => time('sh', [script], '')],
      ['dispatcher, data on stdin', () => time('sh', [script, 'stdin'], payload)],
    ];
    const times = variants.map(() => [] as number[]);
    for (let round = 0; round < RUNS + 5; round++) {
      for (const [index, [, run]] of variants.entries()) {
        const ms = await run();
        if (round >= 5) times[index]?.push(ms);
      }
    }
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
    const floor = quantile(times[0] ?? [], 0.5);
    return [
      ['variant', 'median ms', 'p99 ms', 'median × `sh -c :`', 'p99 × `sh -c :`'],
      ...variants.map(([name], index) => {
        const [median, p99] = [0.5, 0.99].map((q) => quantile(times[index] ?? [], q));
        return [name, fixed(median), fixed(p99), fixed((median ?? 0) / floor), fixed((p99 ?? 0) / floor)];
      }),
    ];
  },
};

/** A daemon that answers, so that the knocking child has somebody to talk to, as it has in life. */
async function layOut(folder: string): Promise<http.Server> {
  const home = path.join(folder, 'home');
  for (const name of ['scripts', 'home/rings', 'home/run', 'home/bin'])
    mkdirSync(path.join(folder, name), { recursive: true });
  copyFileSync(DISPATCHER, path.join(folder, 'scripts', 'capsule-dispatch.sh'));
  writeFileSync(path.join(folder, 'scripts', 'capsule-home'), `${home}\n`);
  const server = http.createServer((request, response) => request.resume().on('end', () => response.end('{}')));
  await new Promise<void>((resolve) => server.listen(path.join(home, 'run', 'd.sock'), resolve));
  return server;
}

/** From start to the end of its output, which is what Kiro waits for. */
function time(program: string, args: string[], input: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(program, args, { stdio: 'pipe', detached: true });
    child.stdout.resume();
    child.stderr.resume();
    child.on('error', reject);
    child.on('close', () => resolve(performance.now() - started));
    // A program that has ended without reading is no trouble of ours.
    child.stdin.on('error', () => {}).end(input);
  });
}

function quantile(values: readonly number[], q: number): number {
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? 0;
}

const fixed = (value = 0) => value.toFixed(2);
