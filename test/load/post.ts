/** One request as `relay/portal-client.ts` makes it: packed, with its patience, and with nothing thrown. */
import http from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const pack = promisify(gzip);
const RESPONSE_MS = 30_000;

export interface Answered {
  /** null: no answer; `late` when there was none for as long as a real agent waits for one. */
  status: number | null;
  late: boolean;
  text: string;
  retryAfter: string | undefined;
  /** From sending to the answer. */
  ms: number;
  /** Of the packed body. */
  bytes: number;
}

/** Never rejects. */
export async function post(agent: http.Agent, url: URL, secret: string, json: string): Promise<Answered> {
  const body = await pack(json, { level: 1 });
  const begun = performance.now();
  const said = (status: number | null, rest: Partial<Answered> = {}): Answered => ({
    ...{ status, late: false, text: '', retryAfter: undefined, ...rest },
    ...{ ms: performance.now() - begun, bytes: body.length },
  });
  return new Promise((resolve) => {
    const headers = {
      ...{ authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      ...{ 'content-encoding': 'gzip', 'content-length': body.length },
    };
    const request = http.request(url, { agent, method: 'POST', headers, timeout: RESPONSE_MS }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve(said(answer.statusCode ?? null, { text, retryAfter: answer.headers['retry-after'] }));
      });
      answer.on('error', () => resolve(said(null)));
    });
    request.on('timeout', () => {
      resolve(said(null, { late: true }));
      request.destroy();
    });
    request.on('error', () => resolve(said(null)));
    request.end(body);
  });
}
