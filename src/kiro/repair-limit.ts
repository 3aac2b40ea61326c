const HOUR_MS = 60 * 60_000;
const AN_HOUR = 5;
const IN_ALL = 10;

/**
 * Why a file is not put right once more, as one clause; null while it may be. Whatever keeps undoing it, a person or a
 * program, would otherwise be fought for ever. `repairs` are the times of earlier ones, ISO 8601. Pure.
 */
export function whyNoRepair(repairs: readonly string[], now: Date): string | null {
  const lately = repairs.filter((time) => now.getTime() - Date.parse(time) < HOUR_MS);
  if (repairs.length >= IN_ALL) return `it was put right ${repairs.length} times and undone again; it is left now`;
  return lately.length < AN_HOUR ? null : `it was put right ${lately.length} times within the hour and undone again`;
}
