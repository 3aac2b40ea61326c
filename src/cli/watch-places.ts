import * as fs from 'node:fs';
import path from 'node:path';
import type { FSWatcher } from 'chokidar';
import type { Host } from '../core/host.ts';
import type { KiroPaths } from '../kiro/paths.ts';

export interface Watching {
  close(): Promise<void>;
}

/**
 * Calls `changed` when one of these files or folders (their direct children) comes, goes or changes. They need not exist yet,
 * but the folders they are in must: chokidar tells of a folder that appears and then not of what appears in it.
 */
export async function watchSmall(places: readonly string[], changed: () => void): Promise<Watching> {
  const { watch } = await import('chokidar');
  const watcher: FSWatcher = watch([...places], { depth: 0, ignoreInitial: true });
  watcher.on('all', changed);
  // A watch that fails (out of watches, folder gone) costs promptness only: the slow timers look everywhere.
  watcher.on('error', () => {});
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
  return { close: () => watcher.close() };
}

/**
 * Calls `changed` when a child of this folder (of these names, if any are given) comes, goes or changes, however many it has.
 *
 * Not chokidar: it looks at every child first. With 10,000 workspaces that took 437 ms and 80 MB against 1.6 ms and 1.3 MB
 * for this one watch (`npm run bench`). While the folder does not exist its parent is watched for it.
 */
export function watchLarge(folder: string, changed: () => void, names?: readonly string[]): Watching {
  let watcher: fs.FSWatcher | undefined;
  let closed = false;
  const begin = () => {
    if (closed) return;
    watcher?.close();
    const there = fs.existsSync(folder);
    const place = there ? folder : nearest(folder);
    try {
      watcher = fs.watch(place, { persistent: false }, (_, name) => {
        if (there !== fs.existsSync(folder)) begin();
        else if (there && names !== undefined && name !== null && !names.includes(name)) return;
        changed();
      });
      watcher.on('error', () => watcher?.close());
    } catch {
      // As above: the slow timers look everywhere.
    }
  };
  begin();
  return {
    async close() {
      closed = true;
      watcher?.close();
    },
  };
}

function nearest(folder: string): string {
  const parent = path.dirname(folder);
  return fs.existsSync(parent) || parent === folder ? parent : nearest(parent);
}

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

/** Kiro's lists in `globalStorage`, where it keeps much else (kiro/README K20). */
const LISTS = ['storage.json', 'state.vscdb'];

/** What changes when a database does: itself, or its write-ahead log. */
function databaseFiles(file: string): string[] {
  return [path.basename(file), `${path.basename(file)}-wal`];
}

/** Kiro CLI writes a turn into several files, one after the other. */
const CLI_QUIET_MS = 500;

/** Calls `then` once for all that comes within `ms` of the first call. */
function gather(ms: number, then: () => void): { come: () => void; stop: () => void } {
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
export async function watchKiro(
  host: Host,
  paths: KiroPaths,
  on: { registry: () => void; rings: () => void; cli: () => void },
): Promise<Watching> {
  const users = paths.userDataDirs.map((folder) => path.join(folder, 'User'));
  const cli = gather(CLI_QUIET_MS, on.cli);
  const workspaces = andAgain(on.registry);
  const watching = await Promise.all([
    watchLarge(host.own.rings, on.rings),
    ...users.map((user) => watchLarge(path.join(user, 'workspaceStorage'), workspaces.come)),
    ...users.map((user) => watchLarge(path.join(user, 'globalStorage'), on.registry, LISTS)),
    ...paths.cliSessions.map((folder) => watchLarge(folder, cli.come)),
    ...paths.cliDatabases.map((file) => watchLarge(path.dirname(file), cli.come, databaseFiles(file))),
  ]);
  return {
    async close() {
      await Promise.all(watching.map((each) => each.close()));
      cli.stop();
      workspaces.close();
    },
  };
}

/** Our own files that a command may have changed while the daemon runs. */
export function watchOwn(host: Host, changed: () => void): Promise<Watching> {
  return watchSmall([host.own.settings, host.own.enrolment, host.own.credential], changed);
}
