import { homedir, userInfo } from 'node:os';
import path from 'node:path';
import envPaths from 'env-paths';
import type { DeviceRef } from './event.ts';
import { describe } from './failure.ts';
import type { Log } from './log.ts';

export type Platform = DeviceRef['os'];

/** Where our own files are. One folder holds them all, so that one look and one deletion cover everything. */
export interface OwnPaths {
  /** Owner-only folder: everything below is in it. */
  home: string;
  settings: string;
  credential: string;
  /** Written by `install` until the daemon has enrolled. */
  enrolment: string;
  device: string;
  database: string;
  attachments: string;
  snapshots: string;
  rings: string;
  /** Says where the daemon's socket is: `{ socket, pid, version }`. */
  endpoint: string;
  /** On Linux a link that is the endpoint for as long as the daemon that published it lives. */
  alive: string;
  socket: string;
  /** When the daemon started and did not come up: what tells a crash from a start. */
  starts: string;
  log: string;
  /** The program for the dispatcher and the service: the executable itself; from a checkout a link to its launcher. */
  program: string;
}

/** Where an organisation lays down settings for everybody on this machine. */
export interface ManagedPlace {
  file: string;
  /** Whose the file and its folder have to be (a user's number); null where that is not asked because its place says so. */
  owner: number | null;
}

export interface Ran {
  /** null when the program could not be started or was killed. */
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** What an acting function needs of the world. Deciding functions never take it. */
export interface Host {
  home: string;
  env: Readonly<Record<string, string | undefined>>;
  platform: Platform;
  user: string;
  own: OwnPaths;
  managed: ManagedPlace;
  now(): Date;
  /** [0, 1) */
  random(): number;
  /** Runs a program without a shell and with a time limit (ms); never throws. */
  run(program: string, args: readonly string[], limitMs?: number): Promise<Ran>;
  log: Log;
}

/** Lays out our own files below one folder. Windows starts only what is called `.exe`. */
export function ownPathsIn(home: string, platform: string = process.platform): OwnPaths {
  const at = (...parts: string[]) => path.join(home, ...parts);
  return {
    home,
    settings: at('settings.json'),
    credential: at('credential.json'),
    enrolment: at('enrolment.json'),
    device: at('device.json'),
    database: at('agent.db'),
    attachments: at('attachments.db'),
    snapshots: at('snapshots'),
    rings: at('rings'),
    endpoint: at('endpoint.json'),
    alive: at('alive'),
    socket: at('run', 'd.sock'),
    starts: at('run', 'starts.json'),
    log: at('log', 'daemon.log'),
    program: at('bin', platform === 'win32' ? 'capsule-kiro.exe' : 'capsule-kiro'),
  };
}

/**
 * Fixed, and by no variable of the environment: that is the user's. On Windows below `Program Files`, where only administrators
 * can make a folder; in `ProgramData` everybody can.
 */
export function managedPlace(platform: Platform): ManagedPlace {
  if (platform === 'win32') return { file: 'C:\\Program Files\\Capsule Kiro\\managed.json', owner: null };
  const folder = platform === 'darwin' ? '/Library/Application Support/Capsule Kiro' : '/etc/capsule-kiro';
  return { file: `${folder}/managed.json`, owner: 0 };
}

/**
 * The folder of our own files: `CAPSULE_KIRO_HOME` when it is set (the dispatcher sets it for the daemon it starts, whose
 * environment may differ from the one `install` saw), else the system's place for a user's application data.
 */
export function ownHome(env: Host['env']): string {
  return env.CAPSULE_KIRO_HOME || envPaths('capsule-kiro', { suffix: '' }).data;
}

/** The real world, as this process sees it. */
export function realHost(log: Log): Host {
  const platform = process.platform === 'darwin' || process.platform === 'win32' ? process.platform : 'linux';
  return {
    home: homedir(),
    env: process.env,
    platform,
    user: userName(process.env),
    own: ownPathsIn(ownHome(process.env)),
    managed: managedPlace(platform),
    now: () => new Date(),
    random: Math.random,
    run,
    log,
  };
}

/** Waits, in ms, without giving other code a turn: for what is done under a lock and in one go. */
export function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function userName(env: Host['env']): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user may have no entry in the password database.
    return env.USER ?? env.USERNAME ?? 'unknown';
  }
}

function run(program: string, args: readonly string[], limitMs = 15_000): Promise<Ran> {
  const out = { exitCode: null, stdout: '', stderr: '' };
  // Loaded here: the hook, which Kiro waits for, has a host but runs nothing.
  const { spawn } = process.getBuiltinModule('node:child_process');
  return new Promise<Ran>((resolve) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      timeout: limitMs,
      killSignal: 'SIGKILL',
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (out.stderr += text));
    child.on('error', (error) => resolve({ ...out, stderr: error.message }));
    child.on('exit', (exitCode) => {
      // What a killed program started may live on and hold the pipes: nobody would ever close them.
      if (exitCode === null) for (const pipe of [child.stdout, child.stderr]) pipe.destroy();
    });
    child.on('close', (exitCode) => resolve({ ...out, exitCode }));
  }).catch((error: unknown) => ({ ...out, stderr: describe(error) }));
}
