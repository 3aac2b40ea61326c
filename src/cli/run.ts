/** The daemon's command; `daemon.ts` puts it together. */
import { setTimeout as wait } from 'node:timers/promises';
import { ownVersion } from '../core/assets.ts';
import { makeFolder } from '../core/careful-file.ts';
import { describe, Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { fileLog } from '../core/log.ts';
import { type Outbox, openOutbox } from '../relay/outbox.ts';
import { defineCommand } from './command.ts';
import { Daemon } from './daemon.ts';
import { daemonState } from './daemon-state.ts';

/** How long a daemon that is just ending may hold the database before a new one calls it running. */
const PREDECESSOR_MS = 2_000;

export const run = defineCommand({
  usage: 'run',
  summary: 'Run the daemon in the foreground (what the service starts)',
  options: {
    supervised: { type: 'boolean', default: false, describe: 'A service manager started it' },
  },
  examples: [['run', 'See it work; Ctrl+C ends it']],
  async run(host, { supervised }, progress) {
    makeFolder(host.own.rings);
    const daemonHost: Host = { ...host, log: fileLog(host.own.log, host.now) };
    const outbox = await openAlone(daemonHost);
    const daemon = new Daemon(daemonHost, outbox, { supervised, version: ownVersion() });
    await daemon.begin();
    progress.say(`The daemon runs (process ${process.pid}). Log: ${host.own.log}. Ctrl+C ends it.`);
    await Promise.race([progress.stopped, daemon.asked]);
    await daemon.stop();
    return { output: 'The daemon has stopped.', json: { stopped: true }, exitCode: 0 };
  },
});

/** The database's lock is what makes the daemon the only one. Throws `already-running`, `database-unusable`. */
async function openAlone(host: Host): Promise<Outbox> {
  for (let waited = 0; ; waited += 100) {
    try {
      return openOutbox(host.own.database, host.now);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'already-running') {
        host.log.error('the daemon cannot start', { error: describe(error) });
        throw error;
      }
      const other = await daemonState(host.own);
      if (other !== undefined || waited >= PREDECESSOR_MS) throw alreadyRunning(other);
      await wait(100);
    }
  }
}

function alreadyRunning(other: Awaited<ReturnType<typeof daemonState>>): Failure {
  const who = typeof other === 'object' ? ` (process ${other.pid})` : '';
  return new Failure('already-running', `A daemon of this user is already running${who}`, {
    hint: 'See it with: capsule-kiro status. End it with: capsule-kiro stop',
  });
}
