/** The portal under load: the real program as one or more processes, and what the system counts for them. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { postgresPrograms, startPostgres } from '../helpers/postgres-server.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/main.ts', import.meta.url));
/** As the kernel counts: hundredths of a second. */
const TICKS = 100;

export interface Portals {
  addresses(): string[];
  /** `portal token`, and so on. */
  ask(...args: readonly string[]): string;
  begin(): Promise<void>;
  /** As a crash: at once. */
  kill(): Promise<void>;
  /** Processor seconds so far: of the portals, and of the database's own processes. */
  cpu(): { portal: number; database: number };
  /** Of the portals' processor seconds since they began those in which policies judged, as their metrics say. */
  judging(): Promise<number>;
  /** An API key that may read. */
  key(): string;
  /** The most that one portal held in memory, in bytes. */
  peakMemory(): number;
  /** Bytes of the database. */
  room(): Promise<number>;
  /** Ids of all events as they are stored, doubles included. */
  ids(): Promise<string[]>;
  /** What a sync of a page takes where the data is, in ms: the median. */
  syncMs(): number;
  end(): Promise<void>;
}

/** Lays out the data; nothing runs before `begin`. */
export async function layPortals(database: 'sqlite' | 'postgres', replicas: number): Promise<Portals> {
  if (database === 'postgres' && postgresPrograms === undefined) throw new Error('apt-get install postgresql');
  const folder = mkdtempSync(path.join(tmpdir(), 'capsule-load-'));
  const data = path.join(folder, 'portal');
  mkdirSync(data);
  // The helper's server does not sync, which is right for tests and wrong for a figure.
  const server = database === 'postgres' ? await startPostgres(['fsync=on', 'shared_buffers=256MB']) : undefined;
  const url = await server?.database();
  const place = ['--data', data];
  if (url !== undefined) {
    const file = path.join(folder, 'database-url');
    writeFileSync(file, `${url}\n`, { mode: 0o600 });
    place.push('--database-file', file);
  }
  const env = { PATH: process.env.PATH, HOME: folder };
  let running: { child: ChildProcess; address: string }[] = [];
  let peak = 0;
  let spent = 0;
  const note = () => {
    for (const { child } of running) peak = Math.max(peak, peakOf(child.pid));
  };
  let made: string | undefined;
  const key = () => {
    made ??= ask('key');
    return made;
  };
  const ask = (...args: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, 'portal', ...args, ...place], {
      env,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`portal ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  };
  const now = () => running.reduce((sum, { child }) => sum + cpuOf(child.pid), 0);
  const start = async () => {
    const child = spawn(process.execPath, [PROGRAM, 'portal', '--port', '0', ...place], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return { child, address: await saidAddress(child) };
  };
  return {
    addresses: () => running.map(({ address }) => address),
    ask,
    key,
    async begin() {
      running = [];
      // One after the other: the first makes the tables.
      for (let n = 0; n < replicas; n++) running.push(await start());
    },
    async kill() {
      note();
      spent += now();
      const going = running;
      running = [];
      await Promise.all(going.map(({ child }) => ended(child, 'SIGKILL')));
    },
    cpu: () => ({ portal: spent + now(), database: server === undefined ? 0 : cpuOfServer(server.port) }),
    async judging() {
      const each = await Promise.all(running.map(({ address }) => judgingOf(address, key())));
      return each.reduce((sum, seconds) => sum + seconds, 0);
    },
    peakMemory() {
      note();
      return peak;
    },
    room: async () => (url === undefined ? sqliteSize(data) : databaseSize(url)),
    ids: () => (url === undefined ? sqliteIds(data) : postgresIds(url)),
    syncMs: () => syncMs(folder),
    async end() {
      await Promise.all(running.map(({ child }) => ended(child, 'SIGTERM')));
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function saidAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const listen = (chunk: Buffer) => {
      text += chunk.toString();
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text);
      if (found !== null) resolve(found[0]);
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('exit', () => reject(new Error(`the portal ended: ${text}`)));
  });
}

function ended(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  return new Promise((resolve) => {
    child.once('close', () => resolve());
    child.kill(signal);
  });
}

/** utime and stime; with `dead` those of children that have ended, too. */
function cpuOf(pid: number | undefined, dead = false): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
    .map(Number);
  const [own, gone] = [(fields[11] ?? 0) + (fields[12] ?? 0), (fields[13] ?? 0) + (fields[14] ?? 0)];
  return (own + (dead ? gone : 0)) / TICKS;
}

function cpuOfServer(port: number): number {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const lines = pids.map((pid) => ({
    pid: Number(pid),
    line: quietly(`/proc/${pid}/cmdline`),
    stat: quietly(`/proc/${pid}/stat`),
  }));
  const first = lines.find(({ line }) => line.includes(`-p\0${port}\0`));
  if (first === undefined) return 0;
  const children = lines.filter(({ stat }) => Number(stat.replace(/^.*\) /s, '').split(' ')[1]) === first.pid);
  return children.reduce((sum, { pid }) => sum + cpuOf(pid), cpuOf(first.pid, true));
}

function quietly(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function peakOf(pid: number | undefined): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(quietly(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

async function judgingOf(address: string, key: string): Promise<number> {
  const answer = await fetch(new URL('/api/metrics', address), { headers: { authorization: `Bearer ${key}` } });
  const found = /^capsule_judging_seconds_total (\S+)$/m.exec(await answer.text())?.[1];
  if (found === undefined) throw new Error('the portal does not say how long it judged');
  return Number(found);
}

/** What is in it, also as long as it stands in the log beside the file; not what was freed and not given back. */
function sqliteSize(data: string): number {
  const database = new DatabaseSync(path.join(data, 'portal.db'), { readOnly: true });
  const of = (name: string) => Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  const bytes = (of('page_count') - of('freelist_count')) * of('page_size');
  database.close();
  return bytes;
}

async function inDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return work(client).finally(() => client.end());
}

const databaseSize = (url: string): Promise<number> =>
  inDatabase(url, async (client) =>
    Number((await client.query('SELECT pg_database_size(current_database()) AS n')).rows[0].n),
  );

const postgresIds = (url: string): Promise<string[]> =>
  inDatabase(url, async (client) =>
    (await client.query('SELECT event_id AS id FROM events')).rows.map(({ id }) => String(id)),
  );

async function sqliteIds(data: string): Promise<string[]> {
  const database = new DatabaseSync(path.join(data, 'portal.db'), { readOnly: true });
  const rows = database.prepare('SELECT event_id AS id FROM events').all() as { id: string }[];
  database.close();
  return rows.map(({ id }) => id);
}

function syncMs(folder: string): number {
  const file = path.join(folder, 'sync');
  const times = Array.from({ length: 100 }, () => {
    const begun = performance.now();
    writeFileSync(file, Buffer.alloc(4096), { flush: true });
    return performance.now() - begun;
  });
  return times.sort((a, b) => a - b)[50] ?? 0;
}
