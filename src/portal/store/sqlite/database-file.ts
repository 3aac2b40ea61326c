import { existsSync } from 'node:fs';
import path from 'node:path';
import { Failure } from '../../../core/failure.ts';

/** Where a portal that keeps its data in this folder has its database. */
export const databaseFile = (folder: string): string => path.join(folder, 'portal.db');

/** The same of a portal that has run there. Throws `not-found`. */
export function existingDatabase(folder: string): string {
  const file = databaseFile(folder);
  if (existsSync(file)) return file;
  throw new Failure('not-found', `There is no portal's data in ${folder}`, { hint: 'Name its folder with --data.' });
}
