import { createHash } from 'node:crypto';
import type { ChainHead } from './observed.ts';
import type { ChainLink } from './store/observation-store.ts';
import type { PortalStore } from './store/store.ts';

export type ChainFault = 'link-missing' | 'hash-wrong' | 'content-changed' | 'other-chain';
export interface ChainReport {
  /** How many links were looked at, and how many of these stand for something that is stored no more. */
  links: number;
  gone: number;
  /** Stored after the chain had begun, and in no link. */
  unchained: number;
  head: ChainHead | null;
  /** The first thing that is wrong; null when all of it fits. */
  fault: { position: number; what: ChainFault } | null;
}

const PAGE = 2_000;
const FIRST = '0'.repeat(64);

/**
 * Computes an organisation's chain anew from what is stored and compares. `known` is a head that was written down earlier: the
 * chain must still hold it, which somebody who rewrites the database and its whole chain cannot see to.
 */
export async function verifyChain(
  { observations }: Pick<PortalStore, 'observations'>,
  org: string,
  known?: ChainHead,
): Promise<ChainReport> {
  const report: ChainReport = { links: 0, gone: 0, unchained: 0, head: null, fault: null };
  let head: ChainHead = { position: 0, hash: FIRST };
  for (;;) {
    const links = await observations.chainLinks(org, head.position, PAGE);
    for (const link of links) {
      const what = faultOf(head, link, known);
      if (what !== undefined) return { ...report, head, fault: { position: link.position, what } };
      report.links++;
      if (link.stored === undefined) report.gone++;
      head = { position: link.position, hash: link.hash };
    }
    if (links.length < PAGE) break;
  }
  if (known !== undefined && known.position > head.position) {
    return { ...report, head, fault: { position: known.position, what: 'link-missing' } };
  }
  report.unchained = await observations.unchained(org);
  return { ...report, head: head.position === 0 ? null : head };
}

function faultOf(before: ChainHead, link: ChainLink, known: ChainHead | undefined): ChainFault | undefined {
  if (link.position !== before.position + 1) return 'link-missing';
  const hash = createHash('sha256')
    .update(Buffer.from(before.hash, 'hex'))
    .update(link.what)
    .update(Buffer.from(link.digest, 'hex'))
    .digest('hex');
  if (hash !== link.hash) return 'hash-wrong';
  if (link.stored !== undefined && link.stored !== link.digest) return 'content-changed';
  if (known?.position === link.position && known.hash !== link.hash) return 'other-chain';
  return undefined;
}
