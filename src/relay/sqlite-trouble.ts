/** Low byte of SQLite's codes; the rest says more exactly where it happened. */
const FULL = 13;
/** Damaged, or no database at all. */
const DAMAGED = new Set([11, 26]);
/** Read-only, a failed read, write or sync, damaged, gone, or no database: nothing more can be done with this connection. */
const BROKEN = new Set([8, 10, 11, 14, 26]);

export type SqliteTrouble = 'full' | 'damaged' | 'broken' | 'other';

/** What an error of SQLite's (or one that was caused by it) means for its database. Pure. */
export function sqliteTrouble(error: unknown): SqliteTrouble {
  const code = primaryCode(error);
  if (code === undefined) return 'other';
  if (code === FULL) return 'full';
  if (DAMAGED.has(code)) return 'damaged';
  return BROKEN.has(code) ? 'broken' : 'other';
}

function primaryCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('errcode' in error && typeof error.errcode === 'number') return error.errcode & 0xff;
  return 'cause' in error ? primaryCode(error.cause) : undefined;
}
