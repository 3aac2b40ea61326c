/** Takes everything away again, in an order in which no moment leaves a hook that calls something missing. */
import { existsSync, rmSync } from 'node:fs';
import type { Host } from '../core/host.ts';
import { readSettings } from '../core/settings.ts';
import type { Change } from '../kiro/change.ts';
import { detach } from '../kiro/detach.ts';
import { findLeftovers } from '../kiro/leftovers.ts';
import { kiroPaths } from '../kiro/paths.ts';
import { listWorkspaces } from '../kiro/workspaces.ts';
import { defineCommand, type ExitCode } from './command.ts';
import { stopDaemon } from './daemon-control.ts';
import { unregisterService } from './register-service.ts';
import { removeOwnFiles } from './remove-own-files.ts';
import { changesAsJson, sayChanges, withTilde } from './say-changes.ts';
import { waitingEvents } from './waiting-events.ts';

export const uninstall = defineCommand({
  usage: 'uninstall',
  summary: 'Take everything away again: hooks, trust, autostart, daemon, our own files',
  options: {
    purge: { type: 'boolean', default: false, describe: 'Also delete captured events that were not delivered yet' },
    'dry-run': { type: 'boolean', default: false, describe: 'Say what would be removed, remove nothing' },
    verify: { type: 'boolean', default: false, describe: 'Remove nothing; search for anything of ours that is left' },
  },
  examples: [
    ['uninstall', 'Keeps only events that the portal does not have yet'],
    ['uninstall --verify', 'Proves that nothing is left'],
  ],
  async run(host, args) {
    if (args.verify) return verify(host);
    if (args['dry-run']) return dryRun(host);
    // First the ways in which a daemon could come back, then the daemon, then what calls it.
    const service = await unregisterService(host);
    rmSync(host.own.program, { force: true });
    const stopped = await stopDaemon(host);
    const changes = detach(host);
    const waiting = args.purge ? 0 : waitingEvents(host);
    const failed = changes.filter(({ result }) => result === 'failed' || result === 'skipped');
    const kept = failed.length > 0 || waiting > 0;
    const gone = !kept && removeOwnFiles(host.own);
    const exitCode: ExitCode = failed.some(({ result }) => result === 'failed') ? 1 : kept ? 3 : 0;
    return {
      output: [
        changes.length === 0 ? 'Nothing of ours was attached to Kiro.' : 'Removed:',
        ...sayChanges(changes, host.home),
        ...(service ? ['Autostart: unregistered'] : []),
        ...(stopped ? ['Daemon: stopped'] : []),
        whatStays(host, failed, waiting, gone),
      ].join('\n'),
      json: { changes: changesAsJson(changes), daemonStopped: stopped, waitingEvents: waiting, removed: gone },
      exitCode,
    };
  },
});

function whatStays(host: Host, failed: readonly Change[], waiting: number, gone: boolean): string {
  const home = withTilde(host.own.home, host.home);
  if (failed.length > 0) return `${home} stays, because it knows how to undo the lines above that are not marked +.`;
  if (waiting > 0)
    return `${home} stays: ${waiting} events in it were not delivered. Delete them too: capsule-kiro uninstall --purge`;
  return gone ? `${home} is gone; nothing of ours is left.` : `${home} stays: other files are in it. Ours are gone.`;
}

function dryRun(host: Host) {
  const changes = detach(host, { dryRun: true });
  return {
    output: [
      'This would be removed:',
      ...sayChanges(changes, host.home),
      `  + ${withTilde(host.own.home, host.home)}`,
    ].join('\n'),
    json: { dryRun: true, changes: changesAsJson(changes) },
    exitCode: 0 as ExitCode,
  };
}

async function verify(host: Host) {
  const settings = readSettings(host.own.settings);
  const paths = kiroPaths(host, settings);
  const workspaces = await listWorkspaces(host, paths, settings);
  const own = existsSync(host.own.home) ? [{ file: host.own.home, what: 'our own folder' }] : [];
  const leftovers = [...findLeftovers(paths, workspaces), ...own];
  const lines = leftovers.map(({ file, what }) => `  ${withTilde(file, host.home)}  (${what})`);
  return {
    output: lines.length === 0 ? 'Nothing of ours is left.' : ['Still there:', ...lines].join('\n'),
    json: { leftovers: leftovers.map((leftover) => ({ ...leftover })) },
    exitCode: (lines.length === 0 ? 0 : 3) as ExitCode,
  };
}
