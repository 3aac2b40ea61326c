/** Puts a newer executable in place, starts the daemon with it, and goes back when that one does not answer. */
import { setTimeout as wait } from 'node:timers/promises';
import { describe, Failure, systemCode } from '../../core/failure.ts';
import type { Host } from '../../core/host.ts';
import { fetchExecutable } from '../../relay/fetch-executable.ts';
import type { OfferedExecutable } from '../../relay/upgrade-offer.ts';
import { registeredServices } from '../../service/service.ts';
import type { Progress } from '../command.ts';
import { startDaemon, stopDaemon } from '../daemon-control.ts';
import { networkIn } from '../network-in.ts';
import { versionOf } from '../place-program.ts';
import { freshProgram, type Replacement, removeUnlessHeld, replaceProgram } from '../placing/replace-program.ts';
import { settingsInForce } from '../settings-in-force.ts';
import { noteFailedUpgrade } from './failed-upgrade.ts';
import type { FoundUpgrade } from './find-upgrade.ts';

/**
 * Fetches, checks and starts it before it takes its place. Answers the new daemon's process. Throws `portal-unreachable`,
 * `upgrade-refused`, `file-unwritable`: then nothing was changed; `upgrade-failed`: then the older one is back.
 */
export async function takeUpgrade(
  host: Host,
  { installed, portal }: FoundUpgrade,
  offer: OfferedExecutable,
  progress: Progress,
): Promise<number> {
  const fresh = freshProgram(host.own);
  await fetchExecutable(offer, fresh, {
    network: networkIn(settingsInForce(host)),
    portal,
    pause: wait,
    progress: (share) => progress.show(`Fetching version ${offer.version} … ${Math.floor(share * 100)} %`),
  });
  try {
    await checkVersion(host, fresh, offer);
  } catch (error) {
    removeUnlessHeld(fresh);
    if (error instanceof Failure) noteFailure(host, offer, error);
    throw error;
  }
  progress.show(`Starting version ${offer.version} …`);
  return changeOver(host, replaceProgram(host, fresh), installed, offer);
}

/** A signature says whose it is, not that it starts on this machine. */
async function checkVersion(host: Host, fresh: string, { name, version }: OfferedExecutable): Promise<void> {
  const said = await versionOf(host, fresh);
  if (said === version) return;
  const why = said === null ? 'it does not start on this machine' : `it says that it is ${said}`;
  throw new Failure('upgrade-refused', `${name} was offered as version ${version}, but ${why}`, {
    hint: 'Nothing was changed. Tell your security team.',
  });
}

async function changeOver(
  host: Host,
  replacement: Replacement,
  before: string,
  offer: OfferedExecutable,
): Promise<number> {
  let started: number | undefined;
  try {
    await stopDaemon(host);
    const { state } = await startDaemon(host, (pid) => (started = pid));
    replacement.forget();
    return state.pid;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    host.log.error('the newer version does not work', { version: offer.version, why: describe(error) });
    replacement.goBack();
    if (started !== undefined) endAtOnce(started);
    // Before the older daemon starts, which tells the portal of it at once.
    noteFailure(host, offer, error);
    throw await startAgain(host, before, offer.version, error);
  }
}

/** A note that cannot be written costs another try tomorrow; the older version has to come back all the same. */
function noteFailure(host: Host, { sha256, version }: OfferedExecutable, why: unknown): void {
  try {
    noteFailedUpgrade(host.own, { sha256, version, why: describe(why) });
  } catch (error) {
    if (!(error instanceof Failure) && systemCode(error) === undefined) throw error;
    host.log.warn('it was not noted that a newer version does not work', { version, why: describe(error) });
  }
}

/** The older one is in place again; whether it runs, too, is the second thing to be said. */
async function startAgain(host: Host, before: string, version: string, cause: Failure): Promise<Failure> {
  const said = `Version ${version} does not work here (${cause.message}), so version ${before} is back`;
  const hint = `Tell your security team. The log is ${host.own.log}`;
  try {
    await stopDaemon(host);
    // A newer one that hangs would be left running by a mere start.
    const [service] = registeredServices(host);
    await service?.enable(host);
    await startDaemon(host);
    return new Failure('upgrade-failed', `${said} and runs`, { hint, cause });
  } catch (error) {
    return new Failure('upgrade-failed', `${said}, but does not run either: ${describe(error)}`, { hint, cause });
  }
}

/** A daemon that does not answer may hold the database, without which the older one cannot start. */
function endAtOnce(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It has ended by itself.
    if (systemCode(error) !== 'ESRCH') throw error;
  }
}
