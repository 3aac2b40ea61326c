/** Halts a version by itself where it fails too often, and lets it on again when somebody says so. */
import type { PortalContext } from '../portal-context.ts';
import type { PortalStore } from '../store/store.ts';
import { readRings } from './upgrade-rings.ts';
import { isTooMany, type VersionHistory } from './upgrade-standing.ts';

type Needs = Pick<PortalContext, 'now' | 'log'> & { store: Pick<PortalStore, 'upgrades' | 'value'> };

/** What has happened with a version in an organisation. */
export async function historyOf(
  { upgrades }: Pick<PortalStore, 'upgrades'>,
  org: string,
  version: string,
): Promise<VersionHistory & { halts: Awaited<ReturnType<PortalStore['upgrades']['halts']>> }> {
  return { version, tally: await upgrades.tally(org, version), halts: await upgrades.halts(org) };
}

/**
 * An agent says that what it was offered does not work on it. When that is news, and too many of its ring say so, the version is
 * halted: from that ring on it is offered to nobody.
 */
export async function noteFailedUpgrade(
  { store, now, log }: Needs,
  org: string,
  device: string,
  failed: { version: string; why: string },
): Promise<void> {
  const at = now().toISOString();
  const news = await store.upgrades.fail(org, { device, ...failed, at });
  if (news === undefined) return;
  const tally = (await store.upgrades.tally(org, failed.version)).find(({ ring }) => ring === news.ring);
  if (tally === undefined || !isTooMany(tally, await readRings(store, org))) return;
  const { ring, offered, failed: agents } = tally;
  const halted = { version: failed.version, ring, offered, failed: agents, haltedAt: at };
  if (await store.upgrades.halt(org, halted))
    log.warn('a version was halted', { version: failed.version, offered, agents });
}
