/** Proxies and fronts on this machine for a portal elsewhere: what companies put between a laptop and the world. */
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { afterEach } from '@jest/globals';
import type { Certificate } from './certificates.ts';

const servers: http.Server[] = [];
const tunnels: net.Socket[] = [];
afterEach(async () => {
  for (const tunnel of tunnels.splice(0)) tunnel.destroy();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listens(server: http.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

/** A proxy that connects whatever name is asked for with this port of this machine; its address. */
export async function tunnelTo(port: number): Promise<string> {
  const server = http.createServer((_request, response) => void response.writeHead(403).end());
  server.on('connect', (_request, socket: net.Socket) => {
    tunnels.push(socket);
    const onward = net.connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    tunnels.push(onward);
    for (const end of [socket, onward]) end.on('error', () => socket.destroy());
  });
  return `http://127.0.0.1:${await listens(server)}`;
}

/** Speaks TLS with this certificate, and passes every request on to the server at `address`; its port. */
export async function tlsFront(shown: Certificate, address: string): Promise<number> {
  const server = https.createServer(shown, (request, response) => {
    const { method, url: path } = request;
    // A portal hears only requests for its own name.
    const headers = { ...request.headers, host: new URL(address).host };
    const onward = http.request(new URL(path ?? '/', address), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  return listens(server);
}
