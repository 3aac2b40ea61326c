import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/**
 * The portal's address as whoever asks reaches it: by a browser's own word, which `checkOrigin` has compared with `Host`, else
 * by the connection. Without a slash at the end. Pure.
 */
export function ownAddress(incoming: Pick<IncomingMessage, 'headers' | 'socket'>): string {
  const { origin, host } = incoming.headers;
  if (origin === `https://${host}` || origin === `http://${host}`) return origin;
  return `${(incoming.socket as TLSSocket).encrypted ? 'https' : 'http'}://${host}`;
}
