/** How far this machine's clock is off, by what the portal says: a laptop's clock may be years wrong. */
export interface PortalTime {
  /** Learns from the `Date` of an answer. What is not a date is ignored. */
  hear(date: string): void;
  /** The portal's clock minus ours, in ms; null as long as none was heard. `Date` has whole seconds. */
  offsetMs(): number | null;
  /** The time by the portal's clock; by ours as long as none was heard. */
  now(): Date;
}

/** Keeps along what the portal's clock says, against `now`. */
export function portalTime(now: () => Date): PortalTime {
  let offset: number | null = null;
  return {
    hear(date) {
      const heard = Date.parse(date);
      if (!Number.isNaN(heard)) offset = heard - now().getTime();
    },
    offsetMs: () => offset,
    now: () => new Date(now().getTime() + (offset ?? 0)),
  };
}
