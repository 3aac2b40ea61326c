import { Refusal } from './answer.ts';

/** How often a secret may be guessed wrongly from one address, or for one account, within `WINDOW_MS`. */
const MOST = 10;
const WINDOW_MS = 10 * 60_000;
/** So that whoever has many addresses fills no memory. */
const MOST_KEYS = 10_000;

/** Counts wrong guesses. */
export interface Attempts {
  /** Refuses (429) `too-many-tries`, with `retry-after`, when one of these has been wrong too often. */
  check(keys: readonly string[]): void;
  wrong(keys: readonly string[]): void;
  /** Whoever knew the secret starts anew. */
  right(keys: readonly string[]): void;
}

/** In memory: a restart forgives, which costs an attacker more than it gives. */
export function countAttempts(now: () => Date): Attempts {
  const wrongs = new Map<string, number[]>();
  const recent = (key: string): number[] =>
    (wrongs.get(key) ?? []).filter((time) => time > now().getTime() - WINDOW_MS);
  return {
    check(keys) {
      for (const key of keys) {
        const [first, ...rest] = recent(key).slice(-MOST);
        if (first === undefined || rest.length < MOST - 1) continue;
        const seconds = Math.ceil((first + WINDOW_MS - now().getTime()) / 1000);
        const headers = { 'retry-after': String(seconds) };
        throw new Refusal(429, 'too-many-tries', `Too many wrong tries; the next is taken in ${seconds} s`, headers);
      }
    },
    wrong(keys) {
      for (const key of keys) {
        const times = [...recent(key), now().getTime()];
        // Put last, so that the oldest goes when there are too many.
        wrongs.delete(key);
        wrongs.set(key, times);
      }
      for (const key of wrongs.keys()) {
        if (wrongs.size <= MOST_KEYS) break;
        wrongs.delete(key);
      }
    },
    right(keys) {
      for (const key of keys) wrongs.delete(key);
    },
  };
}
