/** Runs an executable's daemon as a service would: an emulator starts it, where it could not start itself. */
import { type ChildProcess, spawn } from 'node:child_process';
import { must, seen, start } from './started.ts';

/** For the slowest emulator on a busy machine. */
const LIMIT_MS = 180_000;

/** Starts the daemon, rings it by the hook, sees in `status` that the ring came, and stops it. Throws with what went wrong. */
export async function ringDaemon(
  command: readonly string[],
  env: Record<string, string>,
  home: string,
): Promise<string> {
  const [program = '', ...args] = [...command, 'run', '--supervised'];
  const daemon = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => daemon.once('close', resolve));
  try {
    await said(daemon, /The daemon runs/);
    must([...command, 'hook', 'stdin'], env, home, '{"session_id":"sess_1","cwd":"/"}');
    await seen('the ring came', () => /"lastRing":"\d/.test(statusOf(command, env)));
    must([...command, 'stop'], env);
    const exitCode = await ended;
    if (exitCode !== 0) throw new Error(`the daemon ended with ${exitCode}`);
    return '';
  } finally {
    daemon.kill('SIGKILL');
  }
}

/** Its exit code is 3: nobody enrolled this daemon. */
function statusOf(command: readonly string[], env: Record<string, string>): string {
  return start([...command, 'status', '--json'], env).stdout;
}

function said(daemon: ChildProcess, pattern: RegExp): Promise<void> {
  let text = '';
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`it only said: ${text}`)), LIMIT_MS);
    const listen = (chunk: Buffer) => {
      text += chunk;
      if (!pattern.test(text)) return;
      clearTimeout(limit);
      resolve();
    };
    daemon.stdout?.on('data', listen);
    daemon.stderr?.on('data', listen);
    daemon.once('error', reject);
    daemon.once('close', () => reject(new Error(`it ended: ${text}`)));
  });
}
