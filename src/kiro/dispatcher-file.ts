import path from 'node:path';
import type { Platform } from '../core/host.ts';
import { DISPATCHER_FILES } from './dispatcher-command.ts';
import type { KiroPaths } from './paths.ts';

/** The script that hooks call on this system. */
export function dispatcherFile(paths: Pick<KiroPaths, 'scripts'>, platform: Platform): string {
  return path.join(paths.scripts, platform === 'win32' ? DISPATCHER_FILES.windows : DISPATCHER_FILES.posix);
}

/**
 * Whether a file in the dispatcher's folder, under one of our names, is ours: every version of our scripts names this
 * program, and the file beside them holds nothing but the path of our own folder. Another's is not touched.
 */
export function isOurDispatcher(text: string): boolean {
  return text.includes('capsule-kiro') || /^(?:\/|[a-z]:\\)[^\r\n]*\r?\n?$/i.test(text);
}
