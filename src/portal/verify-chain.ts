import { createHash } from 'node:crypto';
import type { ChainHead } from './observed.ts';
import type { ChainLink } from './store/observation-store.ts';
import type { PortalStore } from './store/store.ts';

export type ChainFault = 'link-missing' | 'hash-wrong' | 'content-changed';
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

/** Computes an organisation's chain anew from what is stored and compares. */
export async function verifyChain(
  { observations }: Pick<PortalStore, 'observations'>,
  org: string,
): Promise<ChainReport> {
  const report: ChainReport = { links: 0, gone: 0, unchained: 0, head: null, fault: null };
  let head: ChainHead = { position: 0, hash: FIRST };
  for (;;) {
    const links = await observations.chainLinks(org, head.position, PAGE);
    for (const link of links) {
      const what = faultOf(head, link);
      if (what !== undefined) return { ...report, head, fault: { position: link.position, what } };
      report.links++;
      if (link.stored === undefined) report.gone++;
      head = { position: link.position, hash: link.hash };
    }
    if (links.length < PAGE) break;
  }
  report.unchained = await observations.unchained(org);
  return { ...report, head: head.position === 0 ? null : head };
}

function faultOf(before: ChainHead, link: ChainLink): ChainFault | undefined {
  if (link.position !== before.position + 1) return 'link-missing';
  const hash = createHash('sha256')
    .update(Buffer.from(before.hash, 'hex'))
    .update(link.what)
    .update(Buffer.from(link.digest, 'hex'))
    .digest('hex');
  if (hash !== link.hash) return 'hash-wrong';
  if (link.stored !== undefined && link.stored !== link.digest) return 'content-changed';
  return undefined;
}

/**
 * Whether a chain still holds a head that was written down elsewhere: somebody who rewrites the database together with its whole
 * chain cannot see to that.
 */
export async function holdsHead(
  { observations }: Pick<PortalStore, 'observations'>,
  org: string,
  { position, hash }: ChainHead,
): Promise<boolean> {
  const [link] = await observations.chainLinks(org, position - 1, 1);
  return link?.position === position && link.hash === hash;
}
