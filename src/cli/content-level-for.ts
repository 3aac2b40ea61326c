import path from 'node:path';
import { strictest } from '../capture/content-level.ts';
import type { ContentLevel } from '../core/event.ts';
import type { Settings } from '../core/settings.ts';

/**
 * How much of this workspace may leave the machine: nothing when it lies in an excluded folder, else the strictest of what is
 * set for all and for the folders it lies in. Pure.
 */
export function contentLevelFor(
  settings: Pick<Settings, 'content.level' | 'content.levels' | 'workspaces.exclude'>,
  workspacePath: string | null,
): ContentLevel {
  const level = settings['content.level'];
  if (workspacePath === null) return level;
  if (settings['workspaces.exclude'].some((folder) => isIn(folder, workspacePath))) return 'off';
  const folders = Object.entries(settings['content.levels']).filter(([folder]) => isIn(folder, workspacePath));
  return strictest(level, ...folders.map(([, own]) => own));
}

function isIn(folder: string, inner: string): boolean {
  const relative = path.relative(folder, inner);
  return relative === '' || (!relative.startsWith(`..${path.sep}`) && relative !== '..' && !path.isAbsolute(relative));
}
