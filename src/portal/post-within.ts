import { type ClientRequest, request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { OutOfReach, type Reach } from './reach.ts';

const TIMEOUT_MS = 10_000;

/** Posts to what is within reach; answers what it met, null: it arrived (any 2xx). Redirects are not followed. */
export async function postWithin(
  reach: Reach,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<string | null> {
  try {
    const { protocol, hostname } = new URL(url);
    if (!reach.mayTry(hostname)) throw new OutOfReach();
    const request = protocol === 'https:' ? requestSecure : requestPlain;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const status = await statusOf(
      request(url, { method: 'POST', headers, agent: false, lookup: reach.lookup, signal }),
      body,
    );
    return status >= 200 && status < 300 ? null : `answered ${status}`;
  } catch (error) {
    if (error instanceof OutOfReach) return 'this portal does not connect to that address';
    // Whatever the network says is the receiver's trouble: it is noted, and tried again.
    return error instanceof Error && error.name === 'AbortError' ? 'no answer in 10 s' : 'could not be reached';
  }
}

/** Sends it and answers the status alone. Rejects with what the network says. */
export function statusOf(request: ClientRequest, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      resolve(response.statusCode ?? 0);
      // What it says further is of no meaning, and may never end.
      response.destroy();
    });
    request.end(body);
  });
}
