/** So many turns of the event loop in which nothing came end the gathering: a connection takes one to be accepted, one to be read. */
const QUIET_TURNS = 2;
/** Whoever came first waits no longer than this, however many more come: while events are delivered too, a turn of the loop takes milliseconds. */
const LONGEST_MS = 25;

export interface Gathering<T, R> {
  /** Answers what `work` answers; when that throws, everybody in the list is told. */
  add(one: T): Promise<R>;
  /** Resolves once nothing is being gathered. */
  quiet(): Promise<void>;
}

/**
 * Does for many at once what costs the same for one (a sync of the disk): what comes together, each over a connection of its
 * own, is handed to `work` as one list. Alone, it waits for two turns of the event loop, which is no time.
 */
export function gather<T, R>(
  work: (together: T[]) => R,
  turn: (then: () => void) => void = setImmediate,
): Gathering<T, R> {
  let waiting: { together: T[]; done: PromiseWithResolvers<R> } | undefined;

  const begin = () => {
    const [together, done, began] = [[] as T[], Promise.withResolvers<R>(), performance.now()];
    let [seen, quiet] = [0, 0];
    const look = () => {
      quiet = together.length === seen ? quiet + 1 : 0;
      seen = together.length;
      if (quiet < QUIET_TURNS && performance.now() - began < LONGEST_MS) return turn(look);
      waiting = undefined;
      try {
        done.resolve(work(together));
      } catch (error) {
        done.reject(error);
      }
    };
    turn(look);
    return { together, done };
  };

  return {
    add(one) {
      waiting ??= begin();
      waiting.together.push(one);
      return waiting.done.promise;
    },
    async quiet() {
      // Whoever added it hears of what went wrong.
      await waiting?.done.promise.catch(() => {});
    },
  };
}
