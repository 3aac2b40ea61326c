import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { parseRemoved, REMOVED, type Removed } from './losses.ts';
import { sqliteTrouble } from './sqlite-trouble.ts';

/** What an outbox holds while no daemon has it, or why that cannot be told. */
export type OutboxPeek =
  | { is: 'none' }
  | { is: 'whole'; events: number; bytes: number; oldest: string | null; rejected: number; removed: Removed | null }
  | { is: 'locked' | 'damaged' | 'unreadable'; why: string };

/** Looks into a resting outbox without changing a row of it; opening it as the daemon does would move a damaged one aside. */
export function peekOutbox(file: string): OutboxPeek {
  if (!existsSync(file)) return { is: 'none' };
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: 500 });
    const state = String(database.prepare('PRAGMA quick_check(1)').get()?.quick_check);
    if (state !== 'ok') return { is: 'damaged', why: state };
    const waiting = database
      .prepare('SELECT count(*) AS events, coalesce(sum(bytes), 0) AS bytes, min(taken) AS oldest FROM event')
      .get();
    const rejected = database.prepare('SELECT count(*) AS n FROM rejected').get();
    const removed = database.prepare('SELECT value FROM fact WHERE name = ?').get(REMOVED)?.value;
    return {
      is: 'whole',
      events: Number(waiting?.events),
      bytes: Number(waiting?.bytes),
      oldest: typeof waiting?.oldest === 'string' ? waiting.oldest : null,
      rejected: Number(rejected?.n),
      removed: parseRemoved(typeof removed === 'string' ? removed : null),
    };
  } catch (error) {
    return explain(error);
  } finally {
    database?.close();
  }
}

const LOCKED = new Set([5, 6]);

function explain(error: unknown): OutboxPeek {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') throw error;
  if (LOCKED.has(error.errcode & 0xff)) return { is: 'locked', why: 'another process has it' };
  return { is: sqliteTrouble(error) === 'damaged' ? 'damaged' : 'unreadable', why: error.message };
}
