/** Code in a process of its own: to be killed, to hold a lock, to run under another limit. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { afterEach } from '@jest/globals';

/** The address of a source file, for an `import` in such code. */
export const source = (file: string): string => JSON.stringify(new URL(`../../src/${file}`, import.meta.url).href);

const NODE = [process.execPath, '--disable-warning=ExperimentalWarning', '--input-type=module', '-e'];

export interface Ended {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Runs JavaScript to its end, behind a shell's `prelude` (`ulimit -f 8`) if there is one. */
export function runElsewhere(code: string, prelude?: string): Ended {
  const command = prelude === undefined ? NODE : ['/bin/sh', '-c', `${prelude}; exec "$@"`, 'sh', ...NODE];
  const [program = '', ...args] = [...command, code];
  const { status, signal, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return { exitCode: status, signal, stdout, stderr };
}

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
});

/** Starts JavaScript that goes on until it is killed; resolves when it has printed something. */
export function startElsewhere(code: string): Promise<ChildProcess> {
  const [program = '', ...args] = [...NODE, `${code}; process.stdout.write('ready'); setInterval(() => {}, 60_000)`];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.stdout.once('data', () => resolve(child));
    child.once('exit', (code) => reject(new Error(`it ended with ${code} before it was ready`)));
  });
}

/** Without warning. Resolves when it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
