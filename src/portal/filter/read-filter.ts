/** Reads the query string of a list into a filter, and says what it did not understand. Pure; never throws. */
import type { Field, Grammar } from './grammar.ts';
import { readVersionComparison, type VersionComparison } from './version-order.ts';
import { readWords, type Word } from './words.ts';

export interface Comparison {
  op: '=' | '<>' | '<' | '<=' | '>' | '>=';
  value: number;
}
/** Values of one field: any of `is` (when there are some), and none of `not`. */
export interface Test<V = string | Comparison | VersionComparison> {
  is: V[];
  not: V[];
}

export interface Filter {
  /** ISO 8601 in UTC, both inclusive. */
  from?: string;
  to?: string;
  /** All of them must occur. */
  words?: Word[];
  /** By the field's name; all of them must hold. */
  tests?: Readonly<Record<string, Test>>;
}
export interface Sort {
  by: string;
  descending: boolean;
}
export interface ReadQuery {
  filter: Filter;
  sort: Sort | undefined;
  /** `name=value` of each part that was left out; its names alone when the name is not known. */
  misunderstood: string[];
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const MAX_LENGTH = 1_000;
/** Read by others: paging, how much of each text, and what the page has open. */
const OTHERS = new Set(['limit', 'cursor', 'content', 'format', 'e', 'open', 'field', 'prefix', 'view']);

/** `now` is what `range=24h` counts back from. */
export function readFilter(grammar: Grammar, query: URLSearchParams, now: Date): ReadQuery {
  const read: ReadQuery = { filter: {}, sort: undefined, misunderstood: [] };
  const tests: Record<string, Test> = {};
  for (const [name, raw] of query) {
    if (OTHERS.has(name) || raw === '') continue;
    const field = grammar.fields.find((known) => known.name === name);
    const understood = field === undefined ? readOther(read, grammar, name, raw, now) : readTest(tests, field, raw);
    if (understood) continue;
    const known = field !== undefined || NAMES.has(name);
    read.misunderstood.push(known ? `${name}=${raw.slice(0, 100)}` : name.slice(0, 100));
  }
  if (Object.keys(tests).length > 0) read.filter.tests = tests;
  return read;
}
const NAMES = new Set(['range', 'from', 'to', 'q', 'sort']);

function readOther(read: ReadQuery, grammar: Grammar, name: string, raw: string, now: Date): boolean {
  switch (name) {
    case 'range': {
      const from = startOfRange(raw, now);
      if (from !== undefined) read.filter.from = from;
      return from !== undefined || raw === 'all';
    }
    case 'from':
    case 'to': {
      const time = readTime(raw);
      if (time !== undefined) read.filter[name] = time;
      return time !== undefined;
    }
    case 'q': {
      const words = raw.length > MAX_LENGTH ? [] : readWords(raw);
      if (words.length > 0) read.filter.words = [...(read.filter.words ?? []), ...words];
      return words.length > 0;
    }
    case 'sort': {
      const by = raw.replace(/^-/, '');
      if (!grammar.sorts.includes(by)) return false;
      read.sort = { by, descending: raw.startsWith('-') };
      return true;
    }
    default:
      return false;
  }
}

/** `24h`, `30m`, `7d`, `2w` before `now`, as ISO 8601; undefined for anything else. */
export function startOfRange(range: string, now: Date): string | undefined {
  const [, count = '', unit = ''] = /^(\d{1,4})([mhdw])$/.exec(range) ?? [];
  const size = UNIT_MS[unit];
  return size === undefined || Number(count) === 0
    ? undefined
    : new Date(now.getTime() - Number(count) * size).toISOString();
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
function readTime(raw: string): string | undefined {
  const ms = TIME.test(raw) ? Date.parse(raw) : Number.NaN;
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

function readTest(tests: Record<string, Test>, field: Field, raw: string): boolean {
  const { not, value } = splitNot(raw);
  const read = readValue(field, value);
  if (read === undefined) return false;
  tests[field.name] ??= { is: [], not: [] };
  tests[field.name]?.[not ? 'not' : 'is'].push(read);
  return true;
}

/** `-x` is "not x"; a value that begins with a minus is written `\-x`. */
export function splitNot(raw: string): { not: boolean; value: string } {
  if (raw.startsWith('-')) return { not: true, value: raw.slice(1) };
  return { not: false, value: raw.startsWith('\\-') ? raw.slice(1) : raw };
}

/** The other way round. */
export const joinNot = (not: boolean, value: string): string =>
  not ? `-${value}` : value.startsWith('-') ? `\\${value}` : value;

function readValue(field: Field, value: string): string | Comparison | VersionComparison | undefined {
  if (value === '' || value.length > MAX_LENGTH) return undefined;
  if (field.kind === 'text') return value;
  if (field.kind === 'version') return /^[<>]/.test(value) ? readVersionComparison(value) : value;
  if (field.kind === 'choice') return field.choices?.includes(value) ? value : undefined;
  if (value === 'nonzero' && field.nonzero) return { op: '<>', value: 0 };
  const [, op = '', digits] = /^(<=|>=|<|>|=)?(-?\d+(?:\.\d+)?)$/.exec(value) ?? [];
  return digits === undefined ? undefined : { op: (op === '' ? '=' : op) as Comparison['op'], value: Number(digits) };
}
