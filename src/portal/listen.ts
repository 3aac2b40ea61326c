import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, Failure, systemCode } from '../core/failure.ts';
import { type Log, silentLog } from '../core/log.ts';
import { type CertificateFiles, followCertificate, readCertificate } from './certificate.ts';
import type { Portal } from './portal.ts';

export interface Listening {
  /** Where a browser finds it: `http://127.0.0.1:4170`. */
  address: string;
  port: number;
  /** Takes no further request, lets those that run finish for a moment, and closes what stays open. */
  stop(): Promise<void>;
}

/** How long running requests may take to finish when the portal stops. */
const GRACE_MS = 2_000;

/**
 * Connections that wait to be accepted. What does not fit is thrown away by the kernel in a way that a client takes for silence: it
 * waits out its patience instead of being told to come again. Linux allows as many as this (`net.core.somaxconn`).
 */
const BACKLOG = 4_096;

const LIMITS = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000, maxHeaderSize: 16_384 };

/**
 * Opens the port; 0 takes a free one. With `tls` it speaks nothing but that, and takes a renewed certificate by itself. Throws
 * `port-in-use`, `socket-unusable`, `tls-unusable`.
 */
export async function listen(
  portal: Portal,
  host: string,
  port: number,
  { tls, log = silentLog }: { tls?: CertificateFiles; log?: Log } = {},
): Promise<Listening> {
  const handle = (incoming: IncomingMessage, response: ServerResponse) => void portal.handle(incoming, response);
  const secure = tls && createSecureServer({ ...LIMITS, ...readCertificate(tls), minVersion: 'TLSv1.2' }, handle);
  const server = secure ?? createServer(LIMITS, handle);
  await open(server, host, port);
  const leave = tls && secure && followCertificate(tls, log, (pair) => secure.setSecureContext(pair));
  const bound = server.address() as AddressInfo;
  const address = `${secure === undefined ? 'http' : 'https'}://${webHost(host)}:${bound.port}`;
  return {
    address,
    port: bound.port,
    async stop() {
      leave?.();
      await stop(server, portal);
    },
  };
}

function open(server: Server | SecureServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(explain(error, host, port)));
    server.listen({ port, host, backlog: BACKLOG }, resolve);
  });
}

function explain(error: Error, host: string, port: number): Failure {
  if (systemCode(error) === 'EADDRINUSE') {
    return new Failure('port-in-use', `Port ${port} on ${host} is taken by another program`, {
      hint: 'Choose another with --port, or stop that program.',
      cause: error,
    });
  }
  return new Failure('socket-unusable', `${host}:${port} cannot be opened: ${describe(error)}`, {
    hint: 'Choose another with --host and --port.',
    cause: error,
  });
}

async function stop(server: Server | SecureServer, portal: Portal): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  portal.endStreams();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(timer);
}

/** Any address of this machine is written as the one that works on it. */
function webHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
