/** What the tables of this folder are made of. */

export type Rows = string[][];

/** The value below which a share `q` (0 to 1) of these lie. */
export function quantile(values: readonly number[], q: number): number {
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? 0;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** What a figure is held to, as the table shows it: the target, and whether this run met it. */
export function judged(value: number, target: { atMost: number } | { atLeast: number }): [target: string, met: string] {
  const [sign, limit, met] =
    'atMost' in target ? ['≤', target.atMost, value <= target.atMost] : ['≥', target.atLeast, value >= target.atLeast];
  return [`${sign} ${limit}`, met ? 'met' : '**not met**'];
}

/** Where no target was set. */
export const NO_TARGET: [string, string] = ['', ''];

/** The time that `work` takes, in ms. */
export async function timed(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

export const MIB = 1024 * 1024;

/** As many digits as mean something. */
export function figure(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
