import type { Host } from '../core/host.ts';
import { rotateUpgradeKey } from '../portal/installers/upgrade-keys.ts';
import type { Answer } from './command.ts';
import type { StorePlace } from './portal-place.ts';
import { openStore } from './portal-store.ts';

/**
 * Makes a new key for signing executables, in a portal's data, whether or not the portal is running. The old one names it, so that
 * agents follow. Throws `database-unusable`.
 */
export async function changeUpgradeKey(host: Host, place: StorePlace, orgName: string): Promise<Answer> {
  const store = await openStore(host, place);
  try {
    const time = host.now().toISOString();
    const { id } = await store.organisation(orgName, time);
    const key = await rotateUpgradeKey(store);
    await store.note(id, { time, actor: 'command line', act: 'changed', object: `upgrade-key:${key}` });
    return { output: `Executables are signed by a new key now: ${key}`, json: { key }, exitCode: 0 };
  } finally {
    await store.close();
  }
}
