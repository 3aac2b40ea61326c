import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { editFile, makeFolder } from '../core/careful-file.ts';
import type { Host } from '../core/host.ts';

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
  const about = {
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

const snapshotNote = (host: Pick<Host, 'own'>, file: string) => `${snapshotFile(host, file)}.about.json`;
