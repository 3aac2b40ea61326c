import { createHash } from 'node:crypto';
import type { Destination } from './stream.ts';

/**
 * Where a stream goes, for the administration log: many receivers' addresses hold a secret in their path or query, and a
 * certificate is long, so of both a hash tells whether they changed. Pure.
 */
export function sayDestination(destination: Destination): string {
  if (destination.kind === 'http') return `${new URL(destination.url).origin} (address ${short(destination.url)})`;
  const { kind, transport, host, port, ca, ...more } = destination;
  const by = ca === null ? '' : ` authority ${short(ca)}`;
  const rest = Object.entries(more).map(([name, value]) => ` ${name}=${value}`);
  return `${kind} ${transport} ${host}:${port}${by}${rest.join('')}`;
}

const short = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);
