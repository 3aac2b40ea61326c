import path from 'node:path';
import type { ContentLevel } from '../core/event.ts';
import type { Settings } from '../core/settings.ts';

/** How much of this workspace may leave the machine: nothing when it lies in an excluded folder. Pure. */
export function contentLevelFor(
  settings: Pick<Settings, 'content.level' | 'workspaces.exclude'>,
  workspacePath: string | null,
): ContentLevel {
  const excluded =
    workspacePath !== null && settings['workspaces.exclude'].some((folder) => isIn(folder, workspacePath));
  return excluded ? 'off' : settings['content.level'];
}

function isIn(folder: string, inner: string): boolean {
  const relative = path.relative(folder, inner);
  return relative === '' || (!relative.startsWith(`..${path.sep}`) && relative !== '..' && !path.isAbsolute(relative));
}
