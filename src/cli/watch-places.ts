import path from 'node:path';
import type { Host } from '../core/host.ts';
import type { KiroPaths } from '../kiro/paths.ts';
import { FolderWatches, type Watching } from './folder-watches.ts';

/** Kiro makes a workspace's folder first and writes `workspace.json` into it without waiting (kiro/README K20). */
const LATE_MS = [250, 1_500, 5_000];

/** Calls `then` at once, and again for what arrives late in a folder that has just come. */
export function andAgain(then: () => void): { come(): void; close(): void } {
  let timers: NodeJS.Timeout[] = [];
  const close = () => {
    for (const timer of timers) clearTimeout(timer);
  };
  return {
    close,
    come() {
      close();
      timers = LATE_MS.map((ms) => setTimeout(then, ms).unref());
      then();
    },
  };
}

/** By then each folder that has come was met, several times if need be: what is left is to count, and to see what went. */
const ALL_AFTER_MS = 5_000;

/** Calls `then` once nothing has come for `ms`. */
function whenQuiet(ms: number, then: () => void): { come: () => void; stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const stop = () => clearTimeout(timer);
  const come = () => {
    stop();
    timer = setTimeout(then, ms).unref();
  };
  return { come, stop };
}

/** Kiro's lists in `globalStorage`, where it keeps much else (kiro/README K20). */
const LISTS = ['storage.json', 'state.vscdb'];

/** What changes when a database does: itself, or its write-ahead log. */
function databaseFiles(file: string): string[] {
  return [path.basename(file), `${path.basename(file)}-wal`];
}

/** Kiro CLI writes a turn into several files, one after the other. */
const CLI_QUIET_MS = 500;

/** Calls `then` once for all that comes within `ms` of the first call. */
function settle(ms: number, then: () => void): { come: () => void; stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const come = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      then();
    }, ms);
  };
  return { come, stop: () => clearTimeout(timer) };
}

/**
 * Everything of Kiro's that tells of new workspaces, and the folder that the dispatcher writes rings into. Never anything
 * below `workspaceStorage` or `sessions`: those hold thousands of files that change all the time. Kiro CLI 2.x rings no hook
 * of ours, so the flat folder and the database of its sessions are watched too.
 */
export function watchKiro(
  host: Host,
  paths: KiroPaths,
  on: { registry: () => void; opened: (entry: string) => void; rings: () => void; cli: () => void },
  watches = new FolderWatches(),
): Watching & { unwatched(): string[] } {
  const users = paths.userDataDirs.map((folder) => path.join(folder, 'User'));
  const cli = settle(CLI_QUIET_MS, on.cli);
  const unnamed = andAgain(on.registry);
  const all = whenQuiet(ALL_AFTER_MS, on.registry);
  const watching = [
    watches.watch(host.own.rings, on.rings),
    ...users.map((user) => {
      const storage = path.join(user, 'workspaceStorage');
      return watches.watch(storage, (name) => {
        if (name === null) return unnamed.come();
        // One of thousands: to look at all of them for it, four times, took seconds of processor time.
        on.opened(path.join(storage, name));
        all.come();
      });
    }),
    ...users.map((user) => watches.watch(path.join(user, 'globalStorage'), on.registry, LISTS)),
    ...paths.cliSessions.map((folder) => watches.watch(folder, cli.come)),
    ...paths.cliDatabases.map((file) => watches.watch(path.dirname(file), cli.come, databaseFiles(file))),
  ];
  return {
    /** Folders that are only looked at now and then, because the system gives no watch for them. */
    unwatched: () => watches.unwatched(),
    async close() {
      await Promise.all(watching.map((each) => each.close()));
      cli.stop();
      unnamed.close();
      all.stop();
    },
  };
}

/** A command writes a file in more than one step. */
const OWN_QUIET_MS = 50;

/**
 * Our own files that a command may have changed while the daemon runs. Not chokidar: while one of them is not there it watches
 * their folder, and reads all of it anew whenever the database in there is written to, which took 3 ms a turn.
 */
export function watchOwn(
  { own }: Host,
  changed: () => void,
  watches = new FolderWatches(),
  files: readonly string[] = [own.settings, own.enrolment, own.credential],
): Watching {
  const names = files.map((file) => path.basename(file));
  const gathered = settle(OWN_QUIET_MS, changed);
  const watching = watches.watch(own.home, gathered.come, names);
  return {
    async close() {
      await watching.close();
      gathered.stop();
    },
  };
}
