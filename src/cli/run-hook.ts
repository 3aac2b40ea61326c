/** Runs a hook's command as Kiro does: through a shell, in the workspace's folder, in a process group of its own. */
import { spawn } from 'node:child_process';
import { Failure } from '../core/failure.ts';

export interface HookRun {
  milliseconds: number;
  exitCode: number | null;
  /** Both streams: Kiro 1.x gives them to the agent (kiro/README K12). */
  output: string;
}

export interface HookPlace {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** ms until it is killed, and everything it started in its group with it; `exitCode` is null then. Kiro's own limit unless given. */
  limitMs?: number;
}

/** As both hook files say. */
export const HOOK_LIMIT_MS = 10_000;

/** What Kiro 1.x tells a hook of a turn's end (kiro/README K11). Pure. */
export function stopPayload(sessionId: string, cwd: string): object {
  return { session_id: sessionId, hook_event_name: 'Stop', cwd };
}

/** Kiro 1.x: JSON on stdin, without a newline, closed at once (kiro/README K11). */
export function runHook1x(command: string, payload: object, place: HookPlace): Promise<HookRun> {
  return runHook(command, place, (stdin) => stdin.end(JSON.stringify(payload)));
}

/** Kiro 0.x: `USER_PROMPT` in the environment, stdin open and never written (kiro/README K10). */
export function runHook0x(command: string, userPrompt: string, { env, ...place }: HookPlace): Promise<HookRun> {
  return runHook(command, { ...place, env: { ...env, USER_PROMPT: userPrompt } }, () => {});
}

function runHook(
  command: string,
  { cwd, env, limitMs = HOOK_LIMIT_MS }: HookPlace,
  feed: (stdin: NodeJS.WritableStream) => void,
): Promise<HookRun> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, { shell: true, cwd, env, detached: true, stdio: 'pipe' });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const timer = setTimeout(() => {
      killGroup(child.pid);
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
    }, limitMs);
    child.stdin.on('error', () => {});
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new Failure('not-found', `The hook cannot be run in ${cwd}: ${error.message}`, { cause: error }));
    });
    // `close` waits until nobody holds the pipes, as Kiro does.
    child.on('close', (exitCode) => {
      clearTimeout(timer);
      child.stdin.destroy();
      resolve({ milliseconds: performance.now() - started, exitCode, output });
    });
    feed(child.stdin);
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}
