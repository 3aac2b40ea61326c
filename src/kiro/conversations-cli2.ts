import { constants, DatabaseSync } from 'node:sqlite';

/** One conversation in the database of Kiro CLI, without its content. */
export interface ConversationRow {
  id: string;
  /** The folder it was held in. */
  cwd: string;
  /** Milliseconds. */
  createdAt: number;
  updatedAt: number;
}

/** The one table that is looked at. Others (`auth_kv`, `state`) hold credentials (kiro/README C8). */
const TABLE = 'conversations_v2';
/** A turn's end is one short write. */
const BUSY_MS = 250;
/** A conversation is one JSON of some megabytes; a larger one than this is not parsed. */
export const MAX_VALUE_BYTES = 64 * 1024 * 1024;

/**
 * Every conversation, or the ones with this id (one for each folder it was held in), without reading any. Throws SQLite's
 * error when the database is locked, damaged, or has no such table.
 */
export function listConversations(file: string, id?: string): ConversationRow[] {
  const columns = 'key, conversation_id, created_at, updated_at';
  const rows = withDatabase(file, (database) =>
    id === undefined
      ? database.prepare(`SELECT ${columns} FROM ${TABLE} ORDER BY updated_at`).all()
      : database.prepare(`SELECT ${columns} FROM ${TABLE} WHERE conversation_id = ? ORDER BY updated_at`).all(id),
  );
  return rows.map((row) => ({
    id: String(row.conversation_id),
    cwd: String(row.key),
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
  }));
}

/** A conversation's value; null when it is gone or larger than `MAX_VALUE_BYTES`. Throws as `listConversations` does. */
export function readConversation(file: string, { id, cwd }: Pick<ConversationRow, 'id' | 'cwd'>): string | null {
  const row = withDatabase(file, (database) =>
    database
      .prepare(`SELECT value FROM ${TABLE} WHERE key = ? AND conversation_id = ? AND octet_length(value) <= ?`)
      .get(cwd, id, MAX_VALUE_BYTES),
  );
  return typeof row?.value === 'string' ? row.value : null;
}

/** The database is Kiro's and in use: opened for reading alone and for this table alone, and given back at once. */
function withDatabase<T>(file: string, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS });
  try {
    database.setAuthorizer(allowOneTable);
    return work(database);
  } finally {
    database.close();
  }
}

/** SQLite asks for each table that a statement would read: whatever is not the conversations' is refused before it is opened. */
function allowOneTable(action: number, table: string | null): number {
  if (action === constants.SQLITE_SELECT || action === constants.SQLITE_FUNCTION) return constants.SQLITE_OK;
  return action === constants.SQLITE_READ && table === TABLE ? constants.SQLITE_OK : constants.SQLITE_DENY;
}
