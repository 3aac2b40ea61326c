import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Json } from '../core/event.ts';
import { describe, systemCode } from '../core/failure.ts';

/** What came back: an answer of any status, or the reason why there was none. */
export type PortalAnswer =
  | { status: number; body: unknown; retryAfter: string | undefined }
  | { status: null; reason: string };

export interface PortalRequest {
  portal: string;
  path: string;
  /** Sent as a bearer, to this portal only: redirects are never followed. */
  secret: string;
  /** JSON text. */
  body: string;
  caFile: string | null;
}
/** Never throws and never retries: who asks decides what an answer means. */
export type AskPortal = (request: PortalRequest) => Promise<PortalAnswer>;

const MAX_ANSWER = 1024 * 1024;
const TOO_LARGE = 'the answer is larger than any that a portal gives';
const COMPRESS_FROM = 1024;
const compress = promisify(gzip);

/** Asks over HTTP, with a time limit for each step; bodies from 1 KiB on are compressed. */
export const askPortal: AskPortal = async ({ portal, path, secret, body, caFile }) => {
  // got costs 12 MB of memory: loaded when there is something to send, not while the daemon idles.
  const { default: got } = await import('got');
  const tooLarge = new AbortController();
  try {
    const packed = body.length >= COMPRESS_FROM ? await compress(body) : undefined;
    const request = got(new URL(path, portal), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${secret}`,
        'content-type': 'application/json',
        ...(packed && { 'content-encoding': 'gzip' }),
      },
      body: packed ?? body,
      https:
        caFile === null ? {} : { certificateAuthority: [...tls.getCACertificates(), readFileSync(caFile, 'utf8')] },
      timeout: { connect: 10_000, secureConnect: 10_000, send: 60_000, response: 30_000, request: 120_000 },
      retry: { limit: 0 },
      followRedirect: false,
      throwHttpErrors: false,
      // What is not unpacked cannot grow; the answers of a portal are small.
      decompress: false,
      responseType: 'text',
      signal: tooLarge.signal,
    });
    request.on('downloadProgress', ({ transferred }) => {
      if (transferred > MAX_ANSWER) tooLarge.abort();
    });
    const response = await request;
    const { statusCode: status, headers } = response;
    return { status, body: parse(response.body), retryAfter: headers['retry-after'] };
  } catch (error) {
    return { status: null, reason: tooLarge.signal.aborted ? TOO_LARGE : explain(error) };
  }
};

/** An answer that is not JSON (a proxy's page, a captive portal's) is undefined, and so acknowledges nothing. */
function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

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

function explain(error: unknown): string {
  const code = systemCode(error) ?? '';
  if (UNTRUSTED.has(code)) {
    return `the portal's certificate is not trusted here (${code}): a proxy that inspects TLS, or a missing authority; see config set portal.caFile`;
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return `the portal's certificate is not valid now (${code}): compare this machine's clock`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return "the portal's certificate is for another name";
  if (OFFLINE.has(code)) return `the portal cannot be reached (${code})`;
  return describe(error);
}
