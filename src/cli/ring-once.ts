/** What the dispatcher does, for where a script will not do: one ring file, written synchronously. No socket, no waiting. */
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { systemCode } from '../core/failure.ts';
import { type Host, realHost } from '../core/host.ts';
import { silentLog } from '../core/log.ts';

/** `env`: data, if any, is in `USER_PROMPT`; `stdin`: Kiro writes it there and closes; `start`: only look after the daemon. */
export type HookForm = 'env' | 'stdin' | 'start';

/** As much as the script takes. */
const MAX_INPUT = 256 * 1024;
/** A daemon that cannot come up is tried twice a minute, however many turns there are. */
const START_EVERY_MS = 30_000;

/**
 * Leaves a ring for the daemon, and has the daemon started when it is gone or left the ring before lying. Never throws: the
 * agent must not learn of any trouble of ours (kiro/README K10, K12).
 */
export function ringOnce(host: Host, form: HookForm): void {
  try {
    if (form !== 'start') leaveRing(host, form);
    if (!isAlive(host) || readdirSync(host.own.rings).length > 1) startDaemon(host);
  } catch {
    // Failing open is the point: the next sweep finds the turn without any ring.
  }
}

/** The same, for the world as this process sees it. */
export function ringNow(form: HookForm): void {
  ringOnce(realHost(silentLog), form);
}

function leaveRing({ own, env }: Host, form: 'env' | 'stdin'): void {
  const fd = createAlone(own.rings);
  try {
    writeSync(fd, form === 'stdin' ? readInput() : Buffer.from(JSON.stringify(ringFromEnv(env))));
  } finally {
    closeSync(fd);
  }
}

function ringFromEnv({ USER_PROMPT = '' }: Host['env']): object {
  return { from: 'env', cwd: process.cwd(), payload: parseObject(USER_PROMPT) };
}

function parseObject(text: string): object {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

/** A file that was not there before. */
function createAlone(rings: string): number {
  for (let n = 0; ; n++) {
    try {
      return openSync(path.join(rings, `${process.pid}-${n}.json`), 'wx', 0o600);
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
    }
  }
}

function readInput(): Buffer {
  const input = Buffer.alloc(MAX_INPUT);
  let size = 0;
  for (let read = 1; read > 0 && size < MAX_INPUT; size += read) read = readPart(input, size);
  return input.subarray(0, size);
}

/** Windows tells the end of a pipe as an error; a pipe that does not block says "not yet" as one. */
function readPart(input: Buffer, at: number): number {
  for (;;) {
    try {
      return readSync(0, input, at, input.length - at, null);
    } catch (error) {
      const code = systemCode(error) ?? '';
      if (code === 'EOF' || code === 'EPIPE') return 0;
      if (code !== 'EAGAIN') throw error;
      // Without a limit of our own: Kiro writes and closes at once (kiro/README K11), and ends a hook that takes too long.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

/** By the process that the daemon's own file names. Read without a schema, which takes longer to load than all of this. */
function isAlive({ own }: Host): boolean {
  try {
    const { pid } = parseObject(readFileSync(own.endpoint, 'utf8')) as { pid?: unknown };
    return typeof pid === 'number' && process.kill(pid, 0);
  } catch {
    return false;
  }
}

function startDaemon({ own, env, now }: Host): void {
  const marker = path.join(path.dirname(own.socket), 'started');
  const age = now().getTime() - 1_000 * Number(readMarker(marker));
  if (age >= 0 && age < START_EVERY_MS) return;
  writeFileSync(marker, `${Math.floor(now().getTime() / 1_000)}\n`, { mode: 0o600 });
  const { spawn } = process.getBuiltinModule('node:child_process');
  spawn(own.program, ['start'], {
    cwd: own.home,
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
    env: { ...env, CAPSULE_KIRO_HOME: own.home },
  })
    .on('error', () => {})
    .unref();
}

function readMarker(marker: string): string {
  return statSync(marker, { throwIfNoEntry: false })?.isFile() ? readFileSync(marker, 'utf8').trim() : '';
}
