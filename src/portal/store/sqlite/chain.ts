import type { Database } from '../../../core/database.ts';
import { FIRST_HASH, type Linked, linkHash } from '../chain-hash.ts';

export interface Chain {
  /** The place that the next link gets, counted from 1. */
  next(): number;
  /** Appends what has just been stored; `ref` is its row's number. */
  add(what: Linked, ref: number | bigint, digest: Uint8Array): void;
}

/** An organisation's chain, to be made longer; only within one transaction. */
export function openChain(database: Database, org: string): Chain {
  const last = database
    .prepare('SELECT position, hash FROM chain WHERE org_id = ? ORDER BY position DESC LIMIT 1')
    .get(org) as { position: number; hash: Uint8Array } | undefined;
  const insert = database.prepare(
    'INSERT INTO chain (org_id, position, what, ref, digest, hash) VALUES (?, ?, ?, ?, ?, ?)',
  );
  let { position, hash } = last ?? { position: 0, hash: FIRST_HASH };
  return {
    next: () => position + 1,
    add(what, ref, digest) {
      position++;
      hash = linkHash(hash, what, digest);
      insert.run(org, position, what, ref, digest, hash);
    },
  };
}
