import * as fs from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type Database, openDatabase } from '../core/database.ts';
import { Failure } from '../core/failure.ts';
import { Outbox } from './outbox.ts';
import { OUTBOX_TABLES } from './outbox-tables.ts';
import { sqliteTrouble } from './sqlite-trouble.ts';

/**
 * Opens the outbox for this process alone. A damaged one is moved aside, a new one begun, and what can still be read is
 * carried over. Throws `already-running`, `database-unusable` (no access, or written by a newer version: then nothing is
 * touched).
 */
export function openOutbox(file: string, now: () => Date, monotonic = () => performance.now()): Outbox {
  const needs = { file, now, monotonic };
  try {
    return new Outbox(open(file), { ...needs, damage: null });
  } catch (error) {
    if (sqliteTrouble(error) !== 'damaged') throw error;
  }
  const movedTo = moveAside(file, now());
  const database = open(file);
  const damage = { movedTo, saved: carryOver(movedTo, database) };
  return new Outbox(database, { ...needs, damage });
}

function open(file: string): Database {
  const database = openDatabase(file, { migrations: OUTBOX_TABLES, exclusive: true, waitMs: 0 });
  try {
    const found = String(database.prepare('PRAGMA quick_check(1)').get()?.quick_check);
    if (found === 'ok' && unreadableRows(database) === 0) return database;
    throw Object.assign(new Error(found), { errcode: DAMAGED });
  } catch (error) {
    database.close();
    if (sqliteTrouble(error) === 'damaged') throw error;
    throw new Failure('database-unusable', `${file} cannot be read`, { cause: error });
  }
}

const DAMAGED = 11;

/** SQLite sees damage to its own structure, not to the texts it keeps. */
function unreadableRows(database: Database): number {
  const count = (table: string) =>
    Number(database.prepare(`SELECT count(*) AS n FROM ${table} WHERE NOT json_valid(json)`).get()?.n);
  return count('event') + count('cursor');
}

function moveAside(file: string, now: Date): string {
  const aside = `${file}-corrupt-${now.toISOString().replaceAll(/[:.]/g, '-')}`;
  for (const ending of ['', '-wal', '-shm']) {
    if (fs.existsSync(file + ending)) fs.renameSync(file + ending, aside + ending);
  }
  return aside;
}

/** Cursors first: with them, reading goes on where it was, and events that are lost here are read again. */
const CARRIED = [
  'cursor WHERE json_valid(json)',
  'fact',
  'ring',
  'activity',
  'coverage',
  'sent WHERE json_valid(json)',
  'rejected WHERE json_valid(json)',
  'event WHERE json_valid(json)',
];

/** Copies row by row, each table as far as it can be read. Answers how many waiting events came along. */
function carryOver(from: string, to: Database): number {
  let source: DatabaseSync | undefined;
  try {
    source = new DatabaseSync(from, { readOnly: true });
    for (const rows of CARRIED) copyRows(source, to, rows);
  } catch {
    // Not a single page can be read.
  } finally {
    source?.close();
  }
  return Number(to.prepare('SELECT count(*) AS n FROM event').get()?.n);
}

function copyRows(from: DatabaseSync, to: Database, rows: string): void {
  const table = rows.split(' ', 1)[0];
  try {
    for (const row of from.prepare(`SELECT * FROM ${rows}`).iterate()) {
      const names = Object.keys(row);
      const values = names.map(() => '?').join(', ');
      to.prepare(`INSERT OR IGNORE INTO ${table} (${names.join(', ')}) VALUES (${values})`).run(...Object.values(row));
    }
  } catch {
    // The rest of this table is lost; the others may be whole.
  }
}
