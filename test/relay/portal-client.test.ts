import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Network } from '../../src/relay/network.ts';
import { type PortalRequest, portalClient } from '../../src/relay/portal-client.ts';
import { DIRECT } from '../helpers/ask-directly.ts';
import { httpPortal } from '../helpers/http-portal.ts';
import { startElsewhere } from '../helpers/other-process.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const MIB = 1024 * 1024;

const servers: net.Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    if (server instanceof http.Server || server instanceof https.Server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
async function listen(server: net.Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const ask = (portal: string, { caFile = null, ...given }: Partial<PortalRequest & Network> = {}) =>
  portalClient({ network: () => ({ ...DIRECT, caFile }) })({
    portal,
    path: '/v1/events',
    secret: 'secret',
    body: '{}',
    ...given,
  });

describe('a request', () => {
  test('goes to the portal with the bearer, and its answer comes back whole', async () => {
    const body = { accepted: 1, duplicates: 0, rejected: [] };
    const { url, asked } = await httpPortal(() => ({ status: 429, body, headers: { 'retry-after': '7' } }));
    expect(await ask(url)).toEqual({ status: 429, body, retryAfter: '7' });
    expect(asked).toEqual([
      {
        path: '/v1/events',
        authorization: 'Bearer secret',
        encoding: undefined,
        text: '{}',
        events: undefined,
      },
    ]);
  });

  test.each([
    [1023, undefined],
    [1024, 'gzip'],
  ])('of %i bytes is sent with encoding %s', async (length, encoding) => {
    const { url, asked } = await httpPortal(() => ({ status: 200 }));
    const body = JSON.stringify({ events: [], filler: '' }).replace('""', `"${'x'.repeat(length - 25)}"`);
    expect(body).toHaveLength(length);
    await ask(url, { body });
    expect(asked).toMatchObject([{ encoding, text: body }]);
  });

  test('is sent once, whatever comes back', async () => {
    const { url, asked } = await httpPortal((_, n) => (n === 0 ? { status: 503 } : { status: 200 }));
    expect(await ask(url)).toMatchObject({ status: 503 });
    expect(asked).toHaveLength(1);
  });

  test('does not follow a redirect, so the bearer stays where it belongs', async () => {
    const elsewhere = await httpPortal(() => ({ status: 200 }));
    const { url } = await httpPortal(() => ({ status: 307, headers: { location: `${elsewhere.url}/v1/events` } }));
    expect(await ask(url)).toMatchObject({ status: 307 });
    expect(elsewhere.asked).toHaveLength(0);
  });
});

describe('an answer', () => {
  test('that is no JSON has no body', async () => {
    const { url } = await httpPortal(() => ({ status: 200, body: '<html>sign in</html>' }));
    expect(await ask(url)).toEqual({ status: 200, body: undefined, retryAfter: undefined });
  });

  test('that breaks off in its middle is none', async () => {
    const port = await listen(
      http.createServer((_, response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('{"accepted":');
        setImmediate(() => response.destroy());
      }),
    );
    expect(await ask(`http://127.0.0.1:${port}`)).toEqual({ status: null, reason: expect.stringMatching(/./) });
  });

  test.each<[string, http.OutgoingHttpHeaders]>([
    ['says that it is huge', { 'content-length': 64 * MIB }],
    ['does not say how long it is', {}],
  ])('that %s is not read to its end', async (_, headers) => {
    let sent = 0;
    const port = await listen(
      http.createServer((_request, response) => {
        response.writeHead(200, headers);
        const more = () => {
          if (response.destroyed || sent >= 64 * MIB) return;
          sent += 65_536;
          response.write(Buffer.alloc(65_536, ' '), () => setImmediate(more));
        };
        more();
      }),
    );
    expect(await ask(`http://127.0.0.1:${port}`)).toEqual({
      status: null,
      reason: 'the answer is larger than any that a portal gives',
    });
    expect(sent).toBeLessThan(32 * MIB);
  });

  test('that is packed is left packed, so a small one cannot become a large one', async () => {
    const bomb = gzipSync(`{"accepted":0,"duplicates":0,"rejected":[]${' '.repeat(8 * MIB)}}`);
    const asked: (string | undefined)[] = [];
    const port = await listen(
      http.createServer((request, response) => {
        asked.push(request.headers['accept-encoding']);
        response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bomb.length }).end(bomb);
      }),
    );
    expect(await ask(`http://127.0.0.1:${port}`)).toEqual({ status: 200, body: undefined, retryAfter: undefined });
    expect(asked).toEqual([undefined]);
  });
});

describe('silence', () => {
  test('of a port where nobody listens is explained', async () => {
    const server = net.createServer();
    const port = await listen(server);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    expect(await ask(`http://127.0.0.1:${port}`)).toEqual({
      status: null,
      reason: 'the portal cannot be reached (ECONNREFUSED)',
    });
  });

  test('of a portal that hangs up is explained', async () => {
    const { url } = await httpPortal(() => 'hang up');
    expect(await ask(url)).toEqual({ status: null, reason: 'the portal cannot be reached (ECONNRESET)' });
  });

  test('of something that speaks no HTTP is explained, and the bearer is not in the reason', async () => {
    const port = await listen(
      net.createServer((socket) =>
        socket
          .on('error', () => {})
          .resume()
          .end('SSH-2.0-OpenSSH\r\n'),
      ),
    );
    const answer = await ask(`http://127.0.0.1:${port}`);
    expect(answer).toEqual({ status: null, reason: expect.stringMatching(/./) });
    expect(JSON.stringify(answer)).not.toContain('secret');
  });

  test('because the authority’s file is not there is explained by its path', async () => {
    const caFile = path.join(tempFolder(), 'company.pem');
    const answer = await ask('https://localhost:1', { caFile });
    expect(answer).toEqual({ status: null, reason: expect.stringContaining(caFile) });
  });
});

const openssl = spawnSync('openssl', ['version']).status === 0 ? describe : describe.skip;
openssl('TLS (skipped without openssl: install it)', () => {
  /** A certificate signed by itself, for a time that begins now. */
  function certificate({ name = 'localhost', days = 2 } = {}): { key: string; cert: string; file: string } {
    const folder = tempFolder();
    const at = (file: string) => path.join(folder, file);
    const files = { key: at('key.pem'), request: at('request.pem'), cert: at('cert.pem'), names: at('names') };
    writeFileSync(files.names, `subjectAltName=DNS:${name}\n`);
    const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    openssl('req', ...curve, '-keyout', files.key, '-out', files.request, '-subj', `/CN=${name}`);
    const life = ['-days', String(days), '-extfile', files.names];
    openssl('x509', '-req', '-in', files.request, '-signkey', files.key, '-out', files.cert, ...life);
    return { key: readFileSync(files.key, 'utf8'), cert: readFileSync(files.cert, 'utf8'), file: files.cert };
  }
  async function secure(given: { key: string; cert: string }) {
    const asked: (string | undefined)[] = [];
    const server = https.createServer(given, (request, response) => {
      asked.push(request.headers.authorization);
      response.end('{}');
    });
    return { url: `https://localhost:${await listen(server)}`, asked };
  }

  test('with an authority that the settings name is trusted', async () => {
    const given = certificate();
    const { url, asked } = await secure(given);
    expect(await ask(url, { caFile: given.file })).toMatchObject({ status: 200 });
    expect(asked).toEqual(['Bearer secret']);
  });

  test('without one that is known here gets nothing, and says what to do', async () => {
    const { url, asked } = await secure(certificate());
    expect(await ask(url)).toEqual({ status: null, reason: expect.stringMatching(/not trusted here.*portal\.caFile/) });
    expect(asked).toEqual([]);
  });

  test('for another name gets nothing', async () => {
    const given = certificate({ name: 'other.example' });
    const { url, asked } = await secure(given);
    expect(await ask(url, { caFile: given.file })).toEqual({
      status: null,
      reason: "the portal's certificate is for another name",
    });
    expect(asked).toEqual([]);
  });

  test('that is over gets nothing, and points at the clock', async () => {
    const given = certificate({ days: -1 });
    const { url, asked } = await secure(given);
    expect(await ask(url, { caFile: given.file })).toEqual({
      status: null,
      reason: expect.stringMatching(/not valid now .* clock/),
    });
    expect(asked).toEqual([]);
  });

  test('with an authority’s file that holds no certificate gets nothing', async () => {
    const { url, asked } = await secure(certificate());
    const caFile = path.join(tempFolder(), 'company.pem');
    writeFileSync(caFile, 'no certificate');
    expect(await ask(url, { caFile })).toMatchObject({ status: null });
    expect(asked).toEqual([]);
  });
});

(process.platform === 'linux' ? test : test.skip)(
  'a portal that does not even answer the connection is given up by the limit of that step (Linux: elsewhere a full queue refuses)',
  async () => {
    const file = path.join(tempFolder(), 'port');
    const stopped = await startElsewhere(`
      import fs from 'node:fs';
      import net from 'node:net';
      const server = net.createServer();
      await new Promise((ready) => server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, ready));
      fs.writeFileSync(${JSON.stringify(file)}, String(server.address().port))`);
    // Nobody accepts any more: once the queue is full the kernel drops every further SYN.
    stopped.kill('SIGSTOP');
    const port = Number(readFileSync(file, 'utf8'));
    const queue = Array.from({ length: 4 }, () => net.connect(port, '127.0.0.1').on('error', () => {}));
    await new Promise((resolve) => queue[0]?.once('connect', resolve));
    const patient = { secureConnect: 60_000, send: 60_000, response: 60_000, request: 60_000 };
    const client = portalClient({ network: () => ({ ...DIRECT, caFile: null }), limits: { ...patient, connect: 200 } });
    let turns = 0;
    const others = setInterval(() => turns++, 1);
    const answer = await client({ portal: `http://127.0.0.1:${port}`, path: '/v1/events', secret: 's', body: '{}' });
    clearInterval(others);
    for (const socket of queue) socket.destroy();
    expect(answer).toEqual({ status: null, reason: expect.stringMatching(/did not answer|time|reached/i) });
    expect(turns).toBeGreaterThan(1);
  },
);
