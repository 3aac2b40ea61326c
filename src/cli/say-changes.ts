import path from 'node:path';
import type { Json } from '../core/event.ts';
import type { Change } from '../kiro/change.ts';

const MARKS: { [K in Change['result']]: string } = {
  done: '+',
  planned: '+',
  already: '=',
  kept: '=',
  skipped: '·',
  failed: '!',
};
const STEPS: { [K in Change['step']]: string } = {
  dispatcher: 'dispatcher',
  folder: 'folder',
  'git-exclude': 'kept out of commits',
  'hook-user': "user's hook",
  'hook-workspace': "workspace's hook",
  permission: 'permission',
  trust: 'trusted command',
};

/** One line for each change: what, where, and why not where it was not. Pure. */
export function sayChanges(changes: readonly Change[], home: string): string[] {
  return changes.flatMap(({ step, file, result, detail, failure }) => {
    const line = `  ${MARKS[result]} ${STEPS[step].padEnd(20)} ${withTilde(file, home)}${detail === '' ? '' : `  (${detail})`}`;
    return failure?.hint === undefined ? [line] : [line, `    ${failure.hint}`];
  });
}

/** A path as people write it: `~` for the home folder. Pure. */
export function withTilde(file: string, home: string): string {
  return file === home || file.startsWith(home + path.sep) ? `~${file.slice(home.length)}` : file;
}

/** The same for `--json`. Pure. */
export function changesAsJson(changes: readonly Change[]): Json {
  return changes.map(({ step, file, result, detail, failure }) => ({
    step,
    file,
    result,
    detail,
    error: failure === null ? null : { code: failure.code, message: failure.message, hint: failure.hint ?? null },
  }));
}
