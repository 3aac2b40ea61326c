import { chmodSync, lstatSync } from 'node:fs';
import path from 'node:path';
import { readIfExists, removeTemporaries, replaceFile } from '../core/careful-file.ts';
import { Failure } from '../core/failure.ts';
import type { ChangeKind, RecordedChange } from './attachment-record.ts';
import type { Plan } from './change.ts';
import { missingFolders, type StepContext, sha256 } from './recorded-edit.ts';

/** Why a hook is not in its place, and what puts it there. */
export const REMOVED_BY_USER = 'its user removed it; `workspaces include` or `install --force` puts it back';

/** A file that is ours as a whole: a hook file or a dispatcher. */
export interface OwnedFile {
  kind: Extract<ChangeKind, 'hook-user' | 'hook-workspace' | 'dispatcher'>;
  file: string;
  text: string;
  mode: number;
  /** For folders that are missing above it. */
  folderMode: number;
  workspace: string | null;
  /** Recognises what an older version of ours, or Kiro's upgrade of it, left under this name. */
  isOurs(text: string): boolean;
  /** Asked again right before writing; throws when the place is not fit. */
  check(): void;
}

/**
 * Plans to put one of our own files in its place. A file of that name that is not ours, or is a link, is never touched.
 * One of ours that its user changed, or took away from a workspace, stays so unless `force`.
 */
export function planFile({ host, record }: StepContext, owned: OwnedFile, force: boolean): Plan {
  const { kind, file, text } = owned;
  const row = record.find(kind, file);
  const current = readRegular(file);
  if (current === undefined) {
    const removedByUser = kind === 'hook-workspace' && row?.state === 'made';
    if (removedByUser && !force) return { result: 'skipped', detail: REMOVED_BY_USER };
  } else if (current.toString('utf8') === text) {
    const lacks = owned.mode & 0o100 & ~lstatSync(file).mode;
    if (lacks !== 0 && host.platform !== 'win32') {
      return { result: 'done', detail: 'made executable again', act: () => chmodSync(file, owned.mode) };
    }
    return { result: 'already', detail: 'in place', act: () => adopt(owned, row, record) };
  } else if (!owned.isOurs(current.toString('utf8'))) {
    throw new Failure('edit-unsafe', `${file} is there and is not ours, so it was left alone`, {
      hint: 'Rename that file, then run the command again.',
    });
  } else if (row !== undefined && row.afterSha256 !== sha256(current) && !force) {
    return { result: 'kept', detail: 'its user changed it, so it was left; install --force replaces it' };
  }
  const act = () => {
    owned.check();
    removeTemporaries(file);
    const bytes = Buffer.from(text);
    const { workspace, folderMode, mode } = owned;
    const change = { kind, file, entry: '', workspace, before: null, added: text, afterSha256: sha256(bytes) };
    const place = () => {
      owned.check();
      replaceFile(file, bytes, current, mode);
    };
    record.makeInOrder([...missingFolders(path.dirname(file), workspace, folderMode), { change, act: place }]);
  };
  return { result: 'done', detail: current === undefined ? 'written' : 'brought up to date', act };
}

/**
 * Takes a file of ours that is in place into the record: it was written but not yet recorded as such, or the record was
 * lost. Not in a workspace, where an equal file without a record came with the repository and belongs to it.
 */
function adopt({ kind, file, text }: OwnedFile, row: RecordedChange | undefined, record: StepContext['record']): void {
  if (row?.state === 'made' || (row === undefined && kind === 'hook-workspace')) return;
  const afterSha256 = sha256(Buffer.from(text));
  const workspace = row?.workspace ?? null;
  record.make({ kind, file, entry: '', workspace, before: null, added: text, afterSha256 }, () => {});
}

/** A file's bytes, undefined when there is none. Throws `file-not-regular` for a link: Kiro skips those (kiro/README K9). */
export function readRegular(file: string): Buffer | undefined {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (!stat.isFile()) {
    const what = stat.isSymbolicLink() ? 'a link' : 'not a regular file';
    throw new Failure('file-not-regular', `${file} is ${what}, so it was left alone`, {
      hint: 'Put a regular file there, or nothing, then run the command again.',
    });
  }
  return readIfExists(file);
}
