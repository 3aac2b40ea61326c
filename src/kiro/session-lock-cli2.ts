/** Whether Kiro CLI still has a session open, by the process that its lock names (kiro/README C2). */
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { systemCode } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { field, parseJson } from './fields.ts';
import { type CliSessionFiles, lookAt } from './session-files-cli2.ts';

/** What is known of the process that a lock names. */
export interface LockHolder {
  /** null: the lock names none that we can read. */
  alive: boolean | null;
  /** When it began, in ms; null where the system does not say. */
  startedMs: number | null;
  /** When the lock was written, in ms. */
  lockedMs: number;
}

/** Clocks are set and boot times are whole seconds. */
const SLACK_MS = 60_000;
/** Where a process number may have gone to another program unnoticed, a lock is believed this long. */
const BELIEVED_MS = 24 * 60 * 60_000;

/** Whether the lock's holder still has the session open. A process that is younger than the lock is another one. Pure. */
export function holdsLock({ alive, startedMs, lockedMs }: LockHolder, now: number): boolean {
  if (alive === false) return false;
  if (alive === null || startedMs === null) return now - lockedMs < BELIEVED_MS;
  return startedMs <= lockedMs + SLACK_MS;
}

/** Whether a session is open in some Kiro CLI; a lock that a crash left behind does not count. */
export async function isOpen(host: Pick<Host, 'platform' | 'now'>, { lock }: CliSessionFiles): Promise<boolean> {
  const look = await lookAt(lock);
  if (look === null) return false;
  const pid = look.isFile() && look.size <= MAX_BYTES ? parseLock(await textOf(lock)) : null;
  const alive = pid === null ? null : isAlive(pid);
  const startedMs = pid !== null && alive && host.platform === 'linux' ? await startOf(pid) : null;
  return holdsLock({ alive, startedMs, lockedMs: look.mtimeMs }, host.now().getTime());
}

const MAX_BYTES = 4096;
const pid = z
  .int()
  .min(1)
  .max(2 ** 31);
const lockText = z.union([pid, z.object({ pid: field(pid) }).transform((value) => value.pid ?? null)]);

/** The process number in a lock: the text itself, or the field `pid` of an object; null when it is neither. */
export function parseLock(text: string): number | null {
  return lockText.safeParse(parseJson(text.trim())).data ?? null;
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // There, but another user's.
    return systemCode(error) === 'EPERM';
  }
}

/** Linux counts a process' start in hundredths of a second since the system's (proc(5)). */
const TICK_MS = 10;

async function startOf(processId: number): Promise<number | null> {
  const [own, system] = [await textOf(`/proc/${processId}/stat`), await textOf('/proc/stat')];
  // The program's name stands in brackets and may hold anything.
  const ticks = Number(own.slice(own.lastIndexOf(')') + 2).split(' ')[19] ?? Number.NaN);
  const booted = Number(/^btime (\d+)$/m.exec(system)?.[1] ?? Number.NaN);
  const started = booted * 1000 + ticks * TICK_MS;
  return Number.isFinite(started) ? started : null;
}

/** Nothing for a file that has gone or may not be read. */
async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes(systemCode(error) ?? '')) return '';
    throw error;
  }
}
