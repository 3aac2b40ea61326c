const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How long a time each sum of a chart is of: an hour, or a day for more than eight days, as a chart has no more bars. Pure. */
export function chartStep(
  { from, to }: { from?: string; to?: string },
  now: Date,
): { step: 'hour' | 'day'; stepMs: number } {
  const begin = from === undefined ? 0 : Date.parse(from);
  const span = (to === undefined ? now.getTime() : Date.parse(to)) - begin;
  return span > 8 * DAY_MS ? { step: 'day', stepMs: DAY_MS } : { step: 'hour', stepMs: HOUR_MS };
}
