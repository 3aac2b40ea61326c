/** Keeps a daemon going for as long as its process lives: opens the outbox, again when it breaks, and stands by when it cannot. */
import { setTimeout as wait } from 'node:timers/promises';
import { describe, Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { openOutbox } from '../relay/open-outbox.ts';
import type { Outbox } from '../relay/outbox.ts';
import type { Progress } from './command.ts';
import { type CrashRecord, crashRecord, forgetCrashes } from './crash-record.ts';
import { Daemon, type DaemonStart } from './daemon.ts';
import { daemonState, standByState } from './daemon-state.ts';
import { endOnFaults } from './faults.ts';
import { tidyPrograms } from './placing/replace-program.ts';
import { standBy } from './stand-by.ts';
import { upgradeByItself } from './upgrading/upgrade-by-itself.ts';

/** How long a daemon that is just ending may hold the database before a new one calls it running. */
const PREDECESSOR_MS = 2_000;
/** What is wrong with a database now may be over in a minute: a disk that was mounted, a folder that was given back. */
const UNUSABLE_FOR_MS = 60_000;
const SAFE_FOR_MS = 15 * 60_000;

const SAFE_MODE = new Failure('daemon-failed', 'The daemon crashed five times in five minutes and stands still', {
  hint: 'Its log says what happened. Try again now with: capsule-kiro restart',
});

interface Life {
  host: Host;
  start: DaemonStart;
  record: CrashRecord;
  progress: Progress;
  stopped: Promise<void>;
}

/** Resolves when the user asks for the end. Throws `already-running`, `socket-unusable`. */
export async function keepDaemon(host: Host, start: DaemonStart, progress: Progress): Promise<void> {
  const record = crashRecord(host.own.starts, host.now);
  const life: Life = { host, start, record, progress, stopped: progress.stopped };
  endOnFaults(host, record);
  if (record.start()) {
    const end = await standingBy(life, SAFE_MODE, SAFE_FOR_MS);
    forgetCrashes(host.own.starts);
    if (end === 'stopped') return;
  }
  let brokeAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const why = await liveUntilItBreaks(life);
    if (why === null) return;
    const often = performance.now() - brokeAt < UNUSABLE_FOR_MS;
    brokeAt = performance.now();
    // Once may be an accident that opening it again has mended; twice in a minute is not.
    if ((often || why.unopened) && (await standingBy(life, why.failure, UNUSABLE_FOR_MS)) === 'stopped') return;
  }
}

function standingBy({ host, start, record, stopped }: Life, why: Failure, forMs: number): Promise<'stopped' | 'again'> {
  return standBy(host, { ...start, why, forMs, stopped, answers: () => record.cameUp() });
}

/** null: the user asked for the end. */
async function liveUntilItBreaks(life: Life): Promise<{ failure: Failure; unopened: boolean } | null> {
  const { host, start, record, progress, stopped } = life;
  const outbox = await openAlone(host).catch((error: unknown) => {
    // Another one runs: that this one does not is no crash.
    record.cameUp();
    throw error;
  });
  if (outbox instanceof Failure) return { failure: outbox, unopened: true };
  const daemon = daemonOn(host, outbox, start);
  if (daemon instanceof Failure) {
    outbox.close();
    return { failure: daemon, unopened: true };
  }
  await daemon.begin();
  void daemon.swept.then(() => {
    record.cameUp();
    // It works: what it replaced is not needed any more.
    tidyPrograms(host.own, host.now());
  });
  const endUpgrading = upgradeByItself(host, { supervised: start.supervised, later });
  progress.say(`The daemon runs (process ${process.pid}). Log: ${host.own.log}. Ctrl+C ends it.`);
  const why = await Promise.race([stopped, daemon.asked, outbox.broken]);
  endUpgrading();
  await daemon.stop();
  if (why === undefined) {
    record.cameUp();
    return null;
  }
  host.log.error('the outbox broke and is opened again', { why });
  return { failure: new Failure('database-unusable', `The outbox broke: ${why}`), unopened: false };
}

/** A file of ours that is not understood may be put right at any time; to go on without it could tell more than its owner wants. */
function daemonOn(host: Host, outbox: Outbox, start: DaemonStart): Daemon | Failure {
  try {
    return new Daemon(host, outbox, start);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'config-invalid') throw error;
    host.log.error('the daemon cannot begin', { error: error.message });
    return error;
  }
}

/** The database's lock is what makes the daemon the only one. Throws `already-running`; answers why it cannot be opened. */
async function openAlone(host: Host): Promise<Outbox | Failure> {
  for (let waited = 0; ; waited += 100) {
    try {
      return openOutbox(host.own.database, host.now);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const other = (await daemonState(host.own)) ?? (await standByState(host.own));
      if (error.code !== 'already-running') {
        host.log.error('the outbox cannot be opened', { error: describe(error) });
        if (other === undefined) return error;
      }
      if (other !== undefined) throw alreadyRunning(other);
      if (waited >= PREDECESSOR_MS) throw lockedBySomebody(host.own.database);
      await wait(100);
    }
  }
}

function alreadyRunning(other: { pid: number } | 'hung'): Failure {
  const who = other === 'hung' ? '' : ` (process ${other.pid})`;
  return new Failure('already-running', `A daemon of this user is already running${who}`, {
    hint: 'See it with: capsule-kiro status. End it with: capsule-kiro stop',
  });
}

/** SQLite says the same of a lock that another holds and of a file system that has none. */
function lockedBySomebody(database: string): Failure {
  return new Failure('already-running', `${database} is locked, but no daemon answers`, {
    hint: 'Another program holds it, or its file system has no locks, as some network mounts: CAPSULE_KIRO_HOME names a folder on a local disk.',
  });
}

function later(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}
