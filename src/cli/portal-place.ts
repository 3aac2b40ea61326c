import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';

/** Where a portal keeps its data: in a folder, or in a PostgreSQL database. The folder holds its log in either case. */
export interface StorePlace {
  folder: string;
  database: { url: string; caFile: string | undefined } | undefined;
}

interface Asked {
  data?: string | undefined;
  database?: string | undefined;
  'database-file'?: string | undefined;
  'database-ca'?: string | undefined;
}

export const DATABASE_VARIABLE = 'CAPSULE_DATABASE_URL';

/**
 * Where the data is, by `--database`, `--database-file` or the environment, else in the folder. Throws `usage`, `not-found`.
 */
export function readStorePlace(host: Pick<Host, 'own' | 'env'>, asked: Asked): StorePlace {
  const folder = path.resolve(asked.data ?? path.join(host.own.home, 'portal'));
  const { database, 'database-file': file } = asked;
  if (database !== undefined && file !== undefined) {
    throw new Failure('usage', '--database and --database-file say the same; give one of them');
  }
  // Whoever names a folder means it, whatever is in the environment.
  const fromEnvironment = asked.data === undefined ? host.env[DATABASE_VARIABLE] : undefined;
  const url = database ?? (file === undefined ? fromEnvironment : readAddress(file));
  if (url === undefined || url === '') return { folder, database: undefined };
  return { folder, database: { url, caFile: asked['database-ca'] } };
}

/** Whether the address on the command line, which everybody on the machine can read, has a password in it. Pure. */
export const showsPassword = (database: string | undefined): boolean =>
  database !== undefined && URL.canParse(database) && new URL(database).password !== '';

function readAddress(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new Failure('not-found', `The database's address cannot be read from ${file}: ${describe(error)}`, {
      cause: error,
    });
  }
}
