/** The key by which agents tell that an executable comes from this portal; a key of its own, so that changing it ends no credential. */
import { createPrivateKey, generateKeyPairSync, sign, type webcrypto } from 'node:crypto';
import * as z from 'zod';
import type { PortalStore } from '../store/store.ts';

/** A key, and what the one before it signed to name it; the first has nobody before it. */
export interface NamedKey {
  /** Ed25519, 32 bytes, base64url. */
  key: string;
  /** base64url. */
  signature: string | null;
}

/** What the portal signs of an executable. */
export interface ReleasedExecutable {
  /** `capsule-kiro-linux-x64`. */
  name: string;
  version: string;
  /** `linux-x64`. */
  platform: string;
  bytes: number;
  /** Hex. */
  sha256: string;
}

const NAME = 'upgrade-keys';
const jwk = z.looseObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), d: z.string() });
const storedSchema = z.object({
  private: jwk,
  /** In their order; the last is the one in use. */
  keys: z.array(z.object({ key: z.string(), signature: z.string().nullable() })).min(1),
});
type Stored = z.infer<typeof storedSchema>;
type Values = Pick<PortalStore, 'value' | 'valueOr' | 'setValue'>;

/** The key in use, made at the first call, as an agent keeps it when it enrols. */
export async function currentUpgradeKey(store: Values): Promise<string> {
  return (await load(store)).private.x;
}

/** Every key there was, each with what the one before it signed: an agent that kept an older one finds its way to the newest. */
export async function upgradeKeys(store: Values): Promise<readonly NamedKey[]> {
  return (await load(store)).keys;
}

/** Signs these five, by the key in use; base64url. */
export async function signExecutable(store: Values, executable: ReleasedExecutable): Promise<string> {
  const { name, version, platform, bytes, sha256 } = executable;
  const lines = ['capsule-kiro executable 1', name, version, platform, String(bytes), sha256];
  return signLines((await load(store)).private, lines);
}

/** Puts a new key in place of the one in use, which names it and is forgotten then. Answers the new one. */
export async function rotateUpgradeKey(store: Values): Promise<string> {
  const { private: old, keys } = await load(store);
  const fresh = makeKey();
  const signature = signLines(old, ['capsule-kiro upgrade key 1', fresh.x]);
  const stored: Stored = { private: fresh, keys: [...keys, { key: fresh.x, signature }] };
  await store.setValue(NAME, JSON.stringify(stored));
  return fresh.x;
}

async function load(store: Values): Promise<Stored> {
  return storedSchema.parse(JSON.parse(await store.valueOr(NAME, makeFirst)));
}

function makeFirst(): string {
  const first = makeKey();
  const stored: Stored = { private: first, keys: [{ key: first.x, signature: null }] };
  return JSON.stringify(stored);
}

const makeKey = (): Stored['private'] => jwk.parse(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }));

/** No line holds a line break, so no two lists give one text; and no signed token holds any. */
function signLines(key: Stored['private'], lines: readonly string[]): string {
  const text = Buffer.from(`${lines.join('\n')}\n`);
  return sign(null, text, createPrivateKey({ key: key as webcrypto.JsonWebKey, format: 'jwk' })).toString('base64url');
}
