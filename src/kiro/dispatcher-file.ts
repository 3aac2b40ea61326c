import path from 'node:path';
import type { Platform } from '../core/host.ts';
import { DISPATCHER_FILES } from './dispatcher-command.ts';
import type { KiroPaths } from './paths.ts';

/** The script that hooks call on this system. */
export function dispatcherFile(paths: Pick<KiroPaths, 'scripts'>, platform: Platform): string {
  return path.join(paths.scripts, platform === 'win32' ? DISPATCHER_FILES.windows : DISPATCHER_FILES.posix);
}

/** Whether a script names this program, as every version of our dispatcher does in its head. Another's is not touched. */
export function isOurDispatcher(text: string): boolean {
  return text.includes('capsule-kiro');
}
