import type { Grammar } from './filter/grammar.ts';
import { type ReadQuery, readFilter } from './filter/read-filter.ts';
import { readPage } from './query.ts';

/**
 * What a list was asked for: its page, its filter, its order, and which parts of the query were not understood, which every
 * answer names. Refuses (400) `query-invalid` for a page that cannot be.
 */
export function readList(
  grammar: Grammar,
  query: URLSearchParams,
  now: Date,
): ReadQuery & { page: { limit: number; after?: string } } {
  return { ...readFilter(grammar, query, now), page: readPage(query) };
}
