import path from 'node:path';
import * as z from 'zod';
import { readIfExists, replaceFile } from '../core/careful-file.ts';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { listFolder } from './paths.ts';
import { sha256 } from './recorded-edit.ts';

const Note = z.object({
  file: z.string(),
  existed: z.boolean(),
  mode: z
    .string()
    .regex(/^[0-7]+$/)
    .nullable(),
  sha256: z.string().nullable(),
  takenAt: z.string(),
});

/** A user's file as it was before our first change of it ever. */
export interface Snapshot extends z.infer<typeof Note> {
  /** null when there was no such file then. */
  bytes: Buffer | null;
}

/** The snapshots that were taken, by the file's name. One whose bytes are gone or damaged is not among them. */
export function listSnapshots(host: Pick<Host, 'own'>): Snapshot[] {
  const notes = listFolder(host.own.snapshots).filter((name) => name.endsWith(NOTE));
  const found = notes.flatMap((name) => {
    const note = readNote(path.join(host.own.snapshots, name));
    if (note === undefined) return [];
    const bytes = readIfExists(path.join(host.own.snapshots, name.slice(0, -NOTE.length))) ?? null;
    const whole = note.existed ? bytes !== null && sha256(bytes) === note.sha256 : true;
    return whole ? [{ ...note, bytes: note.existed ? bytes : null }] : [];
  });
  return found.sort((a, b) => (a.file < b.file ? -1 : 1));
}

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

const NOTE = '.about.json';

function readNote(file: string): z.infer<typeof Note> | undefined {
  try {
    return Note.safeParse(JSON.parse(readIfExists(file)?.toString('utf8') ?? '')).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
