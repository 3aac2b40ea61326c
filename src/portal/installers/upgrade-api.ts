import * as z from 'zod';
import { type Answer, ok, Refusal } from '../answer.ts';
import type { Device } from '../authenticate.ts';
import type { PortalContext } from '../portal-context.ts';
import { executableName } from './executables.ts';
import { historyOf } from './upgrade-halts.ts';
import { type ReleasedExecutable, signExecutable, upgradeKeys } from './upgrade-keys.ts';
import { readRings, ringFinder } from './upgrade-rings.ts';
import { standingOf } from './upgrade-standing.ts';

export const querySchema = z.object({ os: z.enum(['darwin', 'linux', 'win32']), arch: z.enum(['x64', 'arm64']) });

/**
 * `GET /v1/upgrade?os=linux&arch=x64`, for an enrolled device of any organisation: the executable for its system that this
 * portal hands out, with its version, signed; null where there is none, nothing says of which version it is, or the agent's ring
 * may not take it yet. Whether that is a newer one is the agent's to judge. Refuses (400) `upgrade-invalid`.
 */
export async function offerUpgrade(portal: PortalContext, device: Device, query: URLSearchParams): Promise<Answer> {
  const asked = querySchema.safeParse(Object.fromEntries(query));
  if (!asked.success) throw new Refusal(400, 'upgrade-invalid', 'Say for which system: ?os=linux&arch=x64');
  const { os, arch } = asked.data;
  const found = await portal.executables.find(executableName(os, arch));
  if (found?.version === undefined) return ok({ upgrade: null, keys: [] });
  const { name, version, bytes, sha256 } = found;
  if (!(await isItsTurn(portal, device, version))) return ok({ upgrade: null, keys: [] });
  const released: ReleasedExecutable = { name, version, platform: `${os}-${arch}`, bytes, sha256 };
  const signature = await signExecutable(portal.store, released);
  return ok({ upgrade: { ...released, signature }, keys: await upgradeKeys(portal.store) });
}

/** Notes what is offered, because by that it is known where a version fails. */
async function isItsTurn(
  { store, now }: PortalContext,
  { organisation, id }: Device,
  version: string,
): Promise<boolean> {
  const org = organisation.id;
  const at = now();
  const rings = await readRings(store, org);
  const agent = await store.agents.get(org, id);
  const ring = ringFinder(rings)(agent ?? { id, user: '', name: '' })?.name ?? null;
  const history = await historyOf(store, org, version);
  if (standingOf(rings, ring, history, at).state !== 'open') return false;
  const since = history.halts.find((halt) => halt.version === version)?.resumedAt ?? '';
  await store.upgrades.offer(org, { device: id, version, ring, at: at.toISOString(), since });
  return true;
}
