/** A filter as it stands in the address, part by part, and the address with one of them changed. Pure. */
import type { Grammar } from './grammar.ts';
import { joinNot, splitNot } from './read-filter.ts';

export interface Chip {
  name: string;
  label: string;
  value: string;
  not: boolean;
  /** As it stands in the address. */
  raw: string;
}

/** The parts of the address that are filters of this list; without time and text, which have places of their own. */
export function chipsOf({ fields }: Grammar, search: string): Chip[] {
  return [...new URLSearchParams(search)].flatMap(([name, raw]) => {
    const field = fields.find((known) => known.name === name);
    return field === undefined || raw === '' ? [] : [{ name, label: field.label, raw, ...splitNot(raw) }];
  });
}

/** The query with one value more; the page of the list begins anew. */
export function withChip(search: string, name: string, value: string, not = false): string {
  const query = firstPage(search);
  const raw = joinNot(not, value);
  if (!query.getAll(name).includes(raw)) query.append(name, raw);
  return asSearch(query);
}

/** The query without one value. */
export function withoutChip(search: string, { name, raw }: Pick<Chip, 'name' | 'raw'>): string {
  const query = firstPage(search);
  query.delete(name, raw);
  return asSearch(query);
}

/** The query with "is" and "is not" of one value exchanged. */
export function withChipTurned(search: string, chip: Chip): string {
  return withChip(withoutChip(search, chip), chip.name, chip.value, !chip.not);
}

/** The query with these names set, or taken away by null; the page of the list begins anew. */
export function withParts(search: string, parts: Readonly<Record<string, string | null>>): string {
  const query = firstPage(search);
  for (const [name, value] of Object.entries(parts)) {
    if (value === null || value === '') query.delete(name);
    else query.set(name, value);
  }
  return asSearch(query);
}

function firstPage(search: string): URLSearchParams {
  const query = new URLSearchParams(search);
  query.delete('cursor');
  return query;
}

const asSearch = (query: URLSearchParams): string => {
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
};
