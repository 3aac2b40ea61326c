import { describe, systemCode } from '../core/failure.ts';

const OFFLINE = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ETIMEDOUT',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
const UNTRUSTED = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]);
const NOT_NOW = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

/** Whom the daemon talks to, as its errors name it, unless it is another. */
const PORTAL = 'the portal';

/** What a proxy means by 407. */
export const WANTS_A_NAME =
  'the proxy wants a user name and password (407): put http://NAME:PASSWORD@HOST:PORT into a file, then: capsule-kiro config set proxy.url --stdin < FILE';

/** Why a request got no answer, in one sentence that says what to look at. Never holds a password of a proxy. Pure. */
export function explainNoAnswer(error: unknown, peer = PORTAL): string {
  const code = systemCode(error) ?? '';
  if (UNTRUSTED.has(code)) {
    return `${peer}'s certificate is not trusted here (${code}): a proxy that inspects TLS, or a missing authority; see config set portal.caFile`;
  }
  if (NOT_NOW.has(code)) return `${peer}'s certificate is not valid now (${code}): compare this machine's clock`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `${peer}'s certificate is for another name`;
  if (code === 'ERR_PROXY_TUNNEL') return explainTunnel(error, peer);
  if (OFFLINE.has(code)) return `${peer} cannot be reached (${code})`;
  return withoutPasswords(describe(error));
}

/** The status of the proxy's answer stands only in the error's cause, and only if it came to an answer. */
function explainTunnel(error: unknown, peer: string): string {
  const cause = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
  const status = typeof cause === 'object' && cause !== null && 'statusCode' in cause ? cause.statusCode : undefined;
  if (typeof status !== 'number') return `the proxy did not open a way to ${peer}: it broke off or gave no answer`;
  if (status === 407) return WANTS_A_NAME;
  if (status === 403) return `the proxy forbids the way to ${peer} (403)`;
  if (status === 502) return `the proxy cannot reach ${peer} (502)`;
  return `the proxy refuses the way to ${peer} (${status})`;
}

function withoutPasswords(text: string): string {
  return text.replaceAll(/\/\/[^/@\s]*@/g, '//***@');
}
