import { promises, type Stats } from 'node:fs';
import path from 'node:path';
import { describe, systemCode } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import type { Settings } from '../core/settings.ts';
import { answers, findDistant, type Mount } from './mounts.ts';
import type { Workspace } from './workspaces.ts';

type State = Pick<Workspace, 'state' | 'reason'>;

export interface FolderRules extends Pick<Settings, 'workspaces.exclude' | 'workspaces.network'> {
  mounts: readonly Mount[];
}

/** Looks at one local folder and says whether we may attach to it. Never throws: trouble is the reason. */
export async function lookAtFolder(host: Host, folder: string, rules: FolderRules): Promise<State> {
  const unfit = findUnfit(host, folder, rules['workspaces.exclude']);
  if (unfit !== null) return unfit;
  const why = await whyNotLooked(host, folder, rules);
  if (why !== null) return { state: 'skipped', reason: why };
  try {
    return judgeFolder(await promises.stat(folder));
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { state: 'missing', reason: 'the folder is not there' };
    return { state: 'skipped', reason: `it cannot be looked at: ${describe(error)}` };
  }
}

/** What the path alone decides; null when nothing speaks against it. */
function findUnfit(host: Pick<Host, 'home' | 'own'>, folder: string, exclude: readonly string[]): State | null {
  if (exclude.some((excluded) => isWithin(folder, path.resolve(excluded)))) {
    return { state: 'excluded', reason: 'excluded by the setting workspaces.exclude' };
  }
  const skip = (reason: string): State => ({ state: 'skipped', reason });
  // There `.kiro` is the user's own Kiro folder.
  if (folder === host.home) return skip('it is the home folder');
  if (path.dirname(folder) === folder) return skip('it is the root of a disk');
  const own = host.own.home;
  if (isWithin(folder, own) || isWithin(own, folder)) return skip("it holds capsule-kiro's own files");
  return null;
}

/**
 * Why a path is not even looked at, as one clause; null when it may be. What is on a file system that may hang is left alone
 * unless its user asked for it, and is then looked at only when it answers.
 */
export async function whyNotLooked(
  host: Host,
  place: string,
  { mounts, ...rules }: FolderRules,
): Promise<string | null> {
  const type = findDistant(place, host.home, mounts);
  if (type === null) return null;
  if (!rules['workspaces.network'].some((each) => isWithin(place, path.resolve(each)))) {
    return `it is on a file system that may hang (${type}); the setting workspaces.network can name it`;
  }
  return (await answers(host, place)) ? null : `its file system (${type}) does not answer`;
}

const UID = process.getuid?.();

function judgeFolder(stat: Stats): State {
  if (!stat.isDirectory()) return { state: 'skipped', reason: 'it is not a folder' };
  if (UID !== undefined && stat.uid !== UID) {
    return { state: 'skipped', reason: 'it belongs to another user' };
  }
  return { state: 'local', reason: null };
}

/** Whether `inner` is `outer` or below it. Both are whole paths. */
export function isWithin(inner: string, outer: string): boolean {
  const way = path.relative(outer, inner);
  return way === '' || (!way.startsWith(`..${path.sep}`) && way !== '..' && !path.isAbsolute(way));
}
