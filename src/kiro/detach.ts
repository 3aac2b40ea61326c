/**
 * Detaching: the record run backwards. Hook files go first, then trust and exclusions, then the dispatcher, then folders
 * that we made and that are empty: whenever it is stopped, no hook is left that calls a missing program.
 *
 * A file that still is as we left it goes back to the bytes it had before. In one that was edited since, our entry alone is
 * taken out. What is neither is left, and the change says what to delete by hand.
 */
import { existsSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { readIfExists, removeTemporaries, replaceFile } from '../core/careful-file.ts';
import { systemCode } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import {
  type AttachmentRecord,
  type ChangeKind,
  frozenRecord,
  type RecordedChange,
  readRecord,
  withRecord,
} from './attachment-record.ts';
import { type Change, type Plan, takeStep } from './change.ts';
import { readRegular } from './place-file.ts';
import { type StepContext, sha256 } from './recorded-edit.ts';
import { findSnapshot } from './snapshot.ts';
import { withoutOurs } from './without-ours.ts';
import { hookFolder } from './workspace-folder.ts';

const ORDER: Record<ChangeKind, number> = {
  'hook-user': 0,
  'hook-workspace': 0,
  trust: 1,
  permission: 1,
  'git-exclude': 2,
  dispatcher: 3,
  folder: 4,
};

export interface DetachOptions {
  dryRun?: boolean;
  /** Which of the recorded changes to undo; all of them unless given. */
  select?: (changes: RecordedChange[]) => RecordedChange[];
  /** How long to wait for another's hold on the record. */
  waitMs?: number;
}

/**
 * Undoes what the record holds. What is undone leaves the record; what failed, or is in a workspace that is not there at
 * the moment, stays in it for the next run. Throws only `attachments-busy` and `database-unusable`.
 */
export function detach(host: Host, { dryRun = false, select = (all) => all, waitMs }: DetachOptions = {}): Change[] {
  const undoAll = (context: StepContext) =>
    select(context.record.list())
      .sort((a, b) => ORDER[a.kind] - ORDER[b.kind] || b.id - a.id)
      .flatMap((change) => takeStep(dryRun, change.kind, change.file, () => planUndo(context, change)));
  if (dryRun || !existsSync(host.own.attachments)) return undoAll({ host, record: frozenRecord(readRecord(host)) });
  return withRecord(host, (record) => undoAll({ host, record }), waitMs);
}

function planUndo({ host, record }: StepContext, change: RecordedChange): Plan {
  const { kind, file, workspace } = change;
  if (workspace !== null && !existsSync(workspace)) {
    return { result: 'skipped', detail: `the workspace is not there now; if it comes back, delete ${file}` };
  }
  if (kind === 'hook-workspace' && workspace !== null) hookFolder(workspace);
  if (kind === 'folder') return planFolder(record, change);
  const plan = planFile(host, change);
  const act = () => {
    removeTemporaries(file);
    plan.act?.();
    record.forget(change);
  };
  return { ...plan, act };
}

function planFile(host: Host, change: RecordedChange): Plan {
  const { kind, file, before } = change;
  const shared = kind === 'trust' || kind === 'permission' || kind === 'git-exclude';
  const current = shared ? readIfExists(file) : readRegular(file);
  if (current === undefined) return { result: 'already', detail: 'gone already' };

  if (change.afterSha256 === sha256(current)) {
    if (before === null) return { result: 'done', detail: 'removed', act: () => rmSync(file) };
    return { result: 'done', detail: 'as it was before', act: () => replaceFile(file, before, current) };
  }
  const rest = asAtFirst(host, change, withoutOurs(change, current));
  if (rest === 'not-ours')
    return { result: 'skipped', detail: `it is not ours any more; delete ${file} if it should be` };
  if (rest === null) return { result: 'done', detail: 'removed', act: () => rmSync(file) };
  if (Buffer.compare(rest, current) === 0) return { result: 'already', detail: 'our entry is gone already' };
  return { result: 'done', detail: 'our entry taken out', act: () => replaceFile(file, rest, current) };
}

/**
 * A line of ours begins with a line break where the list had none at its end. When several lines of ours went in any order, that
 * break is left over; the snapshot tells.
 */
function asAtFirst<T extends Buffer | null | 'not-ours'>(
  host: Host,
  { kind, file }: RecordedChange,
  rest: T,
): T | Buffer {
  const first = kind === 'git-exclude' && Buffer.isBuffer(rest) ? findSnapshot(host, file)?.bytes : undefined;
  if (!Buffer.isBuffer(rest) || !first || !rest.subarray(0, first.length).equals(first)) return rest;
  return /^\r?\n$/.test(rest.subarray(first.length).toString('latin1')) ? first : rest;
}

function planFolder(record: AttachmentRecord, change: RecordedChange): Plan {
  const { file: folder } = change;
  if (!existsSync(folder)) return { result: 'already', detail: 'gone already', act: () => record.forget(change) };
  const act = () => {
    // What could not be taken out of it this time will be another time, and the folder with it.
    const waits = record.list().some(({ file }) => file.startsWith(folder + path.sep));
    if (removeIfEmpty(folder) || !waits) record.forget(change);
  };
  return { result: 'done', detail: 'removed if empty', act };
}

function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw error;
    return false;
  }
}
