import { createHash } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { readIfExists, removeTemporaries, replaceFile } from '../core/careful-file.ts';
import { Failure } from '../core/failure.ts';
import { type Host, sleep } from '../core/host.ts';
import type { AttachmentRecord, NewChange, RecordedStep } from './attachment-record.ts';
import { keepSnapshot } from './snapshot.ts';

/** What a step works with: it must hold the record, and so the lock, for as long as it acts. */
export interface StepContext {
  host: Host;
  record: AttachmentRecord;
}

export type Place = Pick<NewChange, 'kind' | 'file' | 'entry' | 'workspace'>;

export interface Edit {
  bytes: Uint8Array;
  /** For the record: what was put in. */
  added: string;
}

/**
 * Edits a file of the user: takes the snapshot, records, replaces; starts over when another program was faster. `edit`
 * gets undefined for a missing file and returns null when nothing is to do. Throws what `edit` and `replaceFile` throw.
 */
export function editRecorded(
  { host, record }: StepContext,
  place: Place,
  edit: (before: Buffer | undefined) => Edit | null,
): void {
  for (let attempt = 1; ; attempt++) {
    removeTemporaries(place.file);
    const before = readIfExists(place.file);
    // An editor that writes in place empties the file first (kiro/README K19): what it then writes must not land in a file
    // that we have replaced meanwhile.
    if (before?.length === 0) sleep(500);
    const edited = edit(before);
    if (edited === null) return;
    keepSnapshot(host, place.file, before);
    try {
      record.make({ ...place, before: before ?? null, added: edited.added, afterSha256: sha256(edited.bytes) }, () =>
        replaceFile(place.file, edited.bytes, before),
      );
      return;
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'file-moving' || attempt === 5) throw error;
    }
  }
}

/**
 * Takes an entry into the record that is in place but not recorded as made: we were stopped right after writing it, or the
 * record was lost.
 */
export function adoptFound(record: AttachmentRecord, place: Place): void {
  const row = record.find(place.kind, place.file, place.entry);
  if (row?.state === 'made') return;
  // What we only found has no bytes before it that could be put back; it is cut out by its own text.
  const { before, added, afterSha256 } = row ?? { before: null, added: '', afterSha256: null };
  record.make({ ...place, before, added, afterSha256 }, () => {});
}

/**
 * Makes a folder and those above it that are missing, and records each, so that undoing removes the ones left empty.
 * `mode` is narrowed by the umask. Throws system errors.
 */
export function ensureFolder(record: AttachmentRecord, folder: string, workspace: string | null, mode: number): void {
  const missing = missingFolders(folder, workspace, mode);
  if (missing.length > 0) record.makeInOrder(missing);
}

/** As `ensureFolder`, to be made together with what comes into the folder. The outermost first. */
export function missingFolders(folder: string, workspace: string | null, mode: number): RecordedStep[] {
  if (statSync(folder, { throwIfNoEntry: false }) !== undefined) return [];
  const change = {
    kind: 'folder',
    file: folder,
    entry: '',
    workspace,
    before: null,
    added: '',
    afterSha256: null,
  } as const;
  const step = { change, act: () => mkdirSync(folder, { mode }) };
  return [...missingFolders(path.dirname(folder), workspace, mode), step];
}

/** SHA-256 in hex, as the record keeps it. */
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
