import { isIP } from 'node:net';
import { Refusal } from './answer.ts';

/** On every answer. Nothing runs, loads or frames but our own files, and no HTML is ever made from a string. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/**
 * Refuses a request whose `Host` is not a name of ours (421): a foreign name that was made to point here must not let a web
 * page read the portal. A bare address cannot be pointed anywhere, so it is always ours.
 */
export function checkHost(host: string | undefined, names: readonly string[]): void {
  const name = hostName(host ?? '');
  if (isIP(name) !== 0 || name === 'localhost' || names.includes(name)) return;
  throw new Refusal(421, 'host-unknown', 'This portal is not known by that name; start it with --name to add one');
}

function hostName(host: string): string {
  const url = `http://${host}`;
  if (host === '' || !URL.canParse(url)) return '';
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}

/**
 * Refuses a request that changes something and was not sent by the portal's own page (403). Browsers send `Origin` with
 * every such request; whoever is signed in by a cookie is a browser.
 */
export function checkOrigin(origin: string | undefined, host: string | undefined): void {
  if (origin === `http://${host}` || origin === `https://${host}`) return;
  throw new Refusal(403, 'origin-foreign', "Only the portal's own page may do this with a sign-in cookie");
}
