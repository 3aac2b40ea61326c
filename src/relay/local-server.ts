import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import http from 'node:http';
import type { Socket } from 'node:net';
import path from 'node:path';
import { makeFolder } from '../core/careful-file.ts';
import type { Json } from '../core/event.ts';
import { describe, Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { publishEndpoint } from './published-endpoint.ts';

export interface LocalAnswer {
  status: number;
  body: { [key: string]: Json };
  /** Done once the answer is out: what would close the connection before. */
  afterwards?: () => void;
  /** Instead of the body: lines, until `end` or until nobody listens any more. Answers what is to be done then. */
  follow?: (send: (line: string) => void, end: () => void) => () => void;
}
export type LocalRoute = (request: { query: URLSearchParams; body: string }) => LocalAnswer | Promise<LocalAnswer>;
/** By method and path, as in `POST /v1/ring`. */
export type LocalRoutes = Readonly<Record<string, LocalRoute>>;

const MAX_BODY = 300 * 1024;
/** How long a request may take to arrive. */
const ARRIVES_WITHIN_MS = 2_000;
/** So many connections may be silent at once; then the one that has been silent longest makes room. */
const MAX_SILENT = 64;
/** Ours are bounded by the above; Node's own look at them would wake the process twice a minute for ever. */
const NEVER_CHECKED = { connectionsCheckingInterval: 2 ** 31 - 1, requestTimeout: 0, headersTimeout: 0 };
/** Who follows and does not read is let go, in bytes. */
const MAX_UNREAD = 16 * 1024 * 1024;
/** What fits into a socket's address on every system, in bytes (macOS has the least room). */
const MAX_SOCKET_PATH = 100;

export interface LocalServing {
  /** Opens the socket anew if its name has gone (a cleaner, a removed folder); never one that somebody else has put there. */
  keep(): Promise<void>;
  /** Takes away the socket only if it is still ours: a successor's stays. */
  close(): Promise<void>;
}

/**
 * Serves the local API on a socket that only its owner can open, and publishes where it is in `endpoint.json`.
 * Throws `socket-unusable`.
 */
export async function serveLocally(host: Host, version: string, routes: LocalRoutes): Promise<LocalServing> {
  const isPipe = host.platform === 'win32';
  const begin = async () => {
    const server = boundedServer((request, response) => void answer(request, response, routes));
    const socket = socketAddress(host);
    const inode = isPipe ? await listen(server, socket) : await listenOwnerOnly(server, socket);
    const endpoint = { pid: process.pid, v: 1, socket, version, startedAt: host.now().toISOString() } as const;
    try {
      return { server, socket, inode, published: publishEndpoint(host, endpoint) };
    } catch (error) {
      // Listening on would keep a process alive that nobody finds and that does nothing else.
      server.close();
      if (inode !== 0) fs.rmSync(socket, { force: true });
      throw new Failure('socket-unusable', `${host.own.endpoint} cannot be written: ${describe(error)}`, {
        hint: 'Check that the disk has room and that the folder is yours.',
        cause: error,
      });
    }
  };
  let serving = await begin();
  return {
    async keep() {
      const { server, socket, published } = serving;
      if (isPipe || (fs.existsSync(socket) && fs.existsSync(host.own.endpoint))) return;
      serving = await begin();
      server.close();
      published.release();
    },
    async close() {
      const { server, socket, inode, published } = serving;
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      if (inode === 0 || fs.lstatSync(socket, { throwIfNoEntry: false })?.ino !== inode) return published.release();
      fs.rmSync(socket, { force: true });
      published.withdraw();
    },
  };
}

/** Who connects has to say what they want, soon; however many do not, the next one is served. */
function boundedServer(handle: http.RequestListener): http.Server {
  const silent = new Map<Socket, NodeJS.Timeout>();
  const heard = (socket: Socket) => {
    clearTimeout(silent.get(socket));
    silent.delete(socket);
  };
  const server = http.createServer(NEVER_CHECKED, (request, response) => {
    request.once('end', () => heard(request.socket));
    handle(request, response);
  });
  server.on('connection', (socket: Socket) => {
    const [longest] = silent.keys();
    if (silent.size >= MAX_SILENT) longest?.destroy();
    silent.set(
      socket,
      setTimeout(() => socket.destroy(), ARRIVES_WITHIN_MS),
    );
    socket.once('close', () => heard(socket));
  });
  return server;
}

function socketAddress(host: Host): string {
  const random = randomBytes(16).toString('hex');
  if (host.platform === 'win32') return `\\\\.\\pipe\\capsule-kiro-${random}`;
  if (Buffer.byteLength(host.own.socket) <= MAX_SOCKET_PATH) return host.own.socket;
  return path.join('/tmp', `capsule-kiro-${process.getuid?.() ?? 0}`, `${random.slice(0, 8)}.sock`);
}

function listen(server: http.Server, address: string): Promise<0> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(new Failure('socket-unusable', `${address} cannot be opened: ${describe(error)}`, { cause: error }));
    });
    server.listen(address, () => resolve(0));
  });
}

/**
 * Binds under a private name and renames: an old daemon that closes later removes its own name, not ours, and a stale
 * socket is replaced without a moment in which nobody answers. Returns the socket's inode.
 */
async function listenOwnerOnly(server: http.Server, socket: string): Promise<number> {
  const folder = path.dirname(socket);
  ownFolder(folder);
  const there = fs.lstatSync(socket, { throwIfNoEntry: false });
  if (there !== undefined && !there.isSocket()) {
    throw new Failure('socket-unusable', `${socket} is in the way: it is not a socket`, {
      hint: 'Move it away and start again.',
    });
  }
  const beside = path.join(folder, `.${randomBytes(3).toString('hex')}`);
  // The mode must be right from the first moment, so it cannot be set after binding.
  const umask = process.umask(0o177);
  try {
    await listen(server, beside);
  } finally {
    process.umask(umask);
  }
  fs.renameSync(beside, socket);
  return fs.lstatSync(socket).ino;
}

function ownFolder(folder: string): void {
  makeFolder(folder);
  const stat = fs.lstatSync(folder);
  if (!stat.isDirectory() || stat.uid !== process.getuid?.()) {
    throw new Failure('socket-unusable', `${folder} is not a folder of this user`, {
      hint: 'Move it away and start again.',
    });
  }
  if ((stat.mode & 0o077) !== 0) fs.chmodSync(folder, 0o700);
}

async function answer(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  routes: LocalRoutes,
): Promise<void> {
  const { status, body, afterwards = () => {}, follow } = await decide(request, routes);
  if (follow !== undefined) return stream(response, follow);
  const text = `${JSON.stringify(body)}\n`;
  const length = Buffer.byteLength(text);
  // With its length known, head and body are one write.
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': length, connection: 'close' });
  response.end(text, afterwards);
}

function stream(response: http.ServerResponse, follow: NonNullable<LocalAnswer['follow']>): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson', connection: 'close' });
  response.flushHeaders();
  const left = follow(
    (line) => {
      response.write(`${line}\n`);
      if (response.writableLength > MAX_UNREAD) response.destroy();
    },
    () => response.end(),
  );
  response.once('close', left);
}

async function decide(request: http.IncomingMessage, routes: LocalRoutes): Promise<LocalAnswer> {
  // Only a browser sends these, and no page has business here.
  if (request.headers.origin !== undefined || request.headers.referer !== undefined) return refuse(403, 'no browsers');
  const url = URL.parse(request.url ?? '/', 'http://local');
  if (url === null) return refuse(400, 'no such address');
  const name = `${request.method} ${url.pathname}`;
  const route = Object.hasOwn(routes, name) ? routes[name] : undefined;
  if (route === undefined) return refuse(404, 'no such route');
  try {
    const body = await readBody(request);
    return body === undefined ? refuse(413, 'too large') : await route({ query: url.searchParams, body });
  } catch (error) {
    return refuse(500, describe(error));
  }
}

function refuse(status: number, message: string): LocalAnswer {
  return { status, body: { error: message } };
}

/** undefined when it is larger than any ring may be; the rest of it is not read. */
function readBody(request: http.IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY) return void chunks.push(chunk);
      request.pause();
      resolve(undefined);
    });
    request.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.once('error', reject);
  });
}
