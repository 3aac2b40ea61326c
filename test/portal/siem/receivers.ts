/** What receives streams in tests, and asking a portal about them. */
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterEach, expect } from '@jest/globals';
import type { Stream } from '../../../src/portal/siem/stream.ts';
import type { TestPortal } from '../../helpers/portal.ts';
import { caller } from '../../helpers/portal-caller.ts';

const closing: (() => Promise<void>)[] = [];
/** Servers that outlive what a test waits for. */
export const closeAfterTest = (close: () => Promise<void>): void => void closing.push(close);
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** The port it listens on. */
export async function listening(server: net.Server, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Takes what comes over one connection; each octet-counted message that is whole goes into the list. */
export function messagesIn(received: string[]): (chunk: Buffer) => void {
  let bytes = Buffer.alloc(0);
  return (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (;;) {
      const counted = /^(\d+) /.exec(bytes.toString('latin1', 0, 20));
      const end = (counted?.[0].length ?? 0) + Number(counted?.[1] ?? Number.POSITIVE_INFINITY);
      if (counted === null || bytes.length < end) return;
      received.push(bytes.subarray(counted[0].length, end).toString());
      bytes = bytes.subarray(end);
    }
  };
}

/** Messages as they arrive; each connection is read to its end. */
export function syslogServer(options?: tls.TlsOptions) {
  const received: string[] = [];
  const take = (socket: net.Socket) => {
    socket.on('error', () => {});
    socket.on('data', messagesIn(received));
    socket.on('end', () => socket.end());
  };
  const server =
    options === undefined
      ? net.createServer({ allowHalfOpen: true }, take)
      : tls.createServer({ ...options, allowHalfOpen: true }, take);
  const open = new Set<net.Socket>();
  server.on('connection', (socket) => open.add(socket));
  closing.push(() => {
    for (const socket of open) socket.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  });
  return { server, received };
}

export interface Batch {
  type: string;
  signature: string;
  body: string;
}
/** Answers each batch with what `answer` says, once it has it whole. */
export async function httpServer(answer: (body: string) => number) {
  const batches: Batch[] = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      const { 'content-type': type, 'capsule-signature': signature } = request.headers;
      const status = answer(body);
      if (status < 300) batches.push({ type: String(type), signature: String(signature), body });
      response.writeHead(status).end();
    });
  });
  const port = await listening(server);
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${port}/in`, batches };
}

/** Asks until it holds; a test whose server has gone must not ask for ever. */
export async function until<T>(ask: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  for (let asked = 0; asked < 400; asked++) {
    const found = await ask();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it never held');
}

/** Makes a stream as an administrator. */
export const make = async (portal: TestPortal, body: object): Promise<{ stream: Stream; secret: string }> => {
  const made = await caller(portal)('POST', '/api/siem-streams', { body });
  expect(made.body.error).toBeUndefined();
  return made.body as unknown as { stream: Stream; secret: string };
};
export const streamsOf = async (portal: TestPortal): Promise<Stream[]> =>
  (await caller(portal)('GET', '/api/siem-streams')).body.streams as Stream[];

/** A receiver over HTTP that takes everything and answers only when it is told to. */
export async function holdingServer() {
  const waiting: http.ServerResponse[] = [];
  const asking: { count: number; resolve: () => void }[] = [];
  const receiver = {
    url: '',
    requests: 0,
    bodies: [] as string[],
    /** Answers who waits longest. */
    answer: (status: number) => void waiting.shift()?.writeHead(status).end(),
    asked: (count: number) =>
      new Promise<void>((resolve) => {
        if (receiver.requests >= count) resolve();
        else asking.push({ count, resolve });
      }),
  };
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      receiver.requests++;
      receiver.bodies.push(body);
      waiting.push(response);
      for (const { count, resolve } of asking) if (receiver.requests >= count) resolve();
    });
  });
  receiver.url = `http://127.0.0.1:${await listening(server)}/in`;
  closeAfterTest(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return receiver;
}
