/** Bars of a chart from sums by hour. Pure. */

export interface Sum {
  start: string;
  events: number;
  failures: number;
}
export interface Bucket {
  start: number;
  end: number;
  events: number;
  failures: number;
}

const MAX_BUCKETS = 200;
const HOUR = 3_600_000;
const STEPS = [1, 3, 6, 12, 24, 72, 168, 336, 720, 2_160, 8_760].map((hours) => hours * HOUR);

/**
 * At most 200 bars of one width that cover everything from `from` to `to` (ms), empty ones too. `barMs` is the width of the
 * sums; a bar is never narrower. Bars begin at round times in UTC.
 */
export function bucketsOf(sums: readonly Sum[], barMs: number, from: number, to: number): Bucket[] {
  const width = [barMs, ...STEPS].find((step) => step >= barMs && (to - from) / step < MAX_BUCKETS - 1) ?? to - from;
  const first = Math.floor(from / width) * width;
  const count = Math.min(MAX_BUCKETS, Math.max(1, Math.floor((to - first) / width) + 1));
  const buckets = Array.from({ length: count }, (_, n) => ({
    start: first + n * width,
    end: first + (n + 1) * width,
    events: 0,
    failures: 0,
  }));
  for (const { start, events, failures } of sums) {
    const bucket = buckets[Math.floor((Date.parse(start) - first) / width)];
    if (bucket === undefined) continue;
    bucket.events += events;
    bucket.failures += failures;
  }
  return buckets;
}

/** The query for one bar: its time in place of the one before, the end not included. */
export const bucketParts = ({ start, end }: Pick<Bucket, 'start' | 'end'>): Record<string, string | null> => ({
  range: null,
  from: new Date(start).toISOString(),
  to: new Date(end - 1).toISOString(),
});
