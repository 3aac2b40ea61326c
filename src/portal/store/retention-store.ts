import type { EventKind } from '../../core/event.ts';
import type { Actor } from './store.ts';

/** For how many days events of a kind are kept, from when they were received; null: for ever. */
export type Retention = { [kind in EventKind]: number | null };

export interface RetentionStore {
  get(org: string): Promise<Retention>;
  set(org: string, retention: Retention, at: string, by: Actor): Promise<void>;
  organisations(): Promise<string[]>;
  /** How many events `remove` would take in all. */
  count(org: string, kind: EventKind, before: string): Promise<number>;
  /**
   * Removes at most `limit` events of this kind that were received before that time, with what only they were kept for (words,
   * and their session once nothing of it is left); how many. The chain keeps their links: that they were there stays provable.
   */
  remove(org: string, kind: EventKind, before: string, limit: number): Promise<number>;
  /**
   * Removes at once, for all organisations, what nobody keeps at that time and the database keeps apart (PostgreSQL: a month's
   * table); how many of whom. The rest is left to `remove`.
   */
  removeWhole(at: string): Promise<{ org: string; count: number }[]>;
}
