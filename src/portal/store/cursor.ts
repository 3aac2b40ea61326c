import type { Page } from './store.ts';

/** A page from rows that were asked for with `limit + 1`: the one too many says that there is more. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => string,
  toItem: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(toItem),
    next: rows.length > limit && last !== undefined ? cursorOf(last) : null,
  };
}

/** The place in a list behind the row with these two keys, as an opaque text. */
export const writeCursor = (first: string | number, second: string | number): string =>
  Buffer.from(JSON.stringify([first, second])).toString('base64url');

/** Undefined for anything that `writeCursor` did not write. */
export function readCursor(cursor: string): [string | number, string | number] | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(parsed) || parsed.length !== 2) return undefined;
    const [first, second] = parsed as unknown[];
    if (!isKey(first) || !isKey(second)) return undefined;
    return [first, second];
  } catch {
    // Not ours: base64 of something that is not JSON.
    return undefined;
  }
}

const isKey = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number';
