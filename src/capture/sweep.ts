import { lstat } from 'node:fs/promises';
import { systemCode } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { findSessionFolders, type SessionFolder } from '../kiro/session-folders-1x.ts';
import type { CaptureContext } from './capture-context.ts';
import { readSession, type SessionRead } from './read-session.ts';
import type { SessionCursor } from './session-cursor.ts';
import type { SweepHint } from './session-source.ts';

/** Where this store's cursors are kept; null for a session never seen. */
export interface CursorStore {
  get(sessionId: string): SessionCursor | null;
}

/** One step of a sweep: its events and its cursor belong into one transaction. */
export interface SweepStep {
  sessionId: string;
  read: SessionRead;
}

/**
 * Reads every session that has grown, step by step; one that has not costs a look at its file. `hint` names a session to
 * read before the others. A session that cannot be read is logged and passed over. Folders that may not be looked into cost
 * nobody else anything: the system's refusal of one of them is thrown at the end.
 */
export async function* sweep(
  host: Host,
  sessionsRoot: string,
  store: CursorStore,
  context: CaptureContext,
  hint: SweepHint = {},
): AsyncGenerator<SweepStep> {
  const refusals: unknown[] = [];
  const folders = await findSessionFolders(sessionsRoot, (error) => refusals.push(error));
  const hinted = folders.filter((folder) => folder.id === hint.sessionId);
  const others = folders.filter((folder) => folder.id !== hint.sessionId);
  for (const folder of [...hinted, ...others]) {
    let cursor = store.get(folder.id);
    let more = await hasGrown(folder, cursor);
    while (more) {
      const read = await readCarefully(host, folder, cursor, context);
      if (read === null) break;
      ({ cursor, more } = read);
      yield { sessionId: folder.id, read };
    }
  }
  if (refusals.length > 0) throw refusals[0];
}

async function hasGrown({ messages }: SessionFolder, cursor: SessionCursor | null): Promise<boolean> {
  try {
    const { ino, size } = await lstat(messages, { bigint: true });
    if (cursor === null) return size > 0n;
    // A baseline has not looked at the file yet and knows its size alone.
    const same = cursor.inode === null || cursor.inode === String(ino);
    return !same || Number(size) !== cursor.size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

async function readCarefully(
  host: Host,
  folder: SessionFolder,
  cursor: SessionCursor | null,
  context: CaptureContext,
): Promise<SessionRead | null> {
  try {
    return await readSession(host, folder, cursor, context);
  } catch (error) {
    // The file system's refusal of one session; anything else is a fault of ours and must be seen.
    const code = systemCode(error);
    if (code === undefined) throw error;
    host.log.warn('a session cannot be read', { session: folder.id, code });
    return null;
  }
}
