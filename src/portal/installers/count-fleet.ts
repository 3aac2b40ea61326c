import { setImmediate as turn } from 'node:timers/promises';
import type { PortalStore } from '../store/store.ts';
import { type RingCounts, ringCounter } from './count-rings.ts';
import type { UpgradeRings } from './rings-schema.ts';

/**
 * How far each ring of an organisation is with these versions. One row an agent is read, so many at once (`atOnce`), and between
 * them others are answered.
 */
export async function countFleet(
  { upgrades }: Pick<PortalStore, 'upgrades'>,
  org: string,
  rings: UpgradeRings,
  versions: readonly string[],
  atOnce = 1_000,
): Promise<RingCounts> {
  const counter = ringCounter(rings, versions);
  for (let after: string | null | undefined; after !== null; ) {
    const page = await upgrades.members(org, { limit: atOnce, ...(after !== undefined && { after }) });
    for (const member of page.items) counter.add(member);
    after = page.next;
    if (after !== null) await turn();
  }
  return counter.result();
}
