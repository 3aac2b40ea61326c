import { describe, Failure, systemCode } from '../core/failure.ts';
import type { ChangeKind } from './attachment-record.ts';

/** One thing done to (or left undone in) one file, for `install` and `uninstall` to show. */
export interface Change {
  step: ChangeKind;
  file: string;
  /** `kept`: in place and at work, but its user changed it, so it was left so. */
  result: 'done' | 'already' | 'kept' | 'planned' | 'skipped' | 'failed';
  /** One clause for a person: what was done, or why not. */
  detail: string;
  /** Only with `failed`. */
  failure: Failure | null;
}

/** What a step found out before touching anything. `act` changes files or the record, and is not called in a dry run. */
export interface Plan {
  result: 'done' | 'already' | 'kept' | 'skipped';
  detail: string;
  /** When only planning found out which file it is. */
  file?: string;
  act?: () => void;
}

/**
 * Runs one step so that it stands alone: a `Failure`, or an error of the file system, is this change's result and stops
 * nothing else. Anything else thrown is a bug and passes. No change at all when the plan is null: nothing to speak of.
 */
export function takeStep(dryRun: boolean, step: ChangeKind, file: string, plan: () => Plan | null): Change[] {
  try {
    const planned = plan();
    if (planned === null) return [];
    if (!dryRun) planned.act?.();
    const result = dryRun && planned.result === 'done' ? 'planned' : planned.result;
    return [{ step, file: planned.file ?? file, result, detail: planned.detail, failure: null }];
  } catch (error) {
    const failure = asFailure(error, file);
    return [{ step, file, result: 'failed', detail: failure.message, failure }];
  }
}

function asFailure(error: unknown, file: string): Failure {
  if (error instanceof Failure) return error;
  if (systemCode(error) === undefined) throw error;
  return new Failure('file-unwritable', `${file} cannot be changed: ${describe(error)}`, {
    hint: 'Check the permissions of the file and its folder, and the free space on the disk.',
    cause: error,
  });
}
