/** The real dispatcher in a temporary place, run as Kiro runs it, under any shell. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, constants, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterEach } from '@jest/globals';
import { dispatcherFiles } from '../../src/cli/dispatcher-files.ts';
import { type OwnPaths, ownPathsIn } from '../../src/core/host.ts';
import { tempFolder } from '../helpers/temp-home.ts';
import { isRoot } from '../helpers/unprivileged.ts';

/** Every shell that may stand behind `/bin/sh` on a developer's machine, with whether it is here. */
export const SHELLS = ['/bin/sh', 'dash', 'bash', 'bash --posix', 'busybox sh', 'zsh --emulate sh', 'ksh', 'mksh'].map(
  (name) => {
    const [program = '', ...args] = name.split(' ');
    return { name, command: [program, ...args], here: spawnSync(program, [...args, '-c', ':']).status === 0 };
  },
);

export interface Dispatcher {
  own: OwnPaths;
  script: string;
  /** The rings that lie there, by name. */
  rings(): { name: string; text: string }[];
}

/** Lays out what `install` lays out, the script changed by `edit` where a test needs another system than this one. */
export function placeDispatcher(edit: (text: string) => string = (text) => text): Dispatcher {
  const folder = tempFolder();
  // Where tests run as root, some hooks run as nobody, who must be able to come here.
  chmodSync(folder, 0o755);
  const own = ownPathsIn(path.join(folder, 'our own'));
  const scripts = path.join(folder, "kiro's scripts");
  for (const each of [own.rings, path.dirname(own.socket), path.dirname(own.program), scripts])
    mkdirSync(each, { recursive: true });
  for (const { name, text } of dispatcherFiles({ own, platform: 'linux' }))
    writeFileSync(path.join(scripts, name), edit(text), { mode: 0o755 });
  return {
    own,
    script: path.join(scripts, 'capsule-dispatch.sh'),
    rings: () =>
      readdirSync(own.rings).map((name) => ({ name, text: readFileSync(path.join(own.rings, name), 'utf8') })),
  };
}

export interface Dispatched {
  pid: number;
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

export interface Surroundings {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** What Kiro writes to stdin before it closes it; stdin stays open when there is none. */
  input?: string | Buffer;
  /** As a user whom permissions bind. */
  unprivileged?: boolean;
}

/** Resolves when nobody holds the hook's pipes any more, which is what Kiro waits for. */
export function run(command: readonly string[], surroundings: Surroundings = {}): Promise<Dispatched> {
  const { input, cwd = tempFolder(), env = { PATH: process.env.PATH }, unprivileged = false } = surroundings;
  const [program = '', ...args] = command;
  const user = unprivileged && isRoot ? { uid: 65_534, gid: 65_534 } : {};
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, detached: true, stdio: 'pipe', ...user });
    const out = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (out.stderr += text));
    // A hook that reads less than it is given closes its end first.
    child.stdin.on('error', () => {});
    child.on('error', reject);
    child.on('close', (exitCode) => {
      child.stdin.destroy();
      resolve({ pid: child.pid ?? 0, exitCode, ...out });
    });
    if (input !== undefined) child.stdin.end(input);
  });
}

/** A named pipe to read from. Resolves with the first thing that is written into it. */
export function pipeFor(file: string): Promise<string> {
  spawnSync('mkfifo', [file]);
  // For reading and writing, so that it opens at once and does not end while nobody has written yet.
  const pipe = new net.Socket({ fd: openSync(file, constants.O_RDWR | constants.O_NONBLOCK), writable: false });
  return new Promise((resolve) => {
    pipe.setEncoding('utf8').once('data', (text: string) => {
      pipe.destroy();
      resolve(text);
    });
  });
}

const blocked: number[] = [];
afterEach(() => {
  for (const pid of blocked.splice(0)) process.kill(pid, 'SIGKILL');
});

/**
 * Puts a program where the installed one is. It tells how it was started and then goes on until the test ends. Resolves when
 * it was started.
 */
export async function fakeProgram(own: OwnPaths): Promise<{ home: string; args: string; pid: number }> {
  const started = pipeFor(path.join(own.home, 'started'));
  spawnSync('mkfifo', [path.join(own.home, 'never')]);
  const text = `#!/bin/sh
exec 3<>"$CAPSULE_KIRO_HOME/never"
printf '%s\\n' "$CAPSULE_KIRO_HOME" "$*" $$ >"$CAPSULE_KIRO_HOME/started"
read -r _ <&3
`;
  writeFileSync(own.program, text, { mode: 0o755 });
  const [home = '', args = '', pid = ''] = (await started).split('\n');
  if (!/^[1-9]\d*$/.test(pid)) throw new Error(`the program told ${pid} as its process`);
  blocked.push(Number(pid));
  return { home, args, pid: Number(pid) };
}

/** The process group of a living process, and its session where the system tells it. */
export function groupOf(pid: number): { group: number; session: number | null } {
  if (process.platform === 'linux') {
    const [, , group, session] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return { group: Number(group), session: Number(session) };
  }
  const { stdout } = spawnSync('ps', ['-o', 'pgid=', '-p', String(pid)], { encoding: 'utf8' });
  return { group: Number(stdout), session: null };
}
