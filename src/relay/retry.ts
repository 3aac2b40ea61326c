const FIRST_MS = 1_000;
const LONGEST_MS = 300_000;
const LONGEST_ASKED_MS = 3_600_000;
/** From here on it is no longer a hiccup. */
const PROBING_FROM = 10;

/**
 * How long to wait before try number `attempt` (1 is the first retry), in ms: anything up to a bound that doubles, so that
 * a fleet does not come back as one. After ten failures about every five minutes. What the server asked for is a lower bound, but at most an hour.
 */
export function nextDelay(attempt: number, random: number, askedMs: number | null = null): number {
  const bound = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 20));
  const own = Math.round(isProbing(attempt) ? LONGEST_MS * (0.8 + 0.4 * random) : random * bound);
  return askedMs === null ? own : Math.max(Math.min(askedMs, LONGEST_ASKED_MS), own);
}

/** Whether so many failures mean that one event is to be tried, and not a megabyte. Pure. */
export function isProbing(attempt: number): boolean {
  return attempt > PROBING_FROM;
}

/** `Retry-After` as ms from `now`: seconds or an HTTP date; null for anything else. */
export function retryAfter(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header.trim()) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now.getTime());
}
