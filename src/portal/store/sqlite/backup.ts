import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { describe, Failure } from '../../../core/failure.ts';
import { existingDatabase } from './database-file.ts';

/** So many pages at a time (4 KiB each), with a turn for writers in between. */
const PAGES = 1_000;

/**
 * Copies the portal's database in `folder` into `file` while the portal may be running: a picture of one moment, checked, synced,
 * and readable by its owner alone, for it holds the portal's signing key. `progress` is told how much of it is done (0 to 1).
 * Its size in bytes. Throws `not-found`, `file-unwritable`, `database-unusable`.
 */
export async function backupDatabase(folder: string, file: string, progress: (part: number) => void): Promise<number> {
  const from = existingDatabase(folder);
  if (existsSync(file)) {
    throw new Failure('file-unwritable', `${file} is there already`, { hint: 'Give the backup a name of its own.' });
  }
  const beside = `${file}.unfinished`;
  try {
    rmSync(beside, { force: true });
    closeSync(openSync(beside, 'wx', 0o600));
  } catch (error) {
    throw new Failure('file-unwritable', `${file} cannot be written: ${describe(error)}`, { cause: error });
  }
  const source = new DatabaseSync(from, { readOnly: true, timeout: 5_000 });
  try {
    await backup(source, beside, {
      rate: PAGES,
      progress: ({ totalPages, remainingPages }) => progress(totalPages === 0 ? 1 : 1 - remainingPages / totalPages),
    });
    check(beside);
    chmodSync(beside, 0o600);
    sync(beside);
    renameSync(beside, file);
    return statSync(file).size;
  } catch (error) {
    throw error instanceof Failure
      ? error
      : new Failure('database-unusable', `${from} cannot be copied: ${describe(error)}`, { cause: error });
  } finally {
    source.close();
    rmSync(beside, { force: true });
  }
}

function check(file: string): void {
  const copy = new DatabaseSync(file, { readOnly: true });
  try {
    const said = String(copy.prepare('PRAGMA quick_check(1)').get()?.quick_check);
    if (said !== 'ok') throw new Failure('database-unusable', `The copy is damaged, and so is the original: ${said}`);
  } finally {
    copy.close();
  }
}

function sync(file: string): void {
  const handle = openSync(file, 'r+');
  fsyncSync(handle);
  closeSync(handle);
}
