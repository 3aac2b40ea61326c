/** A PostgreSQL of its own: Debian's programs, an unprivileged user, a folder that goes away, loopback only. */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { freePort } from './free-port.ts';
import { isRoot } from './unprivileged.ts';

const NOBODY = 65_534;
const PASSWORD = 'loopback-only';

/** Folder of initdb and postgres, the newest there is; undefined where no PostgreSQL is installed. */
export const postgresPrograms: string | undefined = findPrograms();

function findPrograms(): string | undefined {
  const home = '/usr/lib/postgresql';
  if (!existsSync(home)) return undefined;
  const versions = readdirSync(home).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => path.join(home, version, 'bin')).find((bin) => existsSync(path.join(bin, 'initdb')));
}

export interface Postgres {
  port: number;
  /** Makes a database; answers its address, whose user owns it and is no superuser. */
  database(): Promise<string>;
  /** The same, as the superuser, for what a test does behind the portal's back. */
  admin<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T>;
  /** As a power failure ends it: at once. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The address of another database on the same server, for its superuser. */
export const superUrl = (url: string, name: string): string =>
  Object.assign(new URL(url), { username: 'super', pathname: name }).href;

/** Does something on a connection that is closed afterwards. */
export async function inDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Starts one; `options` are settings like `ssl=on`. */
export async function startPostgres(options: readonly string[] = []): Promise<Postgres> {
  const bin = postgresPrograms;
  if (bin === undefined) throw new Error('There is no PostgreSQL on this machine');
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'capsule-pg-')));
  const data = path.join(folder, 'data');
  const as = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const passwordFile = path.join(folder, 'password');
  writeFileSync(passwordFile, PASSWORD);
  chmodSync(folder, 0o700);
  if (isRoot) for (const each of [folder, passwordFile]) chownSync(each, NOBODY, NOBODY);
  const env = { PATH: process.env.PATH, HOME: folder, LC_ALL: 'C.UTF-8' };
  const made = spawnSync(
    path.join(bin, 'initdb'),
    ['-D', data, '-U', 'super', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '-E', 'UTF8', '--no-sync'],
    { ...as, env, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  const settings = [
    'fsync=off',
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    'max_connections=60',
    ...options,
  ];
  let server: ReturnType<typeof spawn> | undefined;
  let ended: Promise<void> = Promise.resolve();
  let databases = 0;
  const urlOf = (user: string, name: string) => `postgres://${user}:${PASSWORD}@127.0.0.1:${port}/${name}`;
  const end = async (signal: 'SIGINT' | 'SIGQUIT'): Promise<void> => {
    server?.kill(signal);
    await ended;
    server = undefined;
  };
  const postgres: Postgres = {
    port,
    async start() {
      const child = spawn(
        path.join(bin, 'postgres'),
        ['-D', data, '-p', String(port), ...settings.flatMap((each) => ['-c', each])],
        {
          ...as,
          env,
          stdio: ['ignore', 'ignore', 'pipe'],
        },
      );
      server = child;
      ended = new Promise((resolve) => child.once('exit', () => resolve()));
      await new Promise<void>((resolve, reject) => {
        let said = '';
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          said += text;
          if (said.includes('ready to accept connections')) resolve();
        });
        child.once('exit', () => reject(new Error(`postgres did not start: ${said}`)));
      });
    },
    async database() {
      const name = `portal_${++databases}`;
      await inDatabase(urlOf('super', 'postgres'), async (client) => {
        if (databases === 1) await client.query(`CREATE ROLE portal LOGIN PASSWORD '${PASSWORD}'`);
        await client.query(`CREATE DATABASE ${name} OWNER portal`);
      });
      return urlOf('portal', name);
    },
    admin: (url, work) => inDatabase(urlOf('super', new URL(url).pathname.slice(1)), work),
    kill: () => end('SIGQUIT'),
    async stop() {
      await end('SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await postgres.start();
  return postgres;
}
