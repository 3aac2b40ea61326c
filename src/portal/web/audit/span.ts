/** The time that a list is about, and its count in words. Pure. */
import { withParts } from '../../filter/chips.ts';
import { startOfRange } from '../../filter/read-filter.ts';
import { number } from '../format.ts';

/** The query with the usual range where it names no time. Its page of the list stays. */
export function withRange(search: string, usual: string): string {
  const query = new URLSearchParams(search);
  if (['range', 'from', 'to'].some((name) => query.has(name))) return search;
  const cursor = query.get('cursor');
  return withParts(search, { range: usual, cursor });
}

/** From when to when (ms) a chart of this query goes; without bounds, as far as there is something. */
export function spanOf(search: string, sums: readonly { start: string }[], now: number): { from: number; to: number } {
  const query = new URLSearchParams(search);
  const asked = query.get('from') ?? startOfRange(query.get('range') ?? '', new Date(now));
  const to = Date.parse(query.get('to') ?? '') || now;
  const from = Date.parse(asked ?? '') || Date.parse(sums[0]?.start ?? '') || to;
  return { from, to: Math.max(to, from) };
}

/** `1 234 events`, `10 000+ events`, `at least 12 events`. */
export function countWords({
  count,
  exact,
  searchedTo,
}: {
  count: number;
  exact: boolean;
  searchedTo: string | null;
}): string {
  const words = number(count);
  if (exact) return count === 1 ? '1 event' : `${words} events`;
  return searchedTo === null ? `${words}+ events` : `at least ${words} events`;
}
