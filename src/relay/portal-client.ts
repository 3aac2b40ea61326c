import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Json } from '../core/event.ts';
import { type Network, networkAgents } from './network.ts';
import { explainNoAnswer } from './no-answer.ts';

/** What came back: an answer of any status, or the reason why there was none. */
export type PortalAnswer =
  | { status: number; body: unknown; retryAfter: string | undefined }
  | { status: null; reason: string };

export interface PortalRequest {
  portal: string;
  path: string;
  /** Sent as a bearer, to this portal only: redirects are never followed. */
  secret: string;
  /** JSON text, sent by POST; without one it is a GET. */
  body?: string;
  /** Further headers; none of ours may be replaced. */
  headers?: Readonly<Record<string, string>>;
}
/** Never throws and never retries: who asks decides what an answer means. */
export type AskPortal = (request: PortalRequest) => Promise<PortalAnswer>;

export interface PortalClientNeeds {
  network(): Network;
  /** Told with what a portal says the time is. */
  heard?(date: string): void;
  /** Ends every request under way, and those to come. */
  signal?: AbortSignal;
  /** ms, by step. */
  limits?: typeof LIMITS;
}

const LIMITS = { connect: 10_000, secureConnect: 10_000, send: 60_000, response: 30_000, request: 120_000 };
const MAX_ANSWER = 1024 * 1024;
const TOO_LARGE = 'the answer is larger than any that a portal gives';
const COMPRESS_FROM = 1024;
const deflate = promisify(gzip);
/** Half the processor time of the usual level, for a seventh more bytes. */
const compress = (text: string) => deflate(text, { level: 1 });

/** Asks over HTTP, with a time limit for each step; bodies from 1 KiB on are compressed. */
export function portalClient({ network, heard = () => {}, signal, limits = LIMITS }: PortalClientNeeds): AskPortal {
  const agentsFor = networkAgents(limits.connect);
  return async ({ portal, path, secret, body, headers: more = {} }) => {
    // got costs 12 MB of memory: loaded when there is something to send, not while the daemon idles.
    const { default: got } = await import('got');
    const tooLarge = new AbortController();
    try {
      const url = new URL(path, portal);
      const packed = body !== undefined && body.length >= COMPRESS_FROM ? await compress(body) : undefined;
      const request = got(url, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          ...more,
          authorization: `Bearer ${secret}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(packed && { 'content-encoding': 'gzip' }),
        },
        ...(body !== undefined && { body: packed ?? body }),
        agent: agentsFor(network(), url.protocol === 'https:'),
        // Said here, because an environment variable can turn Node's own check off.
        https: { rejectUnauthorized: true },
        timeout: limits,
        retry: { limit: 0 },
        followRedirect: false,
        throwHttpErrors: false,
        // What is not unpacked cannot grow; the answers of a portal are small.
        decompress: false,
        responseType: 'text',
        signal: signal === undefined ? tooLarge.signal : AbortSignal.any([tooLarge.signal, signal]),
      });
      request.on('downloadProgress', ({ transferred }) => {
        if (transferred > MAX_ANSWER) tooLarge.abort();
      });
      const { statusCode: status, headers, body: text } = await request;
      if (headers.date !== undefined) heard(headers.date);
      return { status, body: parse(text), retryAfter: headers['retry-after'] };
    } catch (error) {
      return { status: null, reason: tooLarge.signal.aborted ? TOO_LARGE : explainNoAnswer(error) };
    }
  };
}

/** An answer that is not JSON (a proxy's page, a captive portal's) is undefined, and so acknowledges nothing. */
function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
