/** The daemon's command; `daemon.ts` puts it together. */
import { ownVersion } from '../core/assets.ts';
import { makeFolder } from '../core/careful-file.ts';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { fileLog } from '../core/log.ts';
import { type Answer, defineCommand } from './command.ts';
import { keepDaemon } from './keep-daemon.ts';
import { claimFolder } from './own-folder.ts';

export const run = defineCommand({
  usage: 'run',
  summary: 'Run the daemon in the foreground (what the service starts)',
  options: {
    supervised: { type: 'boolean', default: false, describe: 'A service manager started it' },
    backfill: { type: 'string', describe: 'Also take in what Kiro recorded before, this far back: 30d' },
  },
  examples: [
    ['run', 'See it work; Ctrl+C ends it'],
    ['run --backfill 30d', 'Also tell what Kiro recorded in the last 30 days'],
  ],
  async run(host, { supervised, backfill }, progress) {
    const backfillDays = backfill === undefined ? undefined : daysOf(backfill);
    process.umask(0o077);
    // What process lists show, and by what the dispatcher tells the daemon from another process of the same number.
    process.title = 'capsule-kiro';
    const daemonHost: Host = { ...host, log: fileLog(host.own.log, host.now) };
    claimFolder(host.own.home);
    makeFolder(host.own.rings);
    if (process.env.NODE_TLS_REJECT_UNAUTHORIZED !== undefined) {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      daemonHost.log.warn('NODE_TLS_REJECT_UNAUTHORIZED was set: certificates are checked all the same');
    }
    const start = { supervised, version: ownVersion(), ...(backfillDays !== undefined && { backfillDays }) };
    try {
      await keepDaemon(daemonHost, start, progress);
    } catch (error) {
      // A service manager would start it again and again, beside the one that runs.
      if (supervised && error instanceof Failure && error.code === 'already-running') return stopped(error.message);
      throw error;
    }
    return stopped('The daemon has stopped.');
  },
});

function stopped(output: string): Answer {
  return { output, json: { stopped: true }, exitCode: 0 };
}

/** `30d`. Throws `usage`. */
export function daysOf(text: string): number {
  const days = Number(/^(\d{1,4})d$/.exec(text)?.[1]);
  if (days >= 1 && days <= 3650) return days;
  throw new Failure('usage', `--backfill ${text} is no span of days`, { hint: 'Write days, 1d to 3650d, as in 30d.' });
}
