/** Looks over a running process's shoulder, or lets its system calls fail: Linux' strace, where it is installed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { afterEach } from '@jest/globals';
import { isAlive, until } from './machine.ts';

export const hasStrace = spawnSync('strace', ['-V']).status === 0;

const tracers: ChildProcess[] = [];
afterEach(() => {
  for (const tracer of tracers.splice(0)) tracer.kill('SIGKILL');
});

export interface Tracing {
  stop(): Promise<void>;
}

/** Attaches to a process and all its threads, with strace's own arguments. */
export async function attach(pid: number | undefined, how: readonly string[]): Promise<Tracing> {
  const tracer = spawn('strace', ['-f', '-p', String(pid), ...how], { stdio: ['ignore', 'ignore', 'pipe'] });
  tracers.push(tracer);
  let said = '';
  tracer.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  await until(() => /attached/.test(said), `strace attaches: ${said}`);
  const gone = new Promise((resolve) => tracer.once('close', resolve));
  return {
    async stop() {
      // It waits for ever for the end of a process that was killed and that nobody reaps; all it saw is written down by then.
      tracer.kill(pid !== undefined && isAlive(pid) ? 'SIGINT' : 'SIGKILL');
      await gone;
    },
  };
}

/** Lets a system call of a process fail or dawdle: `fsync:error=EIO`. */
export function inject(pid: number | undefined, what: string): Promise<Tracing> {
  return attach(pid, ['-e', `inject=${what}`, '-o', '/dev/null']);
}
