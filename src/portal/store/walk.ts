/** How a list of events is found, whatever the database: what a place in it is, and in which stretches of time it is walked. */
import type { Filter } from '../filter/read-filter.ts';
import { readCursor } from './cursor.ts';

/** So long may one question hold up everybody else; then it says how far it came. */
export const BUDGET_MS = 100;
/** What so few events hold is fetched at once and needs no walk. */
export const FEW = 1_000;
/** So long it is looked whether they are few. */
export const FEW_MS = 40;
const FIRST_WINDOW_MS = 900_000;
const [QUICK_MS, SLOW_MS] = [8, 40];

export interface Walk {
  /** Where the page before ended. */
  after?: string | undefined;
  /** Nothing that was stored later than this row. */
  upTo?: number | undefined;
  budgetMs?: number | undefined;
}

/** A place in a list by time. */
export interface Place {
  time: string;
  seq: number;
}

/** Undefined for anything that no list of events gave out. */
export function placeOf(after: string | undefined): Place | undefined {
  const [time, seq] = (after === undefined ? undefined : readCursor(after)) ?? [];
  const isOurs = typeof time === 'string' && typeof seq === 'number' && !Number.isNaN(Date.parse(time));
  return isOurs ? { time, seq } : undefined;
}

/** Whether an index leads straight to the rows: all of them, one agent's, or a session's. */
export function isIndexed({ words, tests = {} }: Filter): boolean {
  if (words !== undefined) return false;
  if ((tests.session?.is.length ?? 0) > 0) return true;
  const names = Object.keys(tests);
  return names.length === 0 || (names.length === 1 && tests.agent?.is.length === 1 && tests.agent.not.length === 0);
}

/** Whether all that is asked is that something was detected. */
export const asksDetections = ({ words, tests }: Filter): boolean =>
  words === undefined && tests?.has?.is.length === 1 && tests.has.is[0] === 'detection';

/**
 * The stretches of time from the newest event back to the oldest that a filter and a place can mean, in ms, the end not included;
 * wider as long as whoever takes one is quick. Returns the time down to which everything was looked at when it is `until` by
 * `performance.now()` and something is left, else null.
 */
export function* windowsOf(
  { first, last }: { first: string; last: string },
  { from, to }: Filter,
  cursor: Place | undefined,
  until: number,
): Generator<[start: number, end: number], string | null, void> {
  const oldest = Math.max(Date.parse(first), from === undefined ? 0 : Date.parse(from));
  // One more ms than the newest, because a window's end is outside it.
  const newest = [last, to, cursor?.time].flatMap((time) => (time === undefined ? [] : [Date.parse(time)]));
  let end = Math.min(...newest) + 1;
  let width = FIRST_WINDOW_MS;
  while (end > oldest) {
    const started = performance.now();
    const start = Math.max(end - width, oldest);
    yield [start, end];
    end = start;
    const took = performance.now() - started;
    if (took < QUICK_MS) width *= 4;
    else if (took > SLOW_MS) width = Math.max(width / 2, 1_000);
    if (end > oldest && performance.now() >= until) return new Date(end).toISOString();
  }
  return null;
}
