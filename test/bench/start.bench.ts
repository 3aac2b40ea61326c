import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { daemonState } from '../../src/cli/daemon-state.ts';
import { FolderWatches, type Watching } from '../../src/cli/folder-watches.ts';
import { figure, judged, median, quantile, timed } from './figures.ts';
import type { Measurement } from './main.ts';
import { type BenchHome, end, inFolder, layOutHome, programWords, startDaemon } from './stage.ts';

const WORKSPACES = [100, 1_000, 10_000];
const NEW_ONES = 50;
const WATCHES = 50;
const LIMIT_MS = 60_000;

/** A home in which so many workspaces were opened once: how soon the daemon watches them, serves, and sees a new one. */
export const measurement: Measurement = {
  title: 'Start-up with many workspaces',
  run: () =>
    inFolder(async (folder) => {
      const words = await programWords('bundle', folder);
      const rows: string[][] = [];
      for (const count of WORKSPACES) rows.push(await measure(path.join(folder, String(count)), words, count));
      const head = [
        'workspaces',
        '`install`, ms for each',
        'watch started, ms',
        'target',
        '',
        'daemon serves, ms',
        'first scan done, ms',
      ];
      return [[...head, 'new workspace.json → hook file, ms: median', 'p95', 'target', ''], ...rows];
    }),
};

async function measure(folder: string, words: readonly string[], count: number): Promise<string[]> {
  const home = layOutHome(folder);
  for (let n = 0; n < count; n++) openWorkspace(home, `old-${n}`);
  const installed = await timed(() => install(home, words));
  if (!existsSync(hookOf(home, `old-${count - 1}`))) throw new Error('install attached nothing');
  const watching: number[] = [];
  for (let n = 0; n < WATCHES; n++) {
    let watch: Watching | undefined;
    watching.push(await timed(() => (watch = new FolderWatches().watch(home.workspaceStorage, () => {}))));
    await watch?.close();
  }
  const started = performance.now();
  const daemon = await startDaemon(home, words);
  const serves = performance.now() - started;
  try {
    await until(async () => (await attached(home)) >= count);
    const scanned = performance.now() - started;
    await wait(500);
    const times: number[] = [];
    for (let n = 0; n < NEW_ONES; n++) {
      openWorkspace(home, `new-${n}`);
      times.push(await timed(() => until(async () => existsSync(hookOf(home, `new-${n}`)))));
      await wait(50);
    }
    const p95 = quantile(times, 0.95);
    return [
      String(count),
      figure(installed / count),
      figure(median(watching)),
      ...judged(median(watching), { atMost: 50 }),
      figure(serves),
      figure(scanned),
      figure(median(times)),
      figure(p95),
      ...judged(p95, { atMost: 50 }),
    ];
  } finally {
    await end(daemon);
  }
}

/** Attaches what is there. The daemon that it starts is ended: the one that is timed begins anew. */
function install({ env }: BenchHome, [program = '', ...words]: readonly string[]): void {
  const settled = [
    'install',
    '--portal',
    'http://127.0.0.1:9',
    '--token-stdin',
    '--no-service',
    '--hooks',
    'workspace',
  ];
  spawnSync(program, [...words, ...settled], { env, input: 'no-token' });
  spawnSync(program, [...words, 'stop'], { env });
}

/** As Kiro does it, but the file is whole the moment it is seen: what is timed begins with it. */
function openWorkspace({ folder, workspaceStorage }: BenchHome, name: string): void {
  const workspace = path.join(folder, 'projects', name);
  mkdirSync(workspace, { recursive: true });
  const entry = path.join(workspaceStorage, name);
  mkdirSync(entry);
  writeFileSync(path.join(entry, 'workspace.json'), JSON.stringify({ folder: `file://${workspace}` }));
}

function hookOf({ folder }: BenchHome, name: string): string {
  return path.join(folder, 'projects', name, '.kiro', 'hooks', 'capsule-stop.json');
}

/** How many workspaces the daemon found as they should be. */
async function attached({ own }: BenchHome): Promise<number> {
  const state = await daemonState(own);
  return state === undefined || state === 'hung' ? 0 : state.workspaces.attached;
}

async function until(look: () => Promise<boolean>): Promise<void> {
  const limit = performance.now() + LIMIT_MS;
  while (!(await look())) {
    if (performance.now() > limit) throw new Error('what was waited for did not come within a minute');
    await wait(1);
  }
}
