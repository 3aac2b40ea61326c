import type { Json } from '../core/event.ts';

/** Deeper nesting than any tool's arguments; it bounds every recursion over them. */
export const MAX_DEPTH = 32;

/**
 * Any parsed JSON as arguments were meant: Kiro writes arrays as objects with the keys "0", "1", … and absent options as
 * null (kiro/README S9). Values nested deeper than `MAX_DEPTH` are left out.
 */
export function restoreArguments(value: unknown, depth = 0): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return value;
  if (typeof value !== 'object' || depth >= MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((item) => restoreArguments(item, depth + 1));
  const entries = Object.entries(value).filter(([, item]) => item !== null && item !== undefined);
  if (entries.length > 0 && entries.every(([key], index) => key === String(index))) {
    return entries.map(([, item]) => restoreArguments(item, depth + 1));
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, restoreArguments(item, depth + 1)]));
}
