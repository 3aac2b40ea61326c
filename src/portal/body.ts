import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { Refusal } from './answer.ts';

/** Both as it travels and unpacked. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;
/** Far beyond what an event needs, far below what recursion can take. */
const MAX_DEPTH = 100;

/**
 * The request's body as parsed JSON. Refuses, before anything is parsed: another type (415) or packing (415), too many bytes
 * packed or unpacked (413), damaged packing, text that is not UTF-8, JSON that is damaged or nested too deep (400).
 */
export async function readJson(incoming: IncomingMessage): Promise<unknown> {
  const type = incoming.headers['content-type'];
  if (type !== undefined && !/^application\/json\s*(;|$)/i.test(type)) {
    throw new Refusal(415, 'type-unsupported', 'The body must be application/json');
  }
  return parseJson(await readBytes(incoming));
}

/** JSON from outside. Throws a `Refusal` for what is not UTF-8, nested too deep, or no JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw Object.assign(new Refusal(400, 'body-unreadable', 'The body is not UTF-8'), { cause });
  }
  if (nestsDeeper(text, MAX_DEPTH)) {
    throw new Refusal(400, 'body-too-deep', `The body is nested deeper than ${MAX_DEPTH} levels`);
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words quote the text, which may hold what a user typed.
    throw new Refusal(400, 'body-unreadable', 'The body is not JSON');
  }
}

function nestsDeeper(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (inString) {
      if (char === BACKSLASH) at++;
      else if (char === QUOTE) inString = false;
    } else if (char === QUOTE) inString = true;
    else if (char === BRACE || char === BRACKET) {
      if (++depth > limit) return true;
    } else if (char === BRACE_END || char === BRACKET_END) depth--;
  }
  return false;
}
const [QUOTE, BACKSLASH, BRACE, BRACE_END, BRACKET, BRACKET_END] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d];

function readBytes(incoming: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const unpack = unpacker(incoming.headers['content-encoding']);
    const chunks: Buffer[] = [];
    let packed = 0;
    let size = 0;
    const stop = (refusal: Refusal) => {
      // The connection stays usable, so that the sender can read why.
      if (unpack !== undefined) incoming.unpipe(unpack).resume();
      unpack?.destroy();
      chunks.length = 0;
      reject(refusal);
    };
    incoming.on('data', (chunk: Buffer) => {
      packed += chunk.length;
      if (packed > MAX_BODY_BYTES) stop(tooLarge());
    });
    incoming.on('error', () => stop(new Refusal(400, 'body-unreadable', 'The body broke off')));
    const source = unpack === undefined ? incoming : incoming.pipe(unpack);
    source.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) stop(tooLarge());
      else chunks.push(chunk);
    });
    unpack?.on('error', () => stop(new Refusal(400, 'body-unreadable', 'The body cannot be unpacked')));
    source.on('end', () => resolve(Buffer.concat(chunks)));
  });
}

const tooLarge = () => new Refusal(413, 'body-too-large', `The body is larger than ${MAX_BODY_BYTES} bytes`);

function unpacker(encoding: string | undefined): Transform | undefined {
  if (encoding === undefined || encoding === 'identity') return undefined;
  if (encoding === 'gzip') return createGunzip();
  if (encoding === 'zstd') return createZstdDecompress();
  throw new Refusal(415, 'packing-unsupported', 'The body may be packed with gzip or zstd');
}
