/** How values are written on the page. Pure; every function takes what it needs. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `just now`, `4 min ago`, `3 h ago`, `yesterday`, `12 d ago`; null for what is over four weeks old or ahead. */
export function ago(time: number, now: number): string | null {
  const age = now - time;
  if (age < -MINUTE || age >= 28 * DAY) return null;
  if (age < MINUTE) return 'just now';
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`;
  if (age < DAY) return `${Math.floor(age / HOUR)} h ago`;
  return age < 2 * DAY ? 'yesterday' : `${Math.floor(age / DAY)} d ago`;
}

/** `840 ms`, `2.4 s`, `1 min 28 s`, `2 h 5 min`. Rounded down, so that 59.96 s never reads 60.0 s. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.floor(ms)} ms`;
  if (ms < MINUTE) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < HOUR) return both(ms, MINUTE, 'min', 1_000, 's');
  return ms < DAY ? both(ms, HOUR, 'h', MINUTE, 'min') : both(ms, DAY, 'd', HOUR, 'h');
}

function both(ms: number, big: number, bigUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((ms % big) / small);
  return rest === 0 ? `${Math.floor(ms / big)} ${bigUnit}` : `${Math.floor(ms / big)} ${bigUnit} ${rest} ${smallUnit}`;
}

/** `512 B`, `12.3 KiB`, `4.0 MiB`. */
export function bytes(count: number): string {
  if (count < 1_024) return `${count} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = count / 1_024;
  let unit = 0;
  while (value >= 1_024 && unit < units.length - 1) {
    value /= 1_024;
    unit++;
  }
  return `${(Math.floor(value * 10) / 10).toFixed(1)} ${units[unit]}`;
}

/** `10 211 402`, grouped by thin spaces that do not break. */
export const number = (value: number): string => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f');

/** `1 tool`, `2 tools`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : many}`;

/** At most two decimals, and none that are zero. */
export const credits = (value: number): string => String(Math.round(value * 100) / 100);

/** `1.0.411 · 1.x`, `0.9.3 · 0.x` */
export const kiroVersion = (kiro: readonly { generation: string; version: string | null }[]): string =>
  kiro.length === 0
    ? '–'
    : kiro
        .map(({ generation, version }) => `${version ?? 'version unknown'} · ${generation.replace('ide-', '')}`)
        .join(', ');

export const OS_NAMES: Readonly<Record<string, string>> = { darwin: 'macOS', linux: 'Linux', win32: 'Windows' };
