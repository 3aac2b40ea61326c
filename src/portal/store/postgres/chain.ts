import { FIRST_HASH, type Linked, linkHash } from '../chain-hash.ts';
import { CHAIN_END, type ChainEnd, type OfOrg } from './database.ts';

export interface Chain {
  /** The place that the next link gets, counted from 1; what it is about is numbered by it. */
  next(): number;
  /** Appends what is being stored; `at` as it is stored with it. */
  add(what: Linked, at: string, digest: Uint8Array): void;
  /** Writes what was appended. */
  keep(): Promise<void>;
}

/** An organisation's chain, to be made longer; only within `writing`, which has its end locked. */
export async function openChain(rows: OfOrg): Promise<Chain> {
  rows.end ??= (await rows.get<ChainEnd>(CHAIN_END)) ?? { position: 0, hash: FIRST_HASH };
  let { position, hash } = rows.end;
  const links: { position: number; at: string; what: Linked; digest: Uint8Array; hash: Uint8Array }[] = [];
  return {
    next: () => position + 1,
    add(what, at, digest) {
      position++;
      hash = linkHash(hash, what, digest);
      links.push({ position, at, what, digest, hash });
    },
    async keep() {
      await rows.run(KEEP, [
        ...[position, hash, links.map((link) => link.position), links.map((link) => link.at)],
        ...[links.map((link) => link.what), links.map((link) => link.digest), links.map((link) => link.hash)],
      ]);
      rows.end = { position, hash };
    },
  };
}

const KEEP = `WITH moved AS (UPDATE chain_heads SET position = ?, hash = ? WHERE org_id = $1)
  INSERT INTO chain (org_id, position, at, what, digest, hash)
  SELECT $1, * FROM unnest(?::bigint[], ?::text[], ?::text[], ?::bytea[], ?::bytea[])`;
