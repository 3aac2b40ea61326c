/** So many at once, whoever waits longest first. */
export interface Slots {
  /** Resolves with what gives the slot back. */
  take(): Promise<() => void>;
}

/** `count` of them. */
export function makeSlots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];
  const give = () => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
  return {
    async take() {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      return give;
    },
  };
}
