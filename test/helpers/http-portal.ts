import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach } from '@jest/globals';
import type { CapsuleEvent } from '../../src/core/event.ts';

/** What a portal was asked, unpacked. */
export interface Asked {
  path: string;
  authorization: string | undefined;
  encoding: string | undefined;
  idempotencyKey: string | undefined;
  text: string;
  events: CapsuleEvent[];
}
/** How the server answers its n-th request (from 0): a status with a body, `hang up`, or nothing at all. */
export type Answers = (
  asked: Asked,
  n: number,
) => { status: number; body?: unknown; headers?: http.OutgoingHttpHeaders } | 'hang up' | 'silence';

const servers: http.Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A real HTTP server on this machine that answers as it is told, and remembers what it was asked. */
export async function httpPortal(answers: Answers): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const encoding = request.headers['content-encoding'];
    const bytes = Buffer.concat(chunks);
    const text = (encoding === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8');
    const events = request.url === '/v1/events' ? (JSON.parse(text) as { events: CapsuleEvent[] }).events : [];
    const { authorization, 'idempotency-key': key } = request.headers;
    const idempotencyKey = key === undefined ? undefined : String(key);
    const one = { path: request.url ?? '', authorization, encoding, idempotencyKey, text, events };
    asked.push(one);
    const answer = answers(one, asked.length - 1);
    if (answer === 'silence') return;
    if (answer === 'hang up') return void request.socket.destroy();
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** The answer of a portal that takes everything. */
export const takesAll = ({ events }: Asked) => ({
  status: 200,
  body: { accepted: events.length, duplicates: 0, rejected: [] },
});
