/** When CLI 3 took a session of CLI 2 over (kiro/README S12). */
import { systemCode } from '../core/failure.ts';
import { listConversations } from './conversations-cli2.ts';
import type { KiroPaths } from './paths.ts';
import { findCliSession, lookAt } from './session-files-cli2.ts';
import { findSessionFolder } from './session-folders-1x.ts';

/** The id that a session had in CLI 2 is part of the one that it has in CLI 3. */
const TAKEN_OVER = /^cli_([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:_|$)/i;

/**
 * Up to when (ms) a session of CLI 3 is a copy of what CLI 2 has recorded; null when it is not taken over, or CLI 2's record is
 * gone. Kiro writes the moment down nowhere: the copy cannot hold what CLI 2 wrote after it was made, nor anything from
 * between CLI 2's last record and its own making.
 */
export async function takenOverAt(
  { sessions, cliSessions, cliDatabases }: Pick<KiroPaths, 'sessions' | 'cliSessions' | 'cliDatabases'>,
  sessionId: string,
): Promise<number | null> {
  const before = TAKEN_OVER.exec(sessionId)?.[1];
  if (before === undefined) return null;
  const written = Math.max(await flatWritten(cliSessions, before), await rowWritten(cliDatabases, before));
  if (written < 0) return null;
  const made = await madeAt(sessions, sessionId);
  return made === null ? written : Math.min(made, written);
}

const NEVER = -1;

async function flatWritten(folders: readonly string[], id: string): Promise<number> {
  const files = await findCliSession(folders, id);
  if (files === null) return NEVER;
  return Math.max(
    ...(await Promise.all([files.log, files.meta].map(async (it) => (await lookAt(it))?.mtimeMs ?? NEVER))),
  );
}

async function rowWritten(databases: readonly string[], id: string): Promise<number> {
  const times: number[] = [];
  for (const file of databases) {
    if ((await lookAt(file))?.isFile()) times.push(...rowTimes(file, id));
  }
  return Math.max(NEVER, ...times);
}

function rowTimes(file: string, id: string): number[] {
  try {
    return listConversations(file, id).map(({ updatedAt }) => updatedAt);
  } catch (error) {
    if (systemCode(error) !== 'ERR_SQLITE_ERROR') throw error;
    // It may hold the session: then only when the copy was made is known.
    return [Number.POSITIVE_INFINITY];
  }
}

/** null where the file system does not keep it. */
async function madeAt(sessionsRoot: string, id: string): Promise<number | null> {
  const folder = await findSessionFolder(sessionsRoot, id);
  const look = folder === null ? null : await lookAt(folder.path);
  return look === null || look.birthtimeMs <= 0 ? null : look.birthtimeMs;
}
