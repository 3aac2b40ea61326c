import { Refusal } from './answer.ts';
import type { SharedGuesses } from './store/replicas.ts';

/** How often a secret may be guessed wrongly from one address, or for one account, within `WINDOW_MS`. */
const MOST = 10;
const WINDOW_MS = 10 * 60_000;
/** So that whoever has many addresses fills no memory. */
const MOST_KEYS = 10_000;

/** Counts wrong guesses. */
export interface Attempts {
  /** Refuses (429) `too-many-tries`, with `retry-after`, when one of these has been wrong too often. */
  check(keys: readonly string[]): Promise<void>;
  wrong(keys: readonly string[]): Promise<void>;
  /** Whoever knew the secret starts anew. */
  right(keys: readonly string[]): Promise<void>;
}

/** In `shared` where replicas share them; else in memory: a restart forgives, which costs an attacker more than it gives. */
export function countAttempts(now: () => Date, shared: SharedGuesses = guessesInMemory()): Attempts {
  const from = () => new Date(now().getTime() - WINDOW_MS).toISOString();
  return {
    async check(keys) {
      const wrongs = Map.groupBy(await shared.since(keys, from()), ({ key }) => key);
      for (const times of wrongs.values()) {
        const [first, ...rest] = times.slice(-MOST);
        if (first === undefined || rest.length < MOST - 1) continue;
        const seconds = Math.ceil((Date.parse(first.at) + WINDOW_MS - now().getTime()) / 1000);
        const headers = { 'retry-after': String(seconds) };
        throw new Refusal(429, 'too-many-tries', `Too many wrong tries; the next is taken in ${seconds} s`, headers);
      }
    },
    wrong: (keys) => shared.add(keys, now().toISOString(), from()),
    right: (keys) => shared.forget(keys),
  };
}

function guessesInMemory(): SharedGuesses {
  const wrongs = new Map<string, string[]>();
  const recent = (key: string, from: string) => (wrongs.get(key) ?? []).filter((at) => at > from);
  return {
    since: async (keys, from) => keys.flatMap((key) => recent(key, from).map((at) => ({ key, at }))),
    async add(keys, at, from) {
      for (const key of keys) {
        const times = [...recent(key, from), at];
        // Put last, so that the oldest goes when there are too many.
        wrongs.delete(key);
        wrongs.set(key, times);
      }
      for (const key of wrongs.keys()) {
        if (wrongs.size <= MOST_KEYS) break;
        wrongs.delete(key);
      }
    },
    async forget(keys) {
      for (const key of keys) wrongs.delete(key);
    },
  };
}
