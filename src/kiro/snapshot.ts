import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { editFile, makeFolder, readIfExists } from '../core/careful-file.ts';
import type { Host } from '../core/host.ts';
import { parseJson } from './fields.ts';
import { listFolder } from './paths.ts';

const Note = z.object({
  file: z.string(),
  existed: z.boolean(),
  /** Octal; null when there was no such file. */
  mode: z
    .string()
    .regex(/^[0-7]+$/)
    .nullable(),
  sha256: z.string().nullable(),
  /** ISO 8601. */
  takenAt: z.string(),
});
type Note = z.infer<typeof Note>;

/** A user's file as it was before our first change of it ever. */
export interface Snapshot extends Note {
  /** null when there was no such file then. */
  bytes: Buffer | null;
}

/**
 * Keeps a user's file as it was before our first change ever: its bytes beside a note that says whose they are. A file
 * that has its note is never snapshotted again, so no later state, with our entry in it, can take the place of the first.
 * The program never restores it by itself: the user may have edited since.
 */
export function keepSnapshot(host: Host, file: string, bytes: Uint8Array | undefined): void {
  const note = snapshotNote(host, file);
  if (existsSync(note)) return;
  makeFolder(host.own.snapshots);
  const mode = statSync(file, { throwIfNoEntry: false })?.mode;
  if (bytes !== undefined) editFile(snapshotFile(host, file), () => bytes);
  const about: Note = {
    file,
    existed: bytes !== undefined,
    mode: mode === undefined ? null : (mode & 0o7777).toString(8),
    sha256: bytes === undefined ? null : createHash('sha256').update(bytes).digest('hex'),
    takenAt: host.now().toISOString(),
  };
  // The note last: without it a snapshot does not count, so a crash in between only means that it is taken again.
  editFile(note, () => Buffer.from(`${JSON.stringify(about, null, 2)}\n`));
}

/** Where the bytes of `file` are kept. */
function snapshotFile(host: Pick<Host, 'own'>, file: string): string {
  const id = createHash('sha256').update(file).digest('hex').slice(0, 16);
  return path.join(host.own.snapshots, `${id}-${path.basename(file)}`);
}

const NOTE = '.about.json';
const snapshotNote = (host: Pick<Host, 'own'>, file: string) => `${snapshotFile(host, file)}${NOTE}`;

/** The snapshot of one file; undefined when none was taken, or when its bytes are gone or damaged. */
export function findSnapshot(host: Pick<Host, 'own'>, file: string): Snapshot | undefined {
  return readSnapshot(snapshotNote(host, file));
}

/** Every whole snapshot that was taken, by the file's name. */
export function listSnapshots(host: Pick<Host, 'own'>): Snapshot[] {
  const notes = listFolder(host.own.snapshots).filter((name) => name.endsWith(NOTE));
  return notes
    .flatMap((name) => readSnapshot(path.join(host.own.snapshots, name)) ?? [])
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

function readSnapshot(noteFile: string): Snapshot | undefined {
  const note = Note.safeParse(parseJson(readIfExists(noteFile)?.toString('utf8') ?? '')).data;
  if (note === undefined) return undefined;
  if (!note.existed) return { ...note, bytes: null };
  const bytes = readIfExists(noteFile.slice(0, -NOTE.length));
  const whole = bytes !== undefined && createHash('sha256').update(bytes).digest('hex') === note.sha256;
  return whole ? { ...note, bytes } : undefined;
}
