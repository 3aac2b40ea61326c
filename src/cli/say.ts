/** Numbers and times in words, for terminals. Pure. */

const UNITS = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const;

/** `3 minutes ago`; `never` for null. */
export function ago(time: string | null, now: Date): string {
  if (time === null) return 'never';
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(time)) / 1000));
  const [size, unit] = UNITS.find(([each]) => seconds >= each) ?? [1, 'second'];
  return seconds === 0 ? 'just now' : `${count(Math.floor(seconds / size), unit)} ago`;
}

/** `1 event`, `2 events`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** `512 B`, `3 KiB`, `200 MiB`. */
export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  if (n < 1024 * 1024) return `${Math.round(n / 1024)} KiB`;
  return `${Math.round(n / 1024 / 1024)} MiB`;
}
