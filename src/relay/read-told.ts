import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, Failure } from '../core/failure.ts';
import { listCaptured, listSent, type ToldEvent, type ToldFilter } from './sent-journal.ts';

/**
 * What was captured or sent, from the database of a daemon that does not run. Changes nothing. Throws `database-unusable`
 * when it is held by a daemon, damaged, or not readable.
 */
export function readTold(file: string, what: 'captured' | 'sent', filter: ToldFilter): ToldEvent[] {
  if (!existsSync(file)) return [];
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    const has = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sent'").get();
    // Written by a version that kept nothing: what waits is still there, but not in a form to be asked for.
    if (has === undefined) return [];
    return (what === 'sent' ? listSent : listCaptured)(database, filter);
  } catch (error) {
    throw new Failure('database-unusable', `${file} cannot be read: ${describe(error)}`, {
      hint: 'If a daemon holds it and does not answer, see: capsule-kiro diagnose --only daemon',
      cause: error,
    });
  } finally {
    database?.close();
  }
}
