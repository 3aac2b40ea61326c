import { createHash } from 'node:crypto';
import type { Act } from '../administration-answers.ts';

/** What a link of the chain is about. */
export type Linked = 'event' | 'act';

/** Before the first link of every organisation. */
export const FIRST_HASH: Uint8Array = new Uint8Array(32);

/** SHA-256 over these texts, each with its length before it, so that no two lists give the same bytes. */
export function digestOf(...parts: readonly string[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest();
}

/** The hash of a link: over the one before it and what it is about. */
export const linkHash = (before: Uint8Array, what: Linked, digest: Uint8Array): Uint8Array =>
  createHash('sha256').update(before).update(what).update(digest).digest();

/** What an event's link stands for: everything the portal stored of it. */
export const eventDigest = (id: string, receivedAt: string, json: string): Uint8Array =>
  digestOf('event', id, receivedAt, json);
/** What an administrative act's link stands for. One without an origin and changes has the digest that all had once. */
export function actDigest({ time, actor, act, object, from, client, changes }: Act): Uint8Array {
  const plain = ['act', time, actor, act, object];
  if (from === null && client === null && changes === null) return digestOf(...plain);
  return digestOf(...plain, from ?? '', client ?? '', JSON.stringify(changes));
}
