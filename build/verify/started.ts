/** Starts an executable the way a stranger's machine would. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export interface Started {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** For the slowest emulator on a busy machine; it only ends what would never end. */
const LIMIT_MS = 300_000;

/** Runs a command with this environment only. */
export function start(command: readonly string[], env: Record<string, string>, cwd?: string, input = ''): Started {
  const [program = '', ...args] = command;
  const limits = { encoding: 'utf8', timeout: LIMIT_MS, maxBuffer: 64 * 1024 * 1024 } as const;
  const ran = spawnSync(program, args, { ...limits, env, input, ...(cwd !== undefined && { cwd }) });
  if (ran.error !== undefined) throw ran.error;
  return { status: ran.status, stdout: ran.stdout, stderr: ran.stderr };
}

/** The same, and it must have ended well without a word on standard error. */
export function must(command: readonly string[], env: Record<string, string>, cwd?: string, input = ''): string {
  const { status, stdout, stderr } = start(command, env, cwd, input);
  if (status !== 0 || stderr !== '') throw new Error(`${command.join(' ')} ended with ${status}: ${stderr}${stdout}`);
  return stdout;
}

/** Looks until it is so. Throws when it never is. */
export async function seen(what: string, look: () => boolean): Promise<void> {
  const end = Date.now() + LIMIT_MS;
  while (!look()) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await wait(500);
  }
}

/** Does `work` in a folder that goes away afterwards. */
export async function inFolder<T>(work: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'capsule-verify-')));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
