import { chmodSync, closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeFolder } from './careful-file.ts';
import { describe, Failure } from './failure.ts';
import { sleep } from './host.ts';

/** Node's SQLite, named in one place: its class is being renamed in newer Node versions. */
export type Database = DatabaseSync;

export interface OpenOptions {
  /** Run in order, once each; `PRAGMA user_version` counts them. Never edit one that has shipped. */
  migrations: readonly string[];
  /** Take the file for this process alone, for as long as it is open. The lock dies with the process. */
  exclusive?: boolean;
  /** How long to wait for another process's lock, in ms. */
  waitMs?: number;
}

/**
 * Opens (or makes) a durable database that only its owner can read: write-ahead log, every commit synced.
 * Throws `already-running` when `exclusive` and another process has it, `file-unwritable` when its folder cannot be made,
 * `database-unusable` for everything else.
 */
export function openDatabase(file: string, { migrations, exclusive = false, waitMs = 2_000 }: OpenOptions): Database {
  const end = performance.now() + waitMs;
  for (;;) {
    try {
      return openOnce(file, { migrations, exclusive, waitMs });
    } catch (error) {
      // SQLite's own waiting does not cover all of it: turning to the write-ahead log and upgrading a lock fail at once.
      if (!isBusy(error) || performance.now() >= end) throw explain(error, file, exclusive);
    }
    // Apart from one another, so that many who wait do not meet again and again.
    sleep(10 + 90 * Math.random());
  }
}

function openOnce(file: string, { migrations, exclusive, waitMs }: Required<OpenOptions>): Database {
  let database: Database | undefined;
  try {
    makeFolder(path.dirname(file));
    // Made owner-only before SQLite writes, because the files it puts beside this one copy its mode.
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
    database = new DatabaseSync(file, { timeout: exclusive ? 0 : waitMs });
    if (exclusive) database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    migrate(database, file, migrations);
    // An exclusive lock is only taken by a write.
    if (exclusive) database.exec('BEGIN IMMEDIATE; COMMIT');
    return database;
  } catch (error) {
    database?.close();
    throw error;
  }
}

function migrate(database: Database, file: string, migrations: readonly string[]): void {
  const done = () => Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
  if (done() > migrations.length) {
    throw new Failure('database-unusable', `${file} was written by a newer version of capsule-kiro`, {
      hint: 'Install the newer version again, or move the file away to begin a new one.',
    });
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < done()) continue;
    inTransaction(database, () => {
      // Asked again under the lock: another process may be opening the same new file.
      if (index === done()) database.exec(`${sql}; PRAGMA user_version = ${index + 1}`);
    });
  }
}

function explain(error: unknown, file: string, exclusive: boolean): Failure {
  if (error instanceof Failure) return error;
  const busy = isBusy(error);
  if (busy && exclusive)
    return new Failure('already-running', 'A daemon of this user is already running', { cause: error });
  return new Failure('database-unusable', `${file} cannot be opened: ${describe(error)}`, {
    hint: 'Check that the folder is yours, writable, and on a local disk.',
    cause: error,
  });
}

/** SQLite's code for "another process holds the lock" stands in the low byte of its extended codes. */
function isBusy(error: unknown): boolean {
  const known = typeof error === 'object' && error !== null && 'errcode' in error;
  return known && typeof error.errcode === 'number' && (error.errcode & 0xff) === 5;
}

export type Durability = 'synced' | 'unsynced';

/**
 * All of it or nothing of it; the outermost call owns the transaction. It is on disk when this returns, unless `unsynced`:
 * that is for what is simply done again, or is as true without, when the power failed before. It waits for no sync, and the
 * next synced transaction takes it along. A process that dies loses nothing of it.
 */
export function inTransaction<T>(database: Database, work: () => T, durability: Durability = 'synced'): T {
  if (database.isTransaction) return work();
  if (durability === 'unsynced') database.exec('PRAGMA synchronous = NORMAL');
  try {
    return inOwnTransaction(database, work);
  } finally {
    if (durability === 'unsynced') database.exec('PRAGMA synchronous = FULL');
  }
}

function inOwnTransaction<T>(database: Database, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
