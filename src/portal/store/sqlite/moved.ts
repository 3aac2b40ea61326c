import { type Database, openDatabase } from '../../../core/database.ts';
import { Failure } from '../../../core/failure.ts';
import { existingDatabase } from './database-file.ts';
import { MIGRATIONS } from './schema.ts';

const NAME = 'moved-to-postgres';

/** When what is in this database was moved to PostgreSQL, as ISO 8601; undefined when it was not. */
const movedAt = (database: Database): string | undefined =>
  database.prepare('SELECT value FROM portal_values WHERE name = ?').get(NAME)?.value as string | undefined;

/** No portal opens it any more. */
export function markMoved(database: Database, at: string): void {
  database.prepare('INSERT INTO portal_values (name, value) VALUES (?, ?)').run(NAME, at);
}

/** Lets it be used again. Whether it had been moved. */
export const unmarkMoved = (database: Database): boolean =>
  database.prepare('DELETE FROM portal_values WHERE name = ?').run(NAME).changes > 0;

/** Throws `database-unusable` for one that was moved: two portals would each take a part of what comes. */
export function refuseMoved(database: Database, folder: string): void {
  const at = movedAt(database);
  if (at === undefined) return;
  throw new Failure('database-unusable', `What is in ${folder} was moved to PostgreSQL at ${at}`, {
    hint: 'Name that database with --database-file. To use the folder all the same, without what came since: capsule-kiro portal move --back',
  });
}

/**
 * Opens a portal's database that nobody else has open, or may open meanwhile: nothing may come that would not be moved. Throws
 * `not-found`, `already-running`, `database-unusable`.
 */
export function openAlone(folder: string): Database {
  const file = existingDatabase(folder);
  try {
    return openDatabase(file, { migrations: MIGRATIONS, exclusive: true });
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'already-running') throw error;
    throw new Failure('already-running', `A portal still uses ${folder}`, {
      hint: 'Stop it first. Agents keep what they have until a portal answers them again.',
      cause: error,
    });
  }
}
