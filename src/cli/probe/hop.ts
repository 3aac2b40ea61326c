/** The way of a probe, hop by hop. */

export const HOPS = ['hook', 'ring', 'daemon', 'outbox', 'request', 'portal'] as const;
export type HopName = (typeof HOPS)[number];

export interface Hop {
  hop: HopName;
  status: 'passed' | 'failed' | 'skipped';
  /** ms since the hook was started; null when it was not reached. */
  at: number | null;
  /** One clause. */
  detail: string;
  /** What to do; null unless it failed. */
  fix: string | null;
}

export interface ProbeReport {
  generation: 'ide-0.x' | 'ide-1.x';
  /** The hook file whose command was run. */
  file: string;
  /** What the probe is called at the portal. */
  id: string;
  hops: Hop[];
}

/** Everything after the hop at which it stopped was not reached. Pure. */
export function complete(hops: readonly Hop[]): Hop[] {
  const rest = HOPS.slice(hops.length);
  return [...hops, ...rest.map((hop): Hop => ({ hop, status: 'skipped', at: null, detail: 'not reached', fix: null }))];
}

/** Whether it came all the way, and nothing on it was wrong. Pure. */
export function arrived({ hops }: ProbeReport): boolean {
  return hops.every(({ status }) => status === 'passed');
}
