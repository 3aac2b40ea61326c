import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { systemCode } from '../../core/failure.ts';
import { signNotice } from '../policies/send-notice.ts';
import { statusOf } from '../post-within.ts';
import { OutOfReach } from '../reach.ts';
import type { Sender } from './send-stream.ts';
import type { Trouble } from './trouble.ts';

/** From the first byte of the connection to the answer's status. */
const TIMEOUT_MS = 30_000;

/** A receiver's answer that says that a body is too large. */
export const TOO_LARGE = 413;

/** Posts a signed batch. Answers the status; or what it met instead of one. Redirects are not followed. */
export async function postBatch(
  { url, secret }: { url: string; secret: string },
  { type, body }: { type: string; body: string },
  { reach, now, signal }: Pick<Sender, 'reach' | 'now' | 'signal'>,
): Promise<number | Trouble> {
  const headers = {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'capsule-signature': signNotice(secret, body, now()),
    'user-agent': 'capsule-portal',
  };
  const { protocol, hostname } = new URL(url);
  const request = protocol === 'https:' ? requestSecure : requestPlain;
  const late = AbortSignal.timeout(TIMEOUT_MS);
  try {
    if (!reach.mayTry(hostname)) throw new OutOfReach();
    const options = { method: 'POST', headers, agent: false, lookup: reach.lookup };
    return await statusOf(request(url, { ...options, signal: AbortSignal.any([late, signal]) }), body);
  } catch (error) {
    if (error instanceof OutOfReach) return { words: 'this portal does not connect to that address', tooMuch: false };
    if (late.aborted) return { words: `no answer in ${TIMEOUT_MS / 1000} s`, tooMuch: true };
    // Whatever the network says is the receiver's trouble: it is noted, and tried again.
    const broken = ['ECONNRESET', 'EPIPE'].includes(systemCode(error) ?? '');
    return broken
      ? { words: 'the receiver broke the connection', tooMuch: true }
      : { words: 'could not be reached', tooMuch: false };
  }
}
