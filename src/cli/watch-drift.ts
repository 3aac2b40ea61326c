import path from 'node:path';
import { findSettingsFiles, type KiroPaths } from '../kiro/paths.ts';
import { userPermissionFile } from '../kiro/permission-files.ts';
import { type SmallWatching, watchSmall } from './watch-small.ts';

/** Long enough for an editor, or for Kiro, to be through with what it is writing. */
const SETTLE_MS = 2_000;

/**
 * Calls `drifted`, a moment later, when something changes where we have added something outside the workspaces: Kiro's hooks,
 * our dispatcher, Kiro's settings and permissions. Workspaces are too many to be watched; the slow look finds what happened there.
 */
export async function watchDrift(
  paths: KiroPaths,
  later: (ms: number, then: () => void) => () => void,
  drifted: () => void,
): Promise<SmallWatching> {
  let waiting: (() => void) | undefined;
  const changed = () => {
    // Not begun anew by each change: who writes all the time would keep us from ever looking.
    waiting ??= later(SETTLE_MS, () => {
      waiting = undefined;
      drifted();
    });
  };
  const files = paths.userDataDirs.flatMap(findSettingsFiles);
  const folders = [paths.userHooks, paths.scripts, path.dirname(userPermissionFile(paths))];
  const watching = await watchSmall([...folders, ...files], changed);
  return {
    unwatched: watching.unwatched,
    async close() {
      waiting?.();
      await watching.close();
    },
  };
}
