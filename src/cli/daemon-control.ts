import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { askDaemon, endAndStart, readEndpoint } from '../relay/local-client.ts';
import { registeredServices } from '../service/service.ts';
import { type DaemonState, daemonState, standByState } from './daemon-state.ts';
import { isGone } from './process-gone.ts';

const PATIENCE_MS = 15_000;
const LOOK_EVERY_MS = 50;
/** A daemon that ended because another one runs: that one may be coming up just now. */
const AFTER_END_MS = 1_000;

/**
 * Brings the daemon up, through the service manager where we are registered with one, else as a process of its own; a daemon
 * that is already up is left alone. `started` is told the process, where there is one of its own. Throws `daemon-failed` when it
 * does not answer in time, or stands by.
 */
export async function startDaemon(
  host: Host,
  started: (pid: number) => void = () => {},
): Promise<{ state: DaemonState; how: 'running' | 'service' | 'detached' }> {
  const already = await daemonState(host.own);
  if (already !== undefined && already !== 'hung') return { state: already, how: 'running' };
  const [service] = registeredServices(host);
  const supervised = service !== undefined && (await service.start(host));
  const ended = supervised ? () => false : startDetached(host, started);
  const found = await until(PATIENCE_MS, ended, async () => {
    const now = (await daemonState(host.own)) ?? (await standByState(host.own));
    return now === 'hung' ? undefined : now;
  });
  if (found === undefined) {
    throw new Failure('daemon-failed', 'The daemon was started but does not answer', {
      hint: `Its log is ${host.own.log}; run it by hand to see why: capsule-kiro run`,
    });
  }
  if ('standBy' in found) {
    const { why, fix } = found.standBy;
    throw new Failure('daemon-failed', `The daemon stands by: ${why}`, { hint: fix ?? `Its log is ${host.own.log}` });
  }
  return { state: found, how: supervised ? 'service' : 'detached' };
}

/** Asks the daemon to finish and waits until it has. False when none was running. Throws `daemon-failed`. */
export async function stopDaemon(host: Host): Promise<boolean> {
  const pid = readEndpoint(host.own)?.pid;
  const answer = await askDaemon(host.own, 'POST', '/v1/stop');
  if (answer === undefined) return false;
  const gone = await until(
    PATIENCE_MS,
    () => false,
    async () => (pid === undefined || isGone(pid) ? true : undefined),
  );
  if (gone === undefined) {
    throw new Failure('daemon-failed', `The daemon (process ${pid}) was asked to stop but is still there`, {
      hint: `End it, and start it again: ${endAndStart(pid, host.platform)}`,
    });
  }
  return true;
}

/** Answers whether the process that was started has ended, so that nobody waits for it in vain. */
function startDetached(host: Host, started: (pid: number) => void): () => boolean {
  let ended = false;
  const child = spawn(host.own.program, ['run'], {
    // Not the folder of whoever started us: it may be a workspace that is to be deleted.
    cwd: host.own.home,
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
    env: { ...host.env, CAPSULE_KIRO_HOME: host.own.home },
  })
    // What went wrong shows as a daemon that does not answer.
    .on('error', () => (ended = true))
    .on('exit', () => (ended = true));
  child.unref();
  if (child.pid !== undefined) started(child.pid);
  return () => ended;
}

/** Looks until there is something, the time is over, or, a moment after `inVain` became true, there can be nothing. */
async function until<T>(
  limitMs: number,
  inVain: () => boolean,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  let limit = limitMs;
  for (let waited = 0; waited < limit; waited += LOOK_EVERY_MS) {
    if (inVain()) limit = Math.min(limit, waited + AFTER_END_MS);
    const found = await look();
    if (found !== undefined) return found;
    await wait(LOOK_EVERY_MS);
  }
  return undefined;
}
