import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../core/failure.ts';
import { type OnRefused, unlessRefused } from './refused.ts';

/** One flat session of Kiro CLI 2.x (kiro/README C2). Its log exists; the others need not. */
export interface CliSessionFiles {
  id: string;
  /** Append-only records. */
  log: string;
  /** Title, folder and how turns ended; replaced as a whole. */
  meta: string;
  /** There while a CLI has the session open. */
  lock: string;
}

/** Ids come from hooks too, and those can be forged: nothing that could lead out of the sessions' folder. */
const SESSION_ID = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/;
const LOG = '.jsonl';

/** All flat sessions in these folders; of one that is in several, the first. Symbolic links are not followed. */
export async function findCliSessions(folders: readonly string[], refused: OnRefused): Promise<CliSessionFiles[]> {
  const found = new Map<string, CliSessionFiles>();
  for (const folder of folders) {
    for (const name of await unlessRefused(() => logNames(folder), [], refused)) {
      const id = name.slice(0, -LOG.length);
      if (SESSION_ID.test(id) && !found.has(id)) found.set(id, filesOf(folder, id));
    }
  }
  return [...found.values()];
}

/** The files of one session; null when there is none or the id is not one. */
export async function findCliSession(folders: readonly string[], id: string): Promise<CliSessionFiles | null> {
  if (!SESSION_ID.test(id)) return null;
  for (const folder of folders) {
    const files = filesOf(folder, id);
    // The sweep says which folder is refused.
    const look = await unlessRefused(
      () => lookAt(files.log),
      null,
      () => {},
    );
    if (look?.isFile()) return files;
  }
  return null;
}

/** What there is at a path, links not followed; null when there is nothing. */
export async function lookAt(file: string) {
  try {
    return await lstat(file);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

function filesOf(folder: string, id: string): CliSessionFiles {
  const at = (suffix: string) => path.join(folder, `${id}${suffix}`);
  return { id, log: at(LOG), meta: at('.json'), lock: at('.lock') };
}

async function logNames(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile() && entry.name.endsWith(LOG)).map((entry) => entry.name);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '');
}
