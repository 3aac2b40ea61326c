/**
 * Run by streams.bench.ts as a process of its own: takes streams over HTTP and by syslog over TLS, reads each connection to its
 * end, and tells its parent how many messages came. Its argument is the folder with `key.pem` and `cert.pem`.
 */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import path from 'node:path';
import tls from 'node:tls';

const folder = process.argv[2] ?? '';
const read = (name: string) => readFileSync(path.join(folder, name));
let messages = 0;
let bytes = 0;
const came = (count: number) => {
  messages += count;
  process.send?.({ messages, bytes });
};

const web = http.createServer((request, response) => {
  let lines = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
  });
  request.on('end', () => {
    response.writeHead(204).end();
    came(lines);
  });
});
const syslog = tls.createServer({ key: read('key.pem'), cert: read('cert.pem'), allowHalfOpen: true }, (socket) => {
  const chunks: Buffer[] = [];
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    chunks.push(chunk);
  });
  socket.on('end', () => {
    socket.end();
    came(countFrames(Buffer.concat(chunks)));
  });
});

function countFrames(all: Buffer): number {
  let count = 0;
  for (let at = 0; at < all.length; count++) {
    const space = all.indexOf(32, at);
    at = space + 1 + Number(all.toString('latin1', at, space));
  }
  return count;
}

const listening = (server: Server) =>
  new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );
const ports = { http: await listening(web), syslog: await listening(syslog) };
process.send?.(ports);
process.once('disconnect', () => process.exit());
