/** When those who are sent away come again: so spread that the portal gets about as many a second as it answers. */
export interface SpreadOut {
  /** Whole seconds for one more that is sent away, at least 1 and at most `LONGEST_S`. */
  seconds(perSecond: number): number;
}

/** As long as an agent waits by itself at most. */
export const LONGEST_S = 300;

/** Remembers who was sent away and is not due yet, by second. `clock` in ms; `random` from 0 to 1. */
export function spreadOut(clock: () => number, random: () => number): SpreadOut {
  const due = new Map<number, number>();
  let away = 0;
  const forget = (second: number) => {
    for (const [at, count] of due) {
      if (at > second) continue;
      due.delete(at);
      away -= count;
    }
  };
  return {
    seconds(perSecond) {
      const second = Math.floor(clock() / 1000);
      forget(second);
      const wait = secondsFor(away + 1, perSecond, random());
      due.set(second + wait, (due.get(second + wait) ?? 0) + 1);
      away += 1;
      return wait;
    },
  };
}

/** About when those who were sent away before will have been answered: half as long to half as long again. Pure. */
export function secondsFor(away: number, perSecond: number, random: number): number {
  const place = Math.min(away / perSecond, LONGEST_S / 1.5);
  return Math.max(1, Math.round(place * (0.5 + random)));
}
