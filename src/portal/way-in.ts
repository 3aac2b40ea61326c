import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/** How a request came to the portal, as whoever sent it sees it. */
export interface WayIn {
  /** With its port, as in `Host`. */
  host: string | undefined;
  secure: boolean;
  /** The sender's IP address. */
  from: string;
}

/**
 * By the connection; with `trustProxy` by what the proxy before the portal says of the connection it took (`X-Forwarded-*`, of
 * a list the last entry, which is the trusted proxy's own). Without it, nobody's word but the connection's counts. Pure.
 */
export function wayIn(incoming: Pick<IncomingMessage, 'headers' | 'socket'>, trustProxy: boolean): WayIn {
  const own = {
    host: incoming.headers.host,
    secure: (incoming.socket as TLSSocket).encrypted === true,
    from: incoming.socket.remoteAddress ?? '',
  };
  if (!trustProxy) return own;
  const { 'x-forwarded-proto': proto, 'x-forwarded-host': host, 'x-forwarded-for': from } = incoming.headers;
  return {
    host: last(host) ?? own.host,
    secure: proto === undefined ? own.secure : last(proto) === 'https',
    from: last(from) ?? own.from,
  };
}

/**
 * The portal's address by that way, without a slash at the end. A browser's own word (`Origin`) goes first where it names the
 * same host: a TLS proxy that nobody told us of is only seen there. Pure.
 */
export function addressBy({ host, secure }: WayIn, origin?: string): string {
  if (origin === `https://${host}` || origin === `http://${host}`) return origin;
  return `${secure ? 'https' : 'http'}://${host}`;
}

function last(header: string | string[] | undefined): string | undefined {
  const value = String(header ?? '')
    .split(',')
    .at(-1)
    ?.trim();
  return value === '' ? undefined : value;
}
