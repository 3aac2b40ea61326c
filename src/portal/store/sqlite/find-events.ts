import type { Database } from '../../../core/database.ts';
import type { Filter } from '../../filter/read-filter.ts';
import { and, type Conditions } from '../conditions.ts';
import { writeCursor } from '../cursor.ts';
import { addEventConditions } from '../event-conditions.ts';
import {
  asksDetections,
  BUDGET_MS,
  FEW,
  FEW_MS,
  isIndexed,
  type Place,
  placeOf,
  type Walk,
  windowsOf,
} from '../walk.ts';
import { forOrg } from './conditions.ts';
import { boundsOf, HOLDS_WORDS, matchOf, rowsOf, type WordQuery } from './event-words.ts';

const FIRST_ROWS = 100_000;
const QUICK_MS = 4;

/**
 * Calls `take` with the conditions of one stretch of time after the other, newest first, until it says that it has enough, time
 * runs out, or nothing older is left. Answers the time down to which everything was looked at when time ran out, else null.
 * An index answers what it can at once; a walk is for what no index leads to.
 */
export function walkEvents(
  database: Database,
  org: string,
  filter: Filter,
  { after, upTo, budgetMs = BUDGET_MS }: Walk,
  take: (source: string, where: Conditions) => boolean,
): string | null {
  const { from, to, ...rest } = filter;
  const narrowed = forOrg(org);
  addEventConditions(narrowed, rest);
  and(narrowed, 'seq <= ?', upTo);
  const base = { sql: [...narrowed.sql], values: [...narrowed.values] };
  and(base, 'time >= ?', from);
  and(base, 'time <= ?', to);
  const cursor = placeOf(after);
  if (cursor !== undefined) addCursor(base, cursor);
  const words = filter.words === undefined ? undefined : matchOf(database, org, filter.words);
  if (words !== undefined && words.inDoubt.length > 0) {
    for (const where of [base, narrowed]) and(where, HOLDS_WORDS, JSON.stringify(words.inDoubt));
  }
  const begin = performance.now();
  const few = words === undefined ? fewDetected(database, org, filter) : fewThatHold(database, words);
  if (few !== undefined) {
    and(base, 'seq IN (SELECT value FROM json_each(?))', JSON.stringify(few));
    // Without an index on what orders them, which would be walked to its end for a few.
    take('events NOT INDEXED', base);
    return null;
  }
  const source = `events INDEXED BY ${indexFor(filter)}`;
  if (isIndexed(filter)) {
    take(source, base);
    return null;
  }
  return walkWindows(database, org, { filter, words, source, narrowed, cursor, until: begin + budgetMs }, take);
}

function walkWindows(
  database: Database,
  org: string,
  { filter, words, source, narrowed, cursor, until }: WindowWalk,
  take: (source: string, where: Conditions) => boolean,
): string | null {
  const edge = (order: string) =>
    database.prepare(`SELECT time FROM events WHERE org_id = ? ORDER BY time ${order} LIMIT 1`).get(org)?.time;
  const [first, last] = [edge('ASC'), edge('DESC')];
  if (first === undefined || last === undefined) return null;
  const windows = windowsOf({ first: String(first), last: String(last) }, filter, cursor, until);
  for (let step = windows.next(); ; step = windows.next()) {
    if (step.done) return step.value;
    const where = windowOf(database, org, words, narrowed, step.value);
    // Only in the first window, where it cuts: elsewhere it would keep the index from being read from the window's end.
    if (where !== undefined && cursor !== undefined && step.value[1] > Date.parse(cursor.time))
      addCursor(where, cursor);
    if (where !== undefined && take(source, where)) return null;
  }
}

function addCursor(where: Conditions, { time, seq }: Place): void {
  where.sql.push('(time, seq) < (?, ?)');
  where.values.push(time, seq);
}

interface WindowWalk {
  filter: Filter;
  words: WordQuery | undefined;
  source: string;
  /** What is asked but for the time, which the windows are. */
  narrowed: Conditions;
  cursor: Place | undefined;
  /** When to end, by this process's clock. */
  until: number;
}

function windowOf(
  database: Database,
  org: string,
  words: WordQuery | undefined,
  narrowed: Conditions,
  [start, end]: [number, number],
): Conditions | undefined {
  const [from, before] = [new Date(start).toISOString(), new Date(end).toISOString()];
  const where = { sql: [...narrowed.sql, 'time >= ?', 'time < ?'], values: [...narrowed.values, from, before] };
  if (words === undefined) return where;
  // The index of words knows rows by number only: the window's numbers keep it from reading more than the window.
  const range = database
    .prepare('SELECT min(seq) AS low, max(seq) AS high FROM events WHERE org_id = ? AND time >= ? AND time < ?')
    .get(org, from, before) as { low: number | null; high: number | null };
  if (range.low === null || range.high === null) return undefined;
  const bounds = boundsOf(words, range.low, range.high);
  // Frequent words that do not stand together here: the window's events need not be read to know it.
  if (words.matches.length > 1 && database.prepare(`${rowsOf(words)} LIMIT 1`).get(...bounds) === undefined) return;
  where.sql.push(`seq IN (${rowsOf(words)})`);
  where.values.push(...bounds);
  return where;
}

/** The rows that hold the words, when they are few and soon found; undefined otherwise. */
function fewThatHold(database: Database, words: WordQuery): number[] | undefined {
  if (words.matches.length > 1) return undefined;
  const find = database.prepare(`${rowsOf(words)} LIMIT ?`);
  const begin = performance.now();
  const found: number[] = [];
  let high = Number(database.prepare('SELECT max(seq) AS seq FROM events').get()?.seq ?? 0);
  // In pieces, because nothing ends a query that takes long.
  for (let width = FIRST_ROWS; high > 0; ) {
    const started = performance.now();
    if (started - begin > FEW_MS) return undefined;
    const low = high - width + 1;
    const rows = find.all(...boundsOf(words, low, high), FEW + 1 - found.length) as unknown as { seq: number }[];
    found.push(...rows.map(({ seq }) => seq));
    if (found.length > FEW) return undefined;
    high = low - 1;
    if (performance.now() - started < QUICK_MS) width *= 4;
  }
  return found;
}

/** The rows that something was detected in, when it is all that is asked and they are few; undefined otherwise. */
function fewDetected(database: Database, org: string, filter: Filter): number[] | undefined {
  if (!asksDetections(filter)) return undefined;
  const rows = database
    .prepare(
      `SELECT e.seq FROM detections d JOIN events e ON e.org_id = d.org_id AND e.event_id = d.event_id
       WHERE d.org_id = ? LIMIT ?`,
    )
    .all(org, FEW + 1) as { seq: number }[];
  return rows.length <= FEW ? rows.map(({ seq }) => seq) : undefined;
}

function indexFor({ tests }: Filter): string {
  if ((tests?.session?.is.length ?? 0) > 0) return 'events_by_turn';
  return tests?.agent?.is.length === 1 ? 'events_by_device' : 'events_by_time';
}

export interface FoundEvents {
  rows: { seq: number; time: string }[];
  next: string | null;
  /** When time ran out: down to here everything was looked at, and `next` goes on from there. */
  searchedTo: string | null;
}

/** The newest events that a filter asks for, by row; at most `limit`. */
export function findEvents(
  database: Database,
  org: string,
  filter: Filter,
  { limit, ...walk }: Walk & { limit: number },
): FoundEvents {
  const rows: FoundEvents['rows'] = [];
  const searchedTo = walkEvents(database, org, filter, walk, (source, { sql, values }) => {
    const found = database
      .prepare(`SELECT seq, time FROM ${source} WHERE ${sql.join(' AND ')} ORDER BY time DESC, seq DESC LIMIT ?`)
      .all(...values, limit + 1 - rows.length) as unknown as FoundEvents['rows'];
    rows.push(...found);
    return rows.length > limit;
  });
  if (rows.length > limit) {
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return { rows: shown, next: last === undefined ? null : writeCursor(last.time, last.seq), searchedTo: null };
  }
  return { rows, next: searchedTo === null ? null : writeCursor(searchedTo, 0), searchedTo };
}
