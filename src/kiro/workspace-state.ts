import { promises, type Stats } from 'node:fs';
import path from 'node:path';
import { describe, systemCode } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import type { Workspace } from './workspaces.ts';

type State = Pick<Workspace, 'state' | 'reason'>;

/** Looks at one local folder and says whether we may attach to it. Never throws: trouble is the reason. */
export async function lookAtFolder(host: Host, folder: string, exclude: readonly string[]): Promise<State> {
  const unfit = findUnfit(host, folder, exclude);
  if (unfit !== null) return unfit;
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
