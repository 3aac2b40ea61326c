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

/** What a proxy's refusal means, by its status. */
export const PROXY_REFUSALS = {
  407: 'the proxy wants a user name and password (407): put http://NAME:PASSWORD@HOST:PORT into a file, then: capsule-kiro config set proxy.url --stdin < FILE',
  403: 'the proxy forbids the way to the portal (403)',
  502: 'the proxy cannot reach the portal (502)',
};

/** Why a request got no answer, in one sentence that says what to look at. Never holds a password of a proxy. Pure. */
export function explainNoAnswer(error: unknown): string {
  const code = systemCode(error) ?? '';
  if (UNTRUSTED.has(code)) {
    return `the portal's certificate is not trusted here (${code}): a proxy that inspects TLS, or a missing authority; see config set portal.caFile`;
  }
  if (NOT_NOW.has(code)) return `the portal's certificate is not valid now (${code}): compare this machine's clock`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return "the portal's certificate is for another name";
  if (code === 'ERR_PROXY_TUNNEL') return explainTunnel(error);
  if (OFFLINE.has(code)) return `the portal cannot be reached (${code})`;
  return withoutPasswords(describe(error));
}

/** The status of the proxy's answer stands only in the error's cause, and only if it came to an answer. */
function explainTunnel(error: unknown): string {
  const cause = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
  const status = typeof cause === 'object' && cause !== null && 'statusCode' in cause ? cause.statusCode : undefined;
  if (typeof status !== 'number') return 'the proxy did not open a way to the portal: it broke off or gave no answer';
  const known: Readonly<Record<number, string>> = PROXY_REFUSALS;
  return known[status] ?? `the proxy refuses the way to the portal (${status})`;
}

function withoutPasswords(text: string): string {
  return text.replaceAll(/\/\/[^/@\s]*@/g, '//***@');
}
