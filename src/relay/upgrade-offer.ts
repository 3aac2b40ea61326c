/** What the portal offers as a newer executable, and whether it is the portal that offers it. */
import { createPublicKey, verify } from 'node:crypto';
import * as z from 'zod';
import { Failure } from '../core/failure.ts';
import type { Credential } from './credential.ts';
import type { AskPortal } from './portal-client.ts';
import { refusal } from './refusal.ts';

/** Larger than any executable of ours will be. */
const MOST_BYTES = 1024 * 1024 * 1024;
const MOST_KEYS = 100;

const Key = z.string().regex(/^[\w-]{43}$/);
const Signature = z.string().regex(/^[\w-]{86}$/);
const Upgrade = z.object({
  name: z.string().regex(/^capsule-kiro-[a-z]+-[a-z0-9]+(?:\.exe)?$/),
  version: z.string().regex(/^\d{1,9}(?:\.\d{1,9}){0,3}(?:-[\w.]{1,40})?$/),
  platform: z.string().regex(/^[a-z0-9]+-[a-z0-9]+$/),
  bytes: z.int().min(1).max(MOST_BYTES),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  signature: Signature,
});
const Offer = z.object({
  upgrade: Upgrade.nullable(),
  keys: z.array(z.object({ key: Key, signature: Signature.nullable() })).max(MOST_KEYS),
});
export type Offer = z.infer<typeof Offer>;

/** An executable that the portal has signed for this very system. */
export type OfferedExecutable = Omit<z.infer<typeof Upgrade>, 'signature'>;

/** This machine's system, as the portal names it. */
export interface UpgradeSystem {
  os: 'darwin' | 'linux' | 'win32';
  arch: string;
}

/**
 * Asks the portal of this credential. null: it has nothing for this system, or does not know of upgrades yet. Throws
 * `portal-unreachable`, `token-invalid`, `upgrade-refused`.
 */
export async function askForUpgrade(
  ask: AskPortal,
  credential: Credential,
  system: UpgradeSystem,
): Promise<OfferedExecutable | null> {
  const { portal, token, upgradeKey } = credential;
  if (upgradeKey === undefined) {
    throw new Failure(
      'upgrade-refused',
      'This device enrolled before portals signed executables, so none can be checked',
      {
        hint: 'Enrol anew with a code from your security team: capsule-kiro token set < code.txt',
      },
    );
  }
  const answer = await ask({ portal, path: `/v1/upgrade?os=${system.os}&arch=${system.arch}`, secret: token });
  if (answer.status === null) throw new Failure('portal-unreachable', refusal(answer));
  if (answer.status === 404) return null;
  if (answer.status === 401 || answer.status === 403) throw new Failure('token-invalid', refusal(answer));
  const offer = answer.status === 200 ? Offer.safeParse(answer.body) : undefined;
  if (offer?.success !== true) {
    if (answer.status !== 200) throw new Failure('portal-unreachable', refusal(answer));
    throw untrusted('what it answered is not understood');
  }
  return judgeOffer(offer.data, upgradeKey, `${system.os}-${system.arch}`);
}

/** The offered executable, if the portal of `pinned` signed it, for this platform. Throws `upgrade-refused`. Pure. */
export function judgeOffer({ upgrade, keys }: Offer, pinned: string, platform: string): OfferedExecutable | null {
  if (upgrade === null) return null;
  const { signature, ...executable } = upgrade;
  const { name, version, bytes, sha256 } = executable;
  const lines = ['capsule-kiro executable 1', name, version, executable.platform, String(bytes), sha256];
  if (!signed(newestKey(keys, pinned), signature, lines)) {
    throw untrusted('it is not signed by the key that this device learnt when it enrolled, nor by a successor of that');
  }
  if (executable.platform !== platform) throw untrusted(`it is for ${executable.platform}, and this is ${platform}`);
  return executable;
}

/** From the key that is known, by what each key signed of the next, to the last that it leads to. */
function newestKey(keys: Offer['keys'], pinned: string): string {
  let known = pinned;
  for (const { key, signature } of keys) {
    if (signature !== null && signed(known, signature, ['capsule-kiro upgrade key 1', key])) known = key;
  }
  return known;
}

function signed(key: string, signature: string, lines: readonly string[]): boolean {
  const open = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key }, format: 'jwk' });
  return verify(null, Buffer.from(`${lines.join('\n')}\n`), open, Buffer.from(signature, 'base64url'));
}

function untrusted(why: string): Failure {
  return new Failure('upgrade-refused', `The upgrade that the portal offers was not taken: ${why}`, {
    hint: 'Nothing was changed. Tell your security team.',
  });
}
