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
  secret?: string;
  /** JSON text, or its UTF-8, sent by POST; without one it is a GET. */
  body?: string | Buffer;
  /** Whether a body that is worth it goes out compressed; it does unless said. */
  pack?: boolean;
  /** Further headers; none of ours may be replaced. */
  headers?: Readonly<Record<string, string>>;
}
/** Never throws and never retries: who asks decides what an answer means. */
export type AskPortal = (request: PortalRequest) => Promise<PortalAnswer>;

export interface PortalClientNeeds {
  network(): Network;
  /** Who is asked, as errors name it; the portal unless said. */
  peer?: string;
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
const compress = (text: string | Buffer) => deflate(text, { level: 1 });

/** Asks over HTTP, with a time limit for each step; bodies from 1 KiB on are compressed. */
export function portalClient(needs: PortalClientNeeds): AskPortal {
  const { network, peer, heard = () => {}, signal, limits = LIMITS } = needs;
  const agentsFor = networkAgents(limits.connect);
  return async ({ portal, path, secret, body, pack = true, headers: more = {} }) => {
    // got costs 12 MB of memory: loaded when there is something to send, not while the daemon idles.
    const { default: got } = await import('got');
    try {
      const url = new URL(path, portal);
      const sent = body === undefined ? undefined : await bytesOf(body, pack);
      // As a stream: a `body` makes got ask whether it is a form, for which Node loads its whole `fetch`, 3 MB that stay.
      const request = got.stream(url, {
        method: sent === undefined ? 'GET' : 'POST',
        headers: {
          ...more,
          ...(secret !== undefined && { authorization: `Bearer ${secret}` }),
          ...sent?.headers,
        },
        agent: agentsFor(network(), url.protocol === 'https:'),
        // Said here, because an environment variable can turn Node's own check off.
        https: { rejectUnauthorized: true },
        timeout: limits,
        retry: { limit: 0 },
        followRedirect: false,
        throwHttpErrors: false,
        // What is not unpacked cannot grow; the answers of a portal are small.
        decompress: false,
        ...(signal && { signal }),
      });
      if (sent !== undefined) request.end(sent.bytes);
      const answer = await readAnswer(request);
      if (answer === undefined) return { status: null, reason: TOO_LARGE };
      const { response } = request;
      if (response === undefined) throw new Error('there was no answer');
      if (response.headers.date !== undefined) heard(response.headers.date);
      return { status: response.statusCode, body: parse(answer), retryAfter: response.headers['retry-after'] };
    } catch (error) {
      return { status: null, reason: explainNoAnswer(error, peer) };
    }
  };
}

/** Less is not worth a compression. Pure. */
export function isWorthPacking(json: string | Buffer): boolean {
  return json.length >= COMPRESS_FROM;
}

/** JSON text as it goes out, and the headers that say so. */
async function bytesOf(
  json: string | Buffer,
  mayPack: boolean,
): Promise<{ bytes: Buffer; headers: Record<string, string> }> {
  const pack = mayPack && isWorthPacking(json);
  const bytes = pack ? await compress(json) : typeof json === 'string' ? Buffer.from(json) : json;
  const headers = { 'content-type': 'application/json', 'content-length': String(bytes.length) };
  return { bytes, headers: pack ? { ...headers, 'content-encoding': 'gzip' } : headers };
}

/** undefined when there is more of it than a portal gives; the rest is not read. */
async function readAnswer(answer: AsyncIterable<Buffer>): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    size += chunk.length;
    if (size > MAX_ANSWER) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** An answer that is not JSON (a proxy's page, a captive portal's) is undefined, and so acknowledges nothing; an empty one is null. */
function parse(text: string): Json | undefined {
  if (text === '') return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
