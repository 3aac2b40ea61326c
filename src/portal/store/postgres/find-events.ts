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
import type { Database, OfOrg } from './database.ts';
import { addArrival, type EventMonth, eventMonths } from './event-months.ts';
import { addWords } from './event-words.ts';
import { isTimeout } from './timeout.ts';

/**
 * Calls `take` with the conditions of one stretch of time after the other, newest first, until it says that it has enough, time
 * runs out, or nothing older is left. Answers the time down to which everything was looked at when time ran out, else null.
 * An index answers what it can at once; a walk is for what no index leads to.
 */
export async function walkEvents(
  database: Database,
  org: string,
  filter: Filter,
  { after, upTo, budgetMs = BUDGET_MS }: Walk,
  take: (rows: OfOrg, where: Conditions) => Promise<boolean>,
): Promise<string | null> {
  const { from, to, ...rest } = filter;
  const rows = database.of(org);
  const months = await eventMonths(rows);
  const narrowed = forOrg();
  addEventConditions(narrowed, rest, 'user_name');
  and(narrowed, 'seq <= ?', upTo);
  const base = copyOf(narrowed);
  and(base, 'time >= ?', from);
  and(base, 'time <= ?', to);
  const cursor = placeOf(after);
  if (cursor !== undefined) addCursor(base, cursor);
  const begin = performance.now();
  const few = asksDetections(filter) ? await fewDetected(rows) : await fewThatHold(database, org, filter, months);
  if (few !== undefined) addRows(base, few);
  else addArrival(base, months, { ...filter, ...(cursor !== undefined && { to: cursor.time }) });
  if (few !== undefined || isIndexed(filter)) {
    await take(rows, base);
    return null;
  }
  if (filter.words !== undefined) addWords(narrowed, org, filter.words);
  return walkWindows(database, org, { filter, months, narrowed, cursor, until: begin + budgetMs }, take);
}

/** So long may a stretch take, which can hold more than those before let expect; the first one has no such limit. */
const STUCK_MS = 200;

interface WindowWalk {
  filter: Filter;
  months: readonly EventMonth[];
  /** What is asked but for the time, which the windows are. */
  narrowed: Conditions;
  cursor: Place | undefined;
  /** When to end, by this process's clock. */
  until: number;
}

async function walkWindows(
  database: Database,
  org: string,
  walk: WindowWalk,
  take: (rows: OfOrg, where: Conditions) => Promise<boolean>,
): Promise<string | null> {
  let reached: string | undefined;
  try {
    return await database.reading(org, async (rows) => {
      const windows = windowsIn(walk);
      for (let step = windows.next(); ; step = windows.next()) {
        if (step.done) return step.value;
        const { from, where } = step.value;
        if (await take(rows, where)) return null;
        if (reached === undefined) await giveTime(rows, STUCK_MS);
        reached = from;
      }
    });
  } catch (error) {
    if (reached !== undefined && isTimeout(error)) return reached;
    throw error;
  }
}

/** The conditions of each stretch, and where it begins; returns what `windowsOf` does. */
function* windowsIn({ filter, months, narrowed, cursor, until }: WindowWalk) {
  const first = months.map((month) => month.first).sort()[0];
  const last = months
    .map((month) => month.last)
    .sort()
    .at(-1);
  if (first === undefined || last === undefined) return null;
  const windows = windowsOf({ first, last }, filter, cursor, until);
  for (let step = windows.next(); ; step = windows.next()) {
    if (step.done) return step.value;
    const [from, before] = step.value.map((ms) => new Date(ms).toISOString()) as [string, string];
    const where = copyOf(narrowed);
    and(where, 'time >= ?', from);
    and(where, 'time < ?', before);
    addArrival(where, months, { from, to: before });
    if (cursor !== undefined && step.value[1] > Date.parse(cursor.time)) addCursor(where, cursor);
    yield { from, where };
  }
}

const giveTime = (rows: OfOrg, ms: number) =>
  rows.get("SELECT set_config('statement_timeout', ?, true), $1::text", [String(ms)]);

const copyOf = ({ sql, values }: Conditions): Conditions => ({ sql: [...sql], values: [...values] });

function addCursor(where: Conditions, { time, seq }: Place): void {
  where.sql.push('(time, seq) < (?, ?)');
  where.values.push(time, seq);
}

/** Where a row of `events` is. */
export interface RowPlace {
  seq: number;
  received_at: string;
}

/** Adds that it is one of these rows. */
export function addRows(where: Conditions, places: readonly RowPlace[]): void {
  const arrivals = places.map((place) => place.received_at).sort();
  const [oldest, newest] = [arrivals[0], arrivals.at(-1)];
  if (oldest === undefined || newest === undefined) {
    where.sql.push('false');
    return;
  }
  where.sql.push('seq = ANY(?::bigint[])', 'received_at >= ?', 'received_at <= ?');
  where.values.push(`{${places.map(({ seq }) => seq).join(',')}}`, oldest, newest);
}

/** The rows that hold the words, when they are few and soon found; undefined otherwise. Month by month, the newest first. */
async function fewThatHold(
  database: Database,
  org: string,
  { words, from, to }: Filter,
  months: readonly EventMonth[],
): Promise<RowPlace[] | undefined> {
  if (words === undefined) return undefined;
  const begin = performance.now();
  const found: RowPlace[] = [];
  for (const month of months.toReversed()) {
    const left = Math.floor(FEW_MS - (performance.now() - begin));
    if (left <= 0) return undefined;
    const where = forOrg();
    addWords(where, org, words);
    and(where, 'time >= ?', from);
    and(where, 'time <= ?', to);
    addArrival(where, [month], { ...(from !== undefined && { from }), ...(to !== undefined && { to }) });
    const rows = await rowsWithin(database, org, where, FEW + 1 - found.length, left);
    if (rows === undefined) return undefined;
    found.push(...rows);
    if (found.length > FEW) return undefined;
  }
  return found;
}

/** Undefined when it takes longer: an index of words is read to its end before PostgreSQL gives out the first row of it. */
async function rowsWithin(database: Database, org: string, { sql, values }: Conditions, limit: number, ms: number) {
  try {
    return await database.reading(org, async (rows) => {
      await giveTime(rows, ms);
      return rows.all<RowPlace>(`SELECT seq, received_at FROM events WHERE ${sql.join(' AND ')} LIMIT ?`, [
        ...values,
        limit,
      ]);
    });
  } catch (error) {
    if (isTimeout(error)) return undefined;
    throw error;
  }
}

/** The rows that something was detected in, when they are few; undefined otherwise. */
async function fewDetected(rows: OfOrg): Promise<RowPlace[] | undefined> {
  const detected = await rows.all<{ id: string }>('SELECT event_id AS id FROM detections WHERE org_id = $1 LIMIT ?', [
    FEW + 1,
  ]);
  if (detected.length > FEW) return undefined;
  return rows.all<RowPlace>('SELECT seq, received_at FROM event_ids WHERE org_id = $1 AND event_id = ANY(?::text[])', [
    detected.map(({ id }) => id),
  ]);
}

export interface FoundRow extends RowPlace {
  time: string;
  bytes: number;
}
export interface FoundEvents {
  rows: FoundRow[];
  next: string | null;
  /** When time ran out: down to here everything was looked at, and `next` goes on from there. */
  searchedTo: string | null;
}

/** The newest events that a filter asks for, by row; at most `limit`. */
export async function findEvents(
  database: Database,
  org: string,
  filter: Filter,
  { limit, ...walk }: Walk & { limit: number },
): Promise<FoundEvents> {
  const found: FoundRow[] = [];
  const searchedTo = await walkEvents(database, org, filter, walk, async (rows, { sql, values }) => {
    const some = await rows.all<FoundRow>(
      `SELECT seq, received_at, time, octet_length(event) AS bytes FROM events WHERE ${sql.join(' AND ')}
       ORDER BY time DESC, seq DESC LIMIT ?`,
      [...values, limit + 1 - found.length],
    );
    found.push(...some);
    return found.length > limit;
  });
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  if (found.length > limit && last !== undefined) {
    return { rows: shown, next: writeCursor(last.time, last.seq), searchedTo: null };
  }
  return { rows: shown, next: searchedTo === null ? null : writeCursor(searchedTo, 0), searchedTo };
}
