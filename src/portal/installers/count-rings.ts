/** How far each ring is. Pure: told of one agent after the other. */
import { versionOrder } from '../filter/version-order.ts';
import type { RingMember } from '../store/upgrade-store.ts';
import type { UpgradeRings } from './rings-schema.ts';
import { ringFinder } from './upgrade-rings.ts';

/** Of the agents that are in a ring now (null: in none). */
export interface RingCount {
  ring: string | null;
  version: string;
  /** Run this version or a later one. */
  running: number;
  /** Do not, and were offered it; and how many of these said that it failed. */
  offered: number;
  failed: number;
}

/** An agent on which what it was offered does not work, as far as is known. */
export interface FailedAgent {
  agent: string;
  name: string;
  user: string;
  ring: string | null;
  version: string;
  why: string;
  at: string;
}

export interface RingCounts {
  /** How many agents are in a ring, by the version they run; most first. */
  agents: { ring: string | null; version: string; agents: number }[];
  /** Each ring and each of the versions asked for. */
  progress: RingCount[];
  /** The newest. */
  failures: FailedAgent[];
}

const MOST_FAILURES = 20;

/** Begins to count for these versions. */
export function ringCounter(
  rings: UpgradeRings,
  versions: readonly string[],
): { add(member: RingMember): void; result(): RingCounts } {
  const ringOf = ringFinder(rings);
  const agents = new Map<string | null, Map<string, number>>();
  const progress = new Map<string | null, RingCount[]>();
  for (const ring of [...rings.rings.map(({ name }) => name), null]) {
    agents.set(ring, new Map());
    progress.set(
      ring,
      versions.map((version) => ({ ring, version, running: 0, offered: 0, failed: 0 })),
    );
  }
  const failures: FailedAgent[] = [];
  return {
    add(member) {
      const ring = ringOf(member)?.name ?? null;
      const ofRing = agents.get(ring);
      ofRing?.set(member.version, (ofRing.get(member.version) ?? 0) + 1);
      for (const count of progress.get(ring) ?? []) addTo(count, member);
      const failed = failureOf(member, ring);
      if (failed !== undefined) failures.push(failed);
    },
    result: () => ({
      agents: [...agents]
        .flatMap(([ring, byVersion]) => [...byVersion].map(([version, count]) => ({ ring, version, agents: count })))
        .sort((a, b) => b.agents - a.agents),
      progress: [...progress.values()].flat(),
      failures: failures.sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, MOST_FAILURES),
    }),
  };
}

function addTo(count: RingCount, { version, offer }: RingMember): void {
  if (runs(version, count.version)) {
    count.running += 1;
  } else if (offer?.version === count.version) {
    count.offered += 1;
    if (offer.failedAt !== null) count.failed += 1;
  }
}

function failureOf({ id, name, user, version, offer }: RingMember, ring: string | null): FailedAgent | undefined {
  if (offer === null || offer.failedAt === null || runs(version, offer.version)) return undefined;
  return { agent: id, name, user, ring, version: offer.version, why: offer.why ?? '', at: offer.failedAt };
}

/** This version or a later one. */
const runs = (running: string, version: string): boolean =>
  (versionOrder(running) ?? '') >= (versionOrder(version) ?? '~');
