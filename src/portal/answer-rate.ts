/** How many requests the portal can answer in a second: what it did answer while others were waiting. */
export interface AnswerRate {
  /** One was answered; `waiting` others are in line. */
  answered(waiting: number): void;
  /** null until anything was measured. */
  perSecond(): number | null;
}

/** Fewer say nothing yet, unless they are all of a window. */
const ENOUGH = 20;
const WINDOW_MS = 5_000;

/** Begins to count. `clock` in ms. What was measured stands until something newer is. */
export function measureAnswers(clock: () => number): AnswerRate {
  let known: number | null = null;
  let since: number | undefined;
  let count = 0;
  return {
    answered(waiting) {
      const now = clock();
      if (since !== undefined) {
        count += 1;
        const ms = now - since;
        if (ms >= WINDOW_MS || (count >= ENOUGH && ms > 0)) known = (count / ms) * 1000;
        // A portal without anybody in line is as fast as it is asked, not as it can.
        if (waiting > 0 && ms < WINDOW_MS) return;
      }
      since = waiting > 0 ? now : undefined;
      count = 0;
    },
    perSecond: () => known,
  };
}
