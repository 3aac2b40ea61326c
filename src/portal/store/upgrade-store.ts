import type { Actor, Page } from './store.ts';

/** What an agent was offered last; `ring` is null for those that are in none. */
export interface UpgradeOffer {
  version: string;
  ring: string | null;
  at: string;
  failedAt: string | null;
  /** In the agent's own words. */
  why: string | null;
}

/** An agent as far as rings ask of it. */
export interface RingMember {
  id: string;
  user: string;
  name: string;
  version: string;
  offer: UpgradeOffer | null;
}

/** Of one ring and version. */
export interface OfferTally {
  ring: string | null;
  /** Agents that it was offered to since the version was resumed last, and how many of them it failed on. */
  offered: number;
  failed: number;
  /** When it was first offered, before or after that. */
  begunAt: string;
}

/** A version that is offered to no further ring, or was not: `failed` of `offered` agents of `ring` said that it does not work. */
export interface UpgradeHalt {
  version: string;
  ring: string | null;
  offered: number;
  failed: number;
  haltedAt: string;
  /** null: it stands. */
  resumedAt: string | null;
  resumedBy: Actor | null;
}

export interface UpgradeStore {
  /**
   * Notes what an agent is offered, in place of what it was offered before. The same again keeps its time, unless that lies
   * before `since` and it has not failed.
   */
  offer(
    org: string,
    offer: { device: string; version: string; ring: string | null; at: string; since: string },
  ): Promise<void>;
  /** Notes that what an agent was offered failed on it; answers by which ring, or undefined when that is no news. */
  fail(
    org: string,
    failure: { device: string; version: string; why: string; at: string },
  ): Promise<{ ring: string | null } | undefined>;
  /** By ring; without those that never offered it. */
  tally(org: string, version: string): Promise<OfferTally[]>;
  /** Newest first, up to 100. */
  halts(org: string): Promise<UpgradeHalt[]>;
  /** With its act in the log. False when it stands already. */
  halt(org: string, halt: Omit<UpgradeHalt, 'resumedAt' | 'resumedBy'>): Promise<boolean>;
  /** With its act in the log. False when no halt of this version stands. */
  resume(org: string, version: string, at: string, by: Actor): Promise<boolean>;
  /** By id. Without agents whose credentials were all revoked: nothing is offered to them. */
  members(org: string, page: { limit: number; after?: string }): Promise<Page<RingMember>>;
}
