import type { Database } from '../../../core/database.ts';
import type { Filter } from '../../filter/read-filter.ts';
import { and, type Conditions, forOrg } from './conditions.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { addEventConditions } from './event-conditions.ts';
import { matchOf } from './event-words.ts';

/** So long may one question hold up everybody else; then it says how far it came. */
export const BUDGET_MS = 100;
/** What so few events hold is fetched at once and needs no walk. */
const FEW = 1_000;
const FIRST_WINDOW_MS = 900_000;
const [QUICK_MS, SLOW_MS] = [8, 40];

export interface Walk {
  /** Where the page before ended. */
  after?: string | undefined;
  /** Nothing that was stored later than this row. */
  upTo?: number | undefined;
  budgetMs?: number | undefined;
}

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
  const few = fewSeqs(database, org, filter);
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
  return walkWindows(database, org, { filter, source, narrowed, cursor, budgetMs }, take);
}

function walkWindows(
  database: Database,
  org: string,
  { filter, source, narrowed, cursor, budgetMs }: WindowWalk,
  take: (source: string, where: Conditions) => boolean,
): string | null {
  const begin = performance.now();
  const edge = (order: string) =>
    database.prepare(`SELECT time FROM events WHERE org_id = ? ORDER BY time ${order} LIMIT 1`).get(org)?.time;
  const [first, last] = [edge('ASC'), edge('DESC')];
  if (first === undefined || last === undefined) return null;
  const oldest = Math.max(Date.parse(String(first)), filter.from === undefined ? 0 : Date.parse(filter.from));
  // One more ms than the newest, because a window's end is outside it.
  const newest = [String(last), filter.to, cursor?.time].flatMap((time) =>
    time === undefined ? [] : [Date.parse(time)],
  );
  let end = Math.min(...newest) + 1;
  let width = FIRST_WINDOW_MS;
  while (end > oldest) {
    const started = performance.now();
    const start = Math.max(end - width, oldest);
    const where = windowOf(database, org, filter, narrowed, [start, end]);
    // Only in the first window, where it cuts: elsewhere it would keep the index from being read from the window's end.
    if (where !== undefined && cursor !== undefined && end > Date.parse(cursor.time)) addCursor(where, cursor);
    if (where !== undefined && take(source, where)) return null;
    end = start;
    const took = performance.now() - started;
    if (took < QUICK_MS) width *= 4;
    else if (took > SLOW_MS) width = Math.max(width / 2, 1_000);
    if (end > oldest && performance.now() - begin >= budgetMs) return new Date(end).toISOString();
  }
  return null;
}

interface Place {
  time: string;
  seq: number;
}

function placeOf(after: string | undefined): Place | undefined {
  const [time, seq] = (after === undefined ? undefined : readCursor(after)) ?? [];
  const isOurs = typeof time === 'string' && typeof seq === 'number' && !Number.isNaN(Date.parse(time));
  return isOurs ? { time, seq } : undefined;
}

function addCursor(where: Conditions, { time, seq }: Place): void {
  where.sql.push('(time, seq) < (?, ?)');
  where.values.push(time, seq);
}

interface WindowWalk {
  filter: Filter;
  source: string;
  /** What is asked but for the time, which the windows are. */
  narrowed: Conditions;
  cursor: Place | undefined;
  budgetMs: number;
}

function windowOf(
  database: Database,
  org: string,
  { words }: Filter,
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
  where.sql.push('seq IN (SELECT rowid FROM event_words WHERE event_words MATCH ? AND rowid BETWEEN ? AND ?)');
  where.values.push(matchOf(org, words), range.low, range.high);
  return where;
}

/** The rows that hold the words, or that something was detected in, when they are few; undefined otherwise. */
function fewSeqs(database: Database, org: string, { words, tests }: Filter): number[] | undefined {
  if (words !== undefined) {
    const rows = database
      .prepare('SELECT rowid AS seq FROM event_words WHERE event_words MATCH ? LIMIT ?')
      .all(matchOf(org, words), FEW + 1) as { seq: number }[];
    if (rows.length <= FEW) return rows.map(({ seq }) => seq);
  }
  if (tests?.has?.is.length === 1 && tests.has.is[0] === 'detection') {
    const rows = database
      .prepare(
        `SELECT e.seq FROM detections d JOIN events e ON e.org_id = d.org_id AND e.event_id = d.event_id
         WHERE d.org_id = ? LIMIT ?`,
      )
      .all(org, FEW + 1) as { seq: number }[];
    if (rows.length <= FEW && words === undefined) return rows.map(({ seq }) => seq);
  }
  return undefined;
}

function indexFor({ tests }: Filter): string {
  if ((tests?.session?.is.length ?? 0) > 0) return 'events_by_turn';
  return tests?.agent?.is.length === 1 ? 'events_by_device' : 'events_by_time';
}

/** Whether an index leads straight to the rows: all of them, one agent's, or a session's. */
function isIndexed({ words, tests = {} }: Filter): boolean {
  if (words !== undefined) return false;
  if ((tests.session?.is.length ?? 0) > 0) return true;
  const names = Object.keys(tests);
  return names.length === 0 || (names.length === 1 && tests.agent?.is.length === 1 && tests.agent.not.length === 0);
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
