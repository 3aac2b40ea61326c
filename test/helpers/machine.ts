/** A developer's machine in a temporary folder, with the real program on it. For scenario tests. */
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach } from '@jest/globals';
import { beginSession, stopCommand0x, stopCommand1x } from '../../src/cli/demo/play-kiro.ts';
import { type DemoSession, type DemoTurn, sessionFolder, stageSession, toLines } from '../../src/cli/demo/script.ts';
import { openWorkspace, type Stage, setStage, strike } from '../../src/cli/demo/stage.ts';
import { isGone } from '../../src/cli/process-gone.ts';
import { type HookRun, runHook0x, runHook1x, stopPayload } from '../../src/cli/run-hook.ts';
import { type OwnPaths, ownPathsIn, type Ran, realHost } from '../../src/core/host.ts';
import { silentLog } from '../../src/core/log.ts';
import { readEndpoint } from '../../src/relay/local-client.ts';

/** The program under test: the checkout's launcher, or a sealed executable named by `CAPSULE_KIRO_PROGRAM`. */
export const PROGRAM =
  process.env.CAPSULE_KIRO_PROGRAM ?? fileURLToPath(new URL('../../bin/capsule-kiro', import.meta.url));

export interface Machine extends Stage {
  own: OwnPaths;
  settingsFile: string;
  /** Runs the program and demands success. Answers its standard output. */
  must(args: readonly string[], input?: string): Promise<string>;
  json(args: readonly string[]): Promise<{ exitCode: number | null; body: Record<string, unknown> }>;
  daemonPid(): number | undefined;
  /** Kills the daemon without warning and waits until it is gone. */
  killDaemon(): Promise<void>;
  open(): void;
  session(name: 'recorded' | 'written'): DemoSession;
  append(session: DemoSession, text: string): void;
  hook1x(session: DemoSession): Promise<HookRun>;
  hook0x(): Promise<HookRun>;
  /** A whole turn as Kiro makes it. */
  playTurn(session: DemoSession, turn: DemoTurn | undefined): Promise<HookRun>;
}

const machines: Machine[] = [];
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const machine of machines.splice(0)) {
    await machine.killDaemon();
    strike(machine);
  }
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await gone;
  }
});

export function aMachine(): Machine {
  const stage = setStage(realHost(silentLog), PROGRAM);
  const own = ownPathsIn(
    process.platform === 'darwin'
      ? path.join(stage.home, 'Library', 'Application Support', 'capsule-kiro')
      : path.join(stage.home, '.local', 'share', 'capsule-kiro'),
  );
  const settingsFile = path.join(stage.userData, 'User', 'settings.json');
  const place = { cwd: stage.workspace, env: stage.env };
  const daemonPid = () => readEndpoint(own)?.pid;
  const append = (session: DemoSession, text: string) => {
    mkdirSync(sessionFolder(stage.home, session), { recursive: true });
    appendFileSync(path.join(sessionFolder(stage.home, session), 'messages.jsonl'), text);
  };
  const machine: Machine = {
    ...stage,
    own,
    settingsFile,
    daemonPid,
    append,
    async must(args, input) {
      const ran = await stage.capsule(args, input);
      if (ran.exitCode === 0) return ran.stdout;
      throw new Error(`capsule-kiro ${args.join(' ')} ended with ${ran.exitCode}\n${ran.stdout}\n${ran.stderr}`);
    },
    async json(args) {
      const { exitCode, stdout } = await stage.capsule([...args, '--json']);
      return { exitCode, body: JSON.parse(stdout) as Record<string, unknown> };
    },
    async killDaemon() {
      const pid = daemonPid();
      if (pid === undefined || !isAlive(pid)) return;
      process.kill(pid, 'SIGKILL');
      await until(() => !isAlive(pid), 'the daemon is gone');
    },
    open: () => openWorkspace(stage),
    session(name) {
      const read = (file: string) =>
        readFileSync(new URL(`../../installer-assets/demo/${name}-${file}`, import.meta.url), 'utf8');
      const session = stageSession(read('session.json'), read('messages.jsonl'), stage.workspace, new Date());
      beginSession(stage.home, session);
      return session;
    },
    hook1x: (session) => runHook1x(stopCommand1x(stage.home), stopPayload(session.id, stage.workspace), place),
    hook0x: () => runHook0x(stopCommand0x(stage.workspace, settingsFile), '', place),
    async playTurn(session, turn = { before: [], after: [] }) {
      append(session, toLines(turn.before));
      const run = await machine.hook1x(session);
      append(session, toLines(turn.after));
      return run;
    },
  };
  machines.push(machine);
  return machine;
}

/** A process that goes on until the test ends, or `stop` ends it. */
export function longRunning(
  machine: Stage,
  args: readonly string[],
  /** Runs the program in its way: `wrapper PROGRAM ARGS`. */
  wrapper?: string,
): { child: ChildProcess; said(pattern: RegExp, limitMs?: number): Promise<string>; stop(): Promise<Ran> } {
  const [command = PROGRAM, ...rest] = wrapper === undefined ? [PROGRAM] : [wrapper, PROGRAM];
  const child = spawn(command, [...rest, ...args], { env: machine.env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let text = '';
  const ended = new Promise<Ran>((resolve) => {
    child.once('close', (exitCode) => resolve({ exitCode, stdout: text, stderr: '' }));
  });
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return {
    child,
    async said(pattern, limitMs) {
      await until(
        () => pattern.test(text) || child.exitCode !== null,
        `${args.join(' ')} says ${pattern}, not: ${text}`,
        limitMs,
      );
      const found = pattern.exec(text);
      if (found === null) throw new Error(`it ended with ${child.exitCode}: ${text}`);
      return found[0];
    },
    async stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** Looks until it is so. The limit only ends a test that would never pass. */
export async function until<T>(look: () => T | Promise<T>, what: string, limitMs = 20_000): Promise<NonNullable<T>> {
  const end = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await wait(20);
  }
}

export const isAlive = (pid: number): boolean => !isGone(pid);
