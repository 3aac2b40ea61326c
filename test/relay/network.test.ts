/** Real proxies, real TLS: the ways to a portal, and what is said when there is none. */
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Network } from '../../src/relay/network.ts';
import { portalClient } from '../../src/relay/portal-client.ts';
import { DIRECT } from '../helpers/ask-directly.ts';
import { certificate, hasOpenssl, secureServer } from '../helpers/certificates.ts';
import { httpPortal } from '../helpers/http-portal.ts';

const servers: http.Server[] = [];
const tunnels: net.Socket[] = [];
afterEach(async () => {
  for (const tunnel of tunnels.splice(0)) tunnel.destroy();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

type ProxyActs = 'forward' | 407 | 403 | 502 | 'die' | 'hang';

/** A forward proxy whose every name is this machine; remembers what it was asked and with what credentials. */
async function proxy(target: () => number, acts: ProxyActs = 'forward') {
  const asked: { way: string; authorization: string | undefined }[] = [];
  const note = (way: string, request: http.IncomingMessage) =>
    asked.push({ way, authorization: request.headers['proxy-authorization'] });
  const server = http.createServer((request, response) => {
    note(`${request.method} ${request.url}`, request);
    if (typeof acts === 'number') return void response.writeHead(acts).end('<html>');
    if (acts !== 'forward') return void request.socket.destroy();
    const { pathname } = new URL(request.url ?? '');
    const onward = http.request(
      { port: target(), method: 'POST', path: pathname, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(onward);
  });
  server.on('connect', (request, socket: net.Socket) => {
    note(`CONNECT ${request.url}`, request);
    socket.on('error', () => {});
    tunnels.push(socket);
    if (acts === 'hang') return;
    if (acts === 'die') return void socket.destroy();
    if (typeof acts === 'number') return void socket.end(`HTTP/1.1 ${acts} No\r\n\r\n`);
    const onward = net.connect(target(), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const SHORT = { connect: 300, secureConnect: 300, send: 300, response: 300, request: 600 };
const ask = (portal: string, network: Partial<Network>, limits = {}) =>
  portalClient({ network: () => ({ ...DIRECT, ...network }), ...limits })({
    portal,
    path: '/v1/events',
    secret: 'bearer',
    body: '{}',
  });
const portOf = (url: string) => Number(new URL(url).port);

describe('a proxy', () => {
  test('takes requests to an http portal, with the user and password of its address', async () => {
    const portal = await httpPortal(() => ({ status: 200, body: { ok: true } }));
    const { url, asked } = await proxy(() => portOf(portal.url));
    const proxyUrl = url.replace('//', '//dev:p%40ss@');
    expect(await ask('http://portal.example', { proxyUrl })).toMatchObject({ status: 200, body: { ok: true } });
    expect(asked).toEqual([
      { way: 'POST http://portal.example/v1/events', authorization: `Basic ${btoa('dev:p@ss')}` },
    ]);
    expect(portal.asked).toMatchObject([{ authorization: 'Bearer bearer' }]);
  });

  test.each([
    ['this machine', null, (url: string) => url],
    ['what the bypass names', 'localhost,.example', (url: string) => url.replace('127.0.0.1', 'localhost')],
  ])('is not asked for %s', async (_, proxyBypass, address) => {
    const portal = await httpPortal(() => ({ status: 200 }));
    const { url, asked } = await proxy(() => 0, 'die');
    expect(await ask(address(portal.url), { proxyUrl: url, proxyBypass })).toMatchObject({ status: 200 });
    expect(asked).toEqual([]);
  });

  test.each<[ProxyActs, RegExp]>([
    [407, /proxy wants a user name and password.*proxy\.url/],
    [403, /proxy forbids/],
    [502, /proxy cannot reach/],
    ['die', /cannot be reached|did not open a way/],
    ['hang', /did not open a way/],
  ])('that answers a tunnel with %s is told as such, without its password', async (acts, why) => {
    const { url } = await proxy(() => 0, acts);
    const proxyUrl = url.replace('//', '//dev:hush-hush@');
    const answer = await ask('https://portal.example', { proxyUrl }, { limits: SHORT });
    expect(answer).toEqual({ status: null, reason: expect.stringMatching(why) });
    expect(JSON.stringify(answer)).not.toContain('hush-hush');
  });

  test('that is not there is told without its password', async () => {
    const answer = await ask('https://portal.example', { proxyUrl: 'http://dev:hush-hush@127.0.0.1:1' });
    expect(answer).toMatchObject({ status: null, reason: expect.stringMatching(/./) });
    expect(JSON.stringify(answer)).not.toContain('hush-hush');
  });
});

(hasOpenssl ? describe : describe.skip)('TLS (skipped without openssl: install it)', () => {
  test('goes through a proxy’s tunnel, end to end', async () => {
    const given = certificate({ name: 'portal.example' });
    const secure = await secureServer(given);
    const { url, asked } = await proxy(() => secure.port);
    const answer = await ask('https://portal.example', { proxyUrl: url, caFile: given.file });
    expect(answer).toMatchObject({ status: 200 });
    expect(asked).toEqual([{ way: 'CONNECT portal.example:443', authorization: undefined }]);
    expect(secure.asked).toEqual(['Bearer bearer']);
  });

  test('with a certificate of tomorrow gets nothing, and points at the clock', async () => {
    const given = certificate({ from: '20990101000000Z', to: '20990201000000Z' });
    const secure = await secureServer(given);
    expect(await ask(`https://localhost:${secure.port}`, { caFile: given.file })).toEqual({
      status: null,
      reason: expect.stringMatching(/not valid now .*clock/),
    });
    expect(secure.asked).toEqual([]);
  });

  test('is checked although the environment says not to', async () => {
    const secure = await secureServer(certificate());
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      expect(await ask(`https://localhost:${secure.port}`, {})).toMatchObject({ status: null });
    } finally {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    }
    expect(secure.asked).toEqual([]);
  });

  test('trusts another authority as soon as the setting names it', async () => {
    const given = certificate();
    const secure = await secureServer(given);
    let caFile: string | null = null;
    const client = portalClient({ network: () => ({ ...DIRECT, caFile }) });
    const request = { portal: `https://localhost:${secure.port}`, path: '/', secret: 's', body: '{}' };
    expect(await client(request)).toMatchObject({ status: null });
    caFile = given.file;
    expect(await client(request)).toMatchObject({ status: 200 });
  });
});

describe('the time limit', () => {
  test('ends a request to a portal that takes it and never answers', async () => {
    const silent = net.createServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    expect(await ask(`http://127.0.0.1:${port}`, {}, { limits: SHORT })).toEqual({
      status: null,
      reason: expect.stringMatching(/ETIMEDOUT/),
    });
    silent.close();
  });

  test('is cut short when the daemon ends', async () => {
    const silent = net.createServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const ending = new AbortController();
    silent.once('connection', () => ending.abort());
    expect(await ask(`http://127.0.0.1:${port}`, {}, { signal: ending.signal })).toMatchObject({ status: null });
    silent.close();
  });
});
