/** Takes everything away again, in an order in which no moment leaves a hook that calls something missing. */
import { existsSync } from 'node:fs';
import type { Json } from '../core/event.ts';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { readRecord } from '../kiro/attachment-record.ts';
import { detach } from '../kiro/detach.ts';
import { findLeftovers } from '../kiro/leftovers.ts';
import { type Restored, restoreSnapshot } from '../kiro/restore-snapshot.ts';
import { listSnapshots, type Snapshot } from '../kiro/snapshot.ts';
import { registeredServices } from '../service/service.ts';
import { lookAround } from './bring-in-line.ts';
import { type Answer, defineCommand, type ExitCode } from './command.ts';
import { stopDaemon } from './daemon-control.ts';
import { removeProgram } from './placing/remove-program.ts';
import { placedLink, removeShellLink } from './placing/shell-name.ts';
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
    'restore-snapshot': {
      type: 'boolean',
      default: false,
      describe: 'Afterwards put each edited file back as it was before our first change; later edits in it are lost',
    },
  },
  examples: [
    ['uninstall', 'Keeps only events that the portal does not have yet'],
    ['uninstall --verify', 'Proves that nothing is left'],
  ],
  async run(host, args) {
    if (args.verify) return verify(host);
    const snapshots = args['restore-snapshot'] ? demandSnapshots(host) : [];
    if (args['dry-run']) return dryRun(host, snapshots);
    // First the ways in which a daemon could come back, then the daemon, then what calls it.
    removeShellLink(host);
    const service = await unregisterService(host);
    const running = removeProgram(host);
    const stopped = await stopDaemon(host);
    const changes = detach(host);
    const restored = snapshots.map((snapshot) => restoreSnapshot(snapshot, false));
    const waiting = args.purge ? 0 : waitingEvents(host);
    const failed = changes.filter(({ result }) => result === 'failed' || result === 'skipped');
    const broken = restored.some(({ result }) => result === 'failed');
    const kept = failed.length > 0 || broken || waiting > 0;
    const gone = !kept && removeOwnFiles(host.own);
    const exitCode: ExitCode = broken || failed.some(({ result }) => result === 'failed') ? 1 : kept ? 3 : 0;
    return {
      output: [
        changes.length === 0 ? 'Nothing of ours was attached to Kiro.' : 'Removed:',
        ...sayChanges(changes, host.home),
        ...sayRestored(restored, host.home),
        ...(service ? ['Autostart: unregistered'] : []),
        ...(stopped ? ['Daemon: stopped'] : []),
        ...(running === null ? [] : [`Program: ${running}, which is running, is deleted in half a minute`]),
        whatStays(host, failed.length > 0 || broken, waiting, gone),
      ].join('\n'),
      json: {
        changes: changesAsJson(changes),
        restored: restoredAsJson(restored),
        daemonStopped: stopped,
        waitingEvents: waiting,
        removed: gone,
      },
      exitCode,
    };
  },
});

function whatStays(host: Host, failed: boolean, waiting: number, gone: boolean): string {
  const home = withTilde(host.own.home, host.home);
  if (failed) return `${home} stays, because it knows how to undo the lines above that are not marked +.`;
  if (waiting > 0)
    return `${home} stays: ${waiting} events in it were not delivered. Delete them too: capsule-kiro uninstall --purge`;
  return gone ? `${home} is gone; nothing of ours is left.` : `${home} stays: other files are in it. Ours are gone.`;
}

/** Asked before anything is touched: who wants the snapshot must not find out afterwards that there is none. */
function demandSnapshots(host: Host): Snapshot[] {
  const snapshots = listSnapshots(host);
  if (snapshots.length > 0) return snapshots;
  throw new Failure('not-found', `There is no snapshot in ${host.own.snapshots}, so nothing was done`, {
    hint: 'A snapshot is taken before our first edit of a file and goes with our folder. Uninstall without it: capsule-kiro uninstall',
  });
}

function sayRestored(restored: readonly Restored[], home: string): string[] {
  if (restored.length === 0) return [];
  const lines = restored.map(({ file, takenAt, result, detail }) => {
    const mark = { done: '+', planned: '+', already: '=', skipped: '·', failed: '!' }[result];
    return `  ${mark} ${withTilde(file, home)}  (of ${takenAt}: ${detail})`;
  });
  return ['Snapshots:', ...lines];
}

const restoredAsJson = (restored: readonly Restored[]): Json => restored.map((each) => ({ ...each }));

function dryRun(host: Host, snapshots: readonly Snapshot[]): Answer {
  const changes = detach(host, { dryRun: true });
  const restored = snapshots.map((snapshot) => restoreSnapshot(snapshot, true));
  return {
    output: [
      'This would be removed:',
      ...sayChanges(changes, host.home),
      `  + ${withTilde(host.own.home, host.home)}`,
      ...sayRestored(restored, host.home),
    ].join('\n'),
    json: { dryRun: true, changes: changesAsJson(changes), restored: restoredAsJson(restored) },
    exitCode: 0,
  };
}

/** By search in every place we write to, and by the record, which also knows workspaces that Kiro has forgotten. */
async function verify(host: Host): Promise<Answer> {
  const { paths, workspaces } = await lookAround(host);
  const recorded = readRecord(host);
  const link = placedLink(host);
  const own = existsSync(host.own.home) ? [{ file: host.own.home, what: 'our own folder' }] : [];
  const leftovers = [
    ...findLeftovers(paths, workspaces, recorded),
    ...recorded.map(({ kind, file }) => ({ file, what: `in our record, not undone yet: ${kind}` })),
    ...registeredServices(host).map((service) => ({
      file: service.file(host),
      what: `start at login: ${service.kind}`,
    })),
    ...(link === undefined ? [] : [{ file: link, what: 'the name in the shell' }]),
    ...own,
  ];
  const lines = leftovers.map(({ file, what }) => `  ${withTilde(file, host.home)}  (${what})`);
  return {
    output: lines.length === 0 ? 'Nothing of ours is left.' : ['Still there:', ...lines].join('\n'),
    json: { leftovers: leftovers.map((leftover) => ({ ...leftover })) },
    exitCode: lines.length === 0 ? 0 : 3,
  };
}
