import { lstatSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { Host } from '../core/host.ts';
import type { RecordedChange } from './attachment-record.ts';
import type { Change } from './change.ts';
import { type DetachOptions, detach } from './detach.ts';
import { HOOK_FILE_0X } from './hook-file-0x.ts';
import { HOOK_FILE_1X } from './hook-file-1x.ts';
import type { HooksToPlace } from './hooks-to-place.ts';
import { isWithin } from './workspace-state.ts';

export interface Wanted {
  hooks: HooksToPlace;
  /** Folders of the setting `workspaces.exclude`. */
  exclude: readonly string[];
}

/**
 * Takes away what we added once and do not want any more: everything in excluded workspaces, and hooks and trust that the
 * Kiro found, or `hooks.mode`, does not call for. Throws as `detach` does.
 */
export function detachUnwanted(
  host: Host,
  { hooks, exclude }: Wanted,
  options: Pick<DetachOptions, 'dryRun' | 'waitMs'> = {},
): Change[] {
  const folders = exclude.flatMap((folder) => [path.resolve(folder), realIfThere(folder)]);
  const select = (all: RecordedChange[]) => selectUnwanted(all, { hooks, exclude: folders }, isThere);
  return detach(host, { ...options, select });
}

/**
 * Which recorded changes are not wanted any more. A file that is gone stays in the record: a hook that its user deleted must
 * be remembered as such. A folder goes when it held something unwanted and holds nothing that stays. Pure.
 */
export function selectUnwanted(
  changes: RecordedChange[],
  wanted: Wanted,
  exists: (file: string) => boolean,
): RecordedChange[] {
  const unwanted = changes.filter((change) => isUnwanted(change, wanted) && exists(change.file));
  const staying = changes.filter((change) => change.kind !== 'folder' && !unwanted.includes(change));
  const isBelow = (folder: RecordedChange) => (change: RecordedChange) =>
    change.file.startsWith(folder.file + path.sep);
  const folders = changes.filter(
    (change) => change.kind === 'folder' && unwanted.some(isBelow(change)) && !staying.some(isBelow(change)),
  );
  return [...unwanted, ...folders];
}

function isUnwanted({ kind, file, entry, workspace }: RecordedChange, { hooks, exclude }: Wanted): boolean {
  if (kind === 'folder') return false;
  if (workspace !== null && exclude.some((folder) => isWithin(workspace, folder))) return true;
  switch (kind) {
    case 'hook-user':
      return !hooks.user1x;
    case 'trust':
      return !hooks.trust;
    case 'hook-workspace':
    case 'git-exclude': {
      const name = path.posix.basename(kind === 'hook-workspace' ? file.split(path.sep).join('/') : entry);
      return (name === HOOK_FILE_0X && !hooks.workspace0x) || (name === HOOK_FILE_1X && !hooks.workspace1x);
    }
    // The dispatcher serves whatever hook is left; the permission was given on the user's word and goes on it.
    case 'dispatcher':
    case 'permission':
      return false;
  }
}

const isThere = (file: string) => lstatSync(file, { throwIfNoEntry: false }) !== undefined;

function realIfThere(folder: string): string {
  return isThere(folder) ? realpathSync(folder) : path.resolve(folder);
}
