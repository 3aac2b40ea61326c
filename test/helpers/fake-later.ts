/** Stands in for timers: nothing fires but what the test fires. */
export interface FakeLater {
  later(ms: number, then: () => void): () => void;
  /** What waits, in the order in which it was asked for. */
  waiting: { ms: number; fire(): void }[];
  /** Resolves when something waits, at once if something does. */
  asked(): Promise<{ ms: number; fire(): void }>;
}

export function fakeLater(): FakeLater {
  const waiting: FakeLater['waiting'] = [];
  let notify = () => {};
  return {
    waiting,
    later(ms, then) {
      const forget = () => {
        const at = waiting.indexOf(timer);
        if (at >= 0) waiting.splice(at, 1);
      };
      const timer = {
        ms,
        fire() {
          forget();
          then();
        },
      };
      waiting.push(timer);
      notify();
      return forget;
    },
    async asked() {
      while (waiting[0] === undefined) {
        await new Promise<void>((resolve) => {
          notify = resolve;
        });
      }
      return waiting[0];
    },
  };
}
