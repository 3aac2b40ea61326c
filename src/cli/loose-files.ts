import { lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Host } from '../core/host.ts';
import { HOOK_FILE_1X } from '../kiro/hook-file-1x.ts';
import type { KiroPaths } from '../kiro/paths.ts';
import { dispatcherFiles } from './dispatcher-files.ts';

/** A file of ours that is more open than it has to be. */
export interface LooseFile {
  file: string;
  mode: number;
  /** As it is to be. */
  wanted: number;
  /** It is another user's: its mode is not ours to change. */
  foreign: boolean;
}

/** Nobody else may so much as look into our own folder. */
const CLOSED = 0o077;
/** What Kiro runs may be read, but not be written by others: they would run as this user. */
const UNWRITABLE = 0o022;

/**
 * Everything of ours that others may read or change, but for the socket, which is the daemon's to keep. None on Windows, where
 * a user's folders are closed by where they are.
 */
export function findLooseFiles(host: Host, paths: Pick<KiroPaths, 'scripts' | 'userHooks'>): LooseFile[] {
  if (host.platform === 'win32') return [];
  const run = dispatcherFiles(host).map(({ name }) => path.join(paths.scripts, name));
  return [
    ...[host.own.home, ...filesBelow(host.own.home)].flatMap((file) => judge(file, CLOSED)),
    ...[paths.scripts, ...run, path.join(paths.userHooks, HOOK_FILE_1X)].flatMap((file) => judge(file, UNWRITABLE)),
  ];
}

function filesBelow(folder: string): string[] {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.flatMap((entry) => {
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? [file, ...filesBelow(file)] : [file];
  });
}

function judge(file: string, forbidden: number): LooseFile[] {
  // A file may go while we look: the daemon takes rings away.
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined || stat.isSymbolicLink() || stat.isSocket()) return [];
  const mode = stat.mode & 0o777;
  const foreign = process.getuid !== undefined && stat.uid !== process.getuid();
  return foreign || (mode & forbidden) !== 0 ? [{ file, mode, wanted: mode & ~forbidden, foreign }] : [];
}
