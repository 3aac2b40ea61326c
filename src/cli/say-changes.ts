import path from 'node:path';
import type { Json } from '../core/event.ts';
import type { AttachmentWarning } from '../kiro/attachment-warnings.ts';
import type { Change } from '../kiro/change.ts';

const MOST_WARNINGS = 10;
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

/** A path below the home as a person writes it. Pure. */
export function withTilde(file: string, home: string): string {
  return file === home || file.startsWith(home + path.sep) ? `~${file.slice(home.length)}` : file;
}

/** The same for every path within a text: whole names only, and not where the home is no folder of its own. Pure. */
export function withTildes(text: string, home: string): string {
  if (home.length < 2) return text;
  const literal = home.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');
  return text.replaceAll(new RegExp(`${literal}(?![\\w-]|\\.\\w)`, 'g'), '~');
}

/** What needs a person although everything of ours is in place; the first few, because thousands may be alike. Pure. */
export function sayWarnings(warnings: readonly AttachmentWarning[], home: string): string[] {
  const lines = warnings.slice(0, MOST_WARNINGS).flatMap(({ file, message, fix }) => {
    return [`! ${message}`, `  ${withTilde(file, home)}`, `  ${fix}`];
  });
  const more = warnings.length - MOST_WARNINGS;
  return more > 0 ? [...lines, `! and ${more} more like these; all of them: capsule-kiro workspaces --json`] : lines;
}

/** Changes for `--json`. Pure. */
export function changesAsJson(changes: readonly Change[]): Json {
  return changes.map(({ step, file, result, detail, failure }) => ({
    step,
    file,
    result,
    detail,
    error: failure === null ? null : { code: failure.code, message: failure.message, hint: failure.hint ?? null },
  }));
}

/** Warnings for `--json`. Pure. */
export function warningsAsJson(warnings: readonly AttachmentWarning[]): Json {
  return warnings.map((warning) => ({ ...warning }));
}
