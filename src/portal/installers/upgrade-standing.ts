/** When a ring's agents may take a version, and when it goes no further. Pure. */
import { versionOrder } from '../filter/version-order.ts';
import type { OfferTally, UpgradeHalt } from '../store/upgrade-store.ts';
import type { UpgradeRings } from './rings-schema.ts';

const DAY_MS = 86_400_000;

/** A ring, or at the end those in no ring (`name` null), as far as it is about what they may take. */
export interface RingTurn {
  name: string | null;
  upTo: string | null;
  startsAt: string | null;
  daysAfter: number | null;
}

/** All of them in the order in which a version goes through. */
export function turnsOf({ rings, others, othersStartsAt, othersDaysAfter }: UpgradeRings): RingTurn[] {
  const last = { name: null, upTo: others, startsAt: othersStartsAt, daysAfter: othersDaysAfter };
  return [...rings.map(({ name, upTo, startsAt, daysAfter }) => ({ name, upTo, startsAt, daysAfter })), last];
}

/** What has happened with one version. */
export interface VersionHistory {
  version: string;
  tally: readonly Pick<OfferTally, 'ring' | 'begunAt'>[];
  halts: readonly Pick<UpgradeHalt, 'version' | 'ring' | 'resumedAt'>[];
}

/**
 * `paused`: takes nothing for now; `behind`: takes older versions only; `halted`: the version failed in this ring or one before
 * it; `waiting`: not yet. `from` is when that ends, null when nobody can say.
 */
export interface Standing {
  state: 'open' | 'paused' | 'behind' | 'halted' | 'waiting';
  from: string | null;
}

const standing = (state: Standing['state'], from: string | null = null): Standing => ({ state, from });

/** Whether the agents of a ring (null: of none) are offered a version at this moment, and if not, why. */
export function standingOf(all: UpgradeRings, ring: string | null, history: VersionHistory, now: Date): Standing {
  const turns = turnsOf(all);
  const at = turns.findIndex(({ name }) => name === ring);
  const turn = turns[at];
  if (turn === undefined || turn.upTo === null) return standing('paused');
  if (!reaches(turn.upTo, history.version)) return standing('behind');
  if (isHalted(turns, at, history)) return standing('halted');
  const after = beginsAfter(turns[at - 1], turn, history);
  if (after === 'unknown') return standing('waiting');
  const from = [turn.startsAt, after]
    .filter((time) => time !== null)
    .sort()
    .at(-1);
  return from === undefined || Date.parse(from) <= now.getTime() ? standing('open') : standing('waiting', from);
}

function reaches(upTo: string, version: string): boolean {
  return upTo === 'newest' || (versionOrder(version) ?? '~') <= (versionOrder(upTo) ?? '');
}

/** A halt holds its own ring and those after it; when its ring is gone, all. */
function isHalted(turns: readonly RingTurn[], at: number, { version, halts }: VersionHistory): boolean {
  return halts.some(
    (halt) =>
      halt.version === version && halt.resumedAt === null && turns.findIndex(({ name }) => name === halt.ring) <= at,
  );
}

/** So many days after the ring before began; null for at once, `unknown` when that has not begun, or takes no such version now. */
function beginsAfter(
  before: RingTurn | undefined,
  { daysAfter }: RingTurn,
  { tally, version }: VersionHistory,
): string | 'unknown' | null {
  if (daysAfter === null || before === undefined) return null;
  if (before.upTo === null || !reaches(before.upTo, version)) return 'unknown';
  const begun = tally.find(({ ring }) => ring === before.name)?.begunAt;
  return begun === undefined ? 'unknown' : new Date(Date.parse(begun) + daysAfter * DAY_MS).toISOString();
}

/** Whether so many failures are reason to let a version go no further. */
export function isTooMany(
  { offered, failed }: Pick<OfferTally, 'offered' | 'failed'>,
  { haltShare, haltAtLeast }: Pick<UpgradeRings, 'haltShare' | 'haltAtLeast'>,
): boolean {
  return failed >= haltAtLeast && failed * 100 > offered * haltShare;
}
