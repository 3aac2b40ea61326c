import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DIST } from '../../build/places.ts';
import { bringRuntime } from '../../build/runtimes.ts';
import { executableName, TARGETS } from '../../build/targets.ts';
import { figure, judged, median, NO_TARGET, timed } from './figures.ts';
import { EMPTY_SERVER } from './idle.bench.ts';
import type { Measurement } from './main.ts';
import { type Memory, memoryOf } from './memory.ts';
import { end, enrolAt, inFolder, layOutHome, programWords, ready, startDaemon, startSink } from './stage.ts';

const ROUNDS = 40;
/** Longer than the daemon waits before it gives memory back (30 s). */
const SETTLE_MS = 36_000;
const MB = 1_000_000;

interface Programs {
  sealed: string;
  /** The very Node that is sealed, before anything was done to it. */
  node: string;
  /** The program's files, bundled, for that Node. */
  unsealed: string[];
}

/** What sealing costs: bytes, start-up and memory, each beside the bare Node that is inside. */
export const measurement: Measurement = {
  title: 'The executable beside the Node in it',
  run: () =>
    inFolder(async (folder) => {
      const programs = await findPrograms(folder);
      return [
        ['what', 'figure', '× the bare Node', 'target', ''],
        ...sizes(programs),
        ...(await startUps(programs, path.join(folder, 'starts'))),
        ...(await memories(programs, folder)),
      ];
    }),
};

async function findPrograms(folder: string): Promise<Programs> {
  const target = TARGETS.find(({ os, arch }) => os === process.platform && arch === process.arch);
  if (target === undefined) throw new Error('no executable is built for this system');
  const sealed = path.join(DIST, executableName(target));
  if (!existsSync(sealed)) throw new Error('build this system’s executable first: npm run build');
  const node = path.join(await bringRuntime(target.runtime), target.runtime.file);
  const [, file = ''] = await programWords('bundle', folder);
  return { sealed, node, unsealed: [node, file] };
}

function sizes({ sealed, node }: Programs): string[][] {
  const bytes = (file: string) => statSync(file).size;
  const row = (what: string, file: string, atMost?: number) => {
    if (!existsSync(file)) return [`${what}, MB`, 'not built', '', ...NO_TARGET];
    const judgement = atMost === undefined ? NO_TARGET : judged(bytes(file) / MB, { atMost });
    return [`${what}, MB`, figure(bytes(file) / MB), (bytes(file) / bytes(node)).toFixed(2), ...judgement];
  };
  return [
    row('size', sealed),
    row('download, zstd', `${sealed}.zst`, 30),
    row('download, gzip (all that a Mac’s curl knows)', `${sealed}.gz`),
  ];
}

/** Every variant once in each round, so that what else the machine does falls on all alike. */
async function startUps({ sealed, node, unsealed }: Programs, folder: string): Promise<string[][]> {
  const { env } = layOutHome(folder);
  const variants = [
    { name: 'the bare Node (`-e 0`)', words: [node, '-e', '0'] },
    { name: '`--version`', words: [sealed, '--version'], atMost: 1.1 },
    { name: '`hook`', words: [sealed, 'hook'], atMost: 1.1 },
    { name: '`status`', words: [sealed, 'status'] },
    { name: '`status`, not sealed', words: [...unsealed, 'status'] },
  ].map((variant) => ({ ...variant, times: [] as number[] }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { words, times } of variants) {
      const [program = '', ...args] = words;
      times.push(await timed(() => spawnSync(program, args, { env, stdio: 'ignore' })));
    }
  }
  const bare = median(variants[0]?.times ?? []);
  return variants.map(({ name, times, atMost }) => {
    const ratio = median(times) / bare;
    const judgement = atMost === undefined ? NO_TARGET : judged(Number(ratio.toFixed(2)), { atMost });
    return [`start-up: ${name}, ms`, figure(median(times)), ratio.toFixed(2), ...judgement];
  });
}

/** All at once: they wait longest, and the same things happen to all of them. */
async function memories({ sealed, node, unsealed }: Programs, folder: string): Promise<string[][]> {
  const [bare, ...daemons] = await Promise.all([
    bareServer(node),
    idleDaemon(path.join(folder, 'sealed'), [sealed]),
    idleDaemon(path.join(folder, 'unsealed'), unsealed),
  ]);
  const row = (name: string, memory: Memory, atMost?: number) => {
    const ratio = memory.rss / bare.rss;
    const judgement = atMost === undefined ? NO_TARGET : judged(Number(ratio.toFixed(2)), { atMost });
    const text = `${figure(memory.rss)} (PSS ${figure(memory.pss)}, dirty ${figure(memory.dirty)})`;
    return [`idle: ${name}, RSS MiB`, text, ratio.toFixed(2), ...judgement];
  };
  const [sealedOne = bare, unsealedOne = bare] = daemons;
  return [
    row('the bare Node with an HTTP server', bare),
    row('the daemon', sealedOne, 1.3),
    row('the daemon, not sealed', unsealedOne),
  ];
}

async function bareServer(node: string): Promise<Memory> {
  const child = await ready(spawn(node, ['-e', EMPTY_SERVER], { stdio: ['ignore', 'pipe', 'inherit'] }), /listens/);
  await wait(SETTLE_MS);
  const memory = memoryOf(child.pid ?? 0);
  await end(child);
  return memory;
}

async function idleDaemon(folder: string, words: readonly string[]): Promise<Memory> {
  const home = layOutHome(folder);
  const sink = await startSink();
  enrolAt(home, sink.url);
  const child = await startDaemon(home, words);
  try {
    await wait(SETTLE_MS);
    return memoryOf(child.pid ?? 0);
  } finally {
    await end(child);
    await sink.stop();
  }
}
