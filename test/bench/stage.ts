/** The real daemon in a temporary home, seen from outside. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../build/bundle.ts';
import { type OwnPaths, ownPathsIn } from '../../src/core/host.ts';
import { writeCredential } from '../../src/relay/credential.ts';

const TOP = fileURLToPath(new URL('../..', import.meta.url));

/** A home in which Kiro was used, and where our program finds nothing of the real one. */
export interface BenchHome {
  folder: string;
  env: NodeJS.ProcessEnv;
  own: OwnPaths;
  /** Of Kiro 1.x: sessions of one bucket. */
  sessions: string;
  workspaceStorage: string;
}

/** Runs `work` with a fresh folder, which goes away afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'capsule-bench-')));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

export function layOutHome(folder: string): BenchHome {
  const home = path.join(folder, 'home');
  const user = path.join(home, '.config', 'Kiro', 'User');
  const sessions = path.join(home, '.kiro', 'sessions', 'bench');
  const workspaceStorage = path.join(user, 'workspaceStorage');
  const own = ownPathsIn(path.join(home, '.local', 'share', 'capsule-kiro'));
  for (const each of [sessions, workspaceStorage, path.join(user, 'globalStorage'), own.home, own.rings])
    mkdirSync(each, { recursive: true, mode: 0o700 });
  return { folder, env: { HOME: home, PATH: process.env.PATH }, own, sessions, workspaceStorage };
}

/** Lets the home's daemon deliver to this address, as if it had enrolled there. */
export function enrolAt({ own }: BenchHome, portal: string, settings: object = {}): void {
  const day = 24 * 60 * 60_000;
  const at = (ms: number) => new Date(Date.now() + ms).toISOString();
  writeFileSync(own.settings, JSON.stringify({ 'portal.url': portal, ...settings }), { mode: 0o600 });
  const life = { issuedAt: at(-day), expiresAt: at(365 * day) };
  writeCredential(own, { portal, org: 'default', deviceId: 'device-1', token: 'bench', ...life });
}

/** The words that start the program: from the checkout by its launcher, or bundled, the way the executables hold it. */
export async function programWords(from: 'checkout' | 'bundle', folder: string): Promise<string[]> {
  if (from === 'checkout') return [path.join(TOP, 'bin', 'capsule-kiro')];
  const top = path.join(folder, 'program');
  const file = path.join(top, 'dist', 'bench', 'capsule-kiro.cjs');
  mkdirSync(path.dirname(file), { recursive: true });
  // What an executable runs; without what V8 made of the texts, which only a sealed one carries.
  await bundle(file, path.join(path.dirname(file), 'program'), 'in-folder');
  for (const texts of ['installer-assets', 'dist/page']) symlinkSync(path.join(TOP, texts), path.join(top, texts));
  cpSync(path.join(TOP, 'package.json'), path.join(top, 'package.json'));
  return [process.execPath, file];
}

/** Starts the daemon and resolves once it watches. */
export function startDaemon({ env }: BenchHome, [program = '', ...words]: readonly string[]): Promise<ChildProcess> {
  return ready(spawn(program, [...words, 'run', '--supervised'], { env, stdio: ['ignore', 'pipe', 'pipe'] }), /runs/);
}

/** Resolves with the process once it has said this. */
export function ready(child: ChildProcess, said: RegExp): Promise<ChildProcess> {
  let text = '';
  return new Promise((resolve, reject) => {
    const listen = (chunk: Buffer) => {
      text += chunk;
      if (said.test(text)) resolve(child);
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('error', reject);
    child.once('close', () => reject(new Error(`it ended before it was ready: ${text}`)));
  });
}

/** Ends a process and waits until it is gone. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('close', resolve));
  child.kill(signal);
  await gone;
}

/** An HTTP server in a process of its own that takes every event, and tells when. */
export interface Sink {
  url: string;
  /** So far. */
  events(): number;
  /** Resolves with the time (`performance.now()`) of the message that told of the n-th event. */
  reached(events: number): Promise<number>;
  stop(): Promise<void>;
}

export async function startSink(): Promise<Sink> {
  const child = fork(fileURLToPath(new URL('sink.ts', import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let events = 0;
  let waiting: { events: number; resolve: (at: number) => void }[] = [];
  const { port } = await new Promise<{ port: number }>((resolve) => {
    child.once('message', (message) => resolve(message as { port: number }));
  });
  child.on('message', (message) => {
    ({ events } = message as { events: number });
    for (const each of waiting) if (events >= each.events) each.resolve(performance.now());
    waiting = waiting.filter((each) => events < each.events);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    events: () => events,
    reached: (wanted) =>
      new Promise((resolve) => {
        if (events >= wanted) resolve(performance.now());
        else waiting.push({ events: wanted, resolve });
      }),
    stop: () => end(child, 'SIGKILL'),
  };
}
