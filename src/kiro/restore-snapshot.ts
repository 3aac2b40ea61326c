import { readIfExists, replaceFile } from '../core/careful-file.ts';
import { Failure } from '../core/failure.ts';
import type { Snapshot } from './snapshot.ts';

export interface Restored {
  file: string;
  takenAt: string;
  result: 'done' | 'planned' | 'already' | 'skipped' | 'failed';
  detail: string;
}

/**
 * Puts one snapshot back over whatever is there now: only ever on the user's word, for edits made since are lost. A file that
 * did not exist then is not deleted. Never throws a `Failure`: it is the result.
 */
export function restoreSnapshot({ file, takenAt, bytes, mode }: Snapshot, dryRun: boolean): Restored {
  const about = { file, takenAt };
  if (bytes === null)
    return { ...about, result: 'skipped', detail: 'it did not exist then; delete it if it should go' };
  try {
    const current = readIfExists(file);
    if (current !== undefined && Buffer.compare(current, bytes) === 0) {
      return { ...about, result: 'already', detail: 'just as it was then' };
    }
    if (!dryRun) replaceFile(file, bytes, current, mode === null ? undefined : Number.parseInt(mode, 8));
    return { ...about, result: dryRun ? 'planned' : 'done', detail: 'as it was then; later edits are gone' };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ...about, result: 'failed', detail: error.message };
  }
}
