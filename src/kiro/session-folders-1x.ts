import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../core/failure.ts';
import { type OnRefused, unlessRefused } from './refused.ts';

/** One session's folder: `<sessions>/<bucket>/<id>` (kiro/README S1). */
export interface SessionFolder {
  id: string;
  path: string;
  /** The append-only record file; it need not exist yet. */
  messages: string;
}

/** Kiro CLI 2.x keeps flat files of another format here; it is no bucket. */
const FLAT_CLI = 'cli';

/** Ids come from hooks too, and those can be forged: nothing that could lead out of the sessions' folder. */
const SESSION_ID = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/;

/**
 * All sessions below `sessionsRoot`, whatever their bucket's name and the form of their id. Of a session that is in
 * several buckets (a changed workspace root leaves shells behind) the one with most records counts. Symbolic links are
 * not followed; `snapshots/` and the like are never entered.
 */
export async function findSessionFolders(sessionsRoot: string, refused: OnRefused): Promise<SessionFolder[]> {
  const found = new Map<string, [SessionFolder, ...SessionFolder[]]>();
  const namesIn = (folder: string) => unlessRefused(() => folderNames(folder), [], refused);
  for (const bucket of await namesIn(sessionsRoot)) {
    if (bucket === FLAT_CLI) continue;
    for (const id of await namesIn(path.join(sessionsRoot, bucket))) {
      if (!SESSION_ID.test(id)) continue;
      const folder = folderOf(sessionsRoot, bucket, id);
      found.set(id, [folder, ...(found.get(id) ?? [])]);
    }
  }
  return Promise.all([...found.values()].map((folders) => fullest(...folders)));
}

/** The folder of one session, looked for in every bucket that we may look into; null when there is none or the id is not one. */
export async function findSessionFolder(sessionsRoot: string, id: string): Promise<SessionFolder | null> {
  if (!SESSION_ID.test(id)) return null;
  const folders: SessionFolder[] = [];
  for (const bucket of await folderNames(sessionsRoot)) {
    if (bucket === FLAT_CLI) continue;
    const folder = folderOf(sessionsRoot, bucket, id);
    // The sweep says which bucket is refused.
    const entry = await unlessRefused(
      () => entryAt(folder.path),
      undefined,
      () => {},
    );
    if (entry?.isDirectory()) folders.push(folder);
  }
  const [first, ...others] = folders;
  return first === undefined ? null : fullest(first, ...others);
}

function folderOf(sessionsRoot: string, bucket: string, id: string): SessionFolder {
  const folder = path.join(sessionsRoot, bucket, id);
  return { id, path: folder, messages: path.join(folder, 'messages.jsonl') };
}

async function fullest(first: SessionFolder, ...others: SessionFolder[]): Promise<SessionFolder> {
  if (others.length === 0) return first;
  const sized = await Promise.all(
    [first, ...others].map(async (folder) => ({ folder, size: (await entryAt(folder.messages))?.size ?? -1 })),
  );
  return sized.reduce((best, next) => (next.size > best.size ? next : best)).folder;
}

async function folderNames(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

async function entryAt(file: string) {
  try {
    return await lstat(file);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '');
}
