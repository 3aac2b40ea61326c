/** Times as OTLP's JSON has them: nanoseconds since 1970 as a text. Pure. */

/** ms since 1970 of an ISO 8601 time; null for anything else. */
export function toMs(time: string | null): number | null {
  const ms = time === null ? Number.NaN : Date.parse(time);
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

/** Of whole or broken ms; 0 means unknown. */
export function toNanos(ms: number | null): string {
  return (BigInt(Math.round(ms ?? 0)) * 1_000_000n).toString();
}

/** From when to when, by whatever of it is known; never backwards. */
export function between(
  { startedAt, endedAt, durationMs }: { startedAt: string | null; endedAt: string | null; durationMs: number | null },
  time: string,
): { start: number; end: number } {
  const duration = durationMs === null || !Number.isFinite(durationMs) ? 0 : Math.max(0, durationMs);
  const [started, ended] = [toMs(startedAt), toMs(endedAt)];
  const end = ended ?? (started === null ? (toMs(time) ?? 0) : started + duration);
  const start = started ?? Math.max(0, end - duration);
  return { start: Math.min(start, end), end };
}
