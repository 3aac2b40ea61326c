import { spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type OwnPaths, ownPathsIn } from '../../src/core/host.ts';
import { askDaemon, followDaemon, readEndpoint } from '../../src/relay/local-client.ts';
import { type LocalRoutes, type LocalServing, serveLocally } from '../../src/relay/local-server.ts';
import { tempFolder, tempHost } from '../helpers/temp-home.ts';

const serving: LocalServing[] = [];
afterEach(async () => {
  for (const server of serving.splice(0)) await server.close();
});

const following = new Set<(line: string) => void>();
const ending = new Set<() => void>();
const left = new EventEmitter();

const ROUTES: LocalRoutes = {
  'GET /v1/status': () => ({ status: 200, body: { ok: true } }),
  'POST /v1/ring': ({ query, body }) => ({ status: 200, body: { name: query.get('name'), body } }),
  'GET /v1/lines': () => ({
    status: 200,
    body: {},
    follow(send, end) {
      for (const line of ['one', 'two \u00e4']) send(line);
      following.add(send);
      ending.add(end);
      return () => {
        following.delete(send);
        left.emit('left');
      };
    },
  }),
  'POST /v1/broken': () => {
    throw new Error('it broke');
  },
};
async function serve(host = tempHost()) {
  const server = await serveLocally(host, '1.2.3', ROUTES);
  serving.push(server);
  return { host, server };
}

function send(socketPath: string, options: http.RequestOptions, body = ''): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = http.request({ socketPath, ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** As the dispatcher asks it. */
const holdsEndpoint = (own: OwnPaths) =>
  spawnSync('sh', ['-c', '[ "$1" -ef "$2" ]', 'sh', own.alive, own.endpoint]).status === 0;

describe('the local socket', () => {
  test('is open to its owner only, from the folder on', async () => {
    const { host } = await serve();
    expect(lstatSync(host.own.socket).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(host.own.socket)).mode & 0o777).toBe(0o700);
    expect(statSync(host.own.endpoint).mode & 0o777).toBe(0o600);
  });

  test('is published with the process and version behind it', async () => {
    const { host } = await serve();
    expect(readEndpoint(host.own)).toMatchObject({ socket: host.own.socket, pid: process.pid, version: '1.2.3' });
  });

  test('takes over from a daemon that was killed and left its socket behind', async () => {
    const { host, server } = await serve();
    await server.close();
    mkdirSync(path.dirname(host.own.socket), { recursive: true });
    const stale = net.createServer().listen(`${host.own.socket}.tmp`);
    await new Promise((resolve) => stale.once('listening', resolve));
    // What a kill leaves: the name without anybody behind it.
    const { renameSync } = await import('node:fs');
    renameSync(`${host.own.socket}.tmp`, host.own.socket);
    await new Promise((resolve) => stale.close(resolve));
    expect(existsSync(host.own.socket)).toBe(true);
    await serve(host);
    expect(await askDaemon(host.own, 'GET', '/v1/status')).toEqual({ ok: true });
  });

  test('of a successor survives the closing of its predecessor', async () => {
    const { host, server: old } = await serve();
    await serve(host);
    await old.close();
    expect(await askDaemon(host.own, 'GET', '/v1/status')).toEqual({ ok: true });
    expect(holdsEndpoint(host.own)).toBe(process.platform === 'linux');
  });

  test('is gone after closing, with its publication', async () => {
    const { host, server } = await serve();
    await server.close();
    expect(existsSync(host.own.socket)).toBe(false);
    expect(readdirSync(host.own.home)).toEqual(['run']);
  });

  const linux = process.platform === 'linux' ? test : test.skip;
  linux('shows a shell that its process lives, until it has closed (needs /proc)', async () => {
    const { host, server } = await serve();
    expect(holdsEndpoint(host.own)).toBe(true);
    rmSync(host.own.endpoint);
    expect(holdsEndpoint(host.own)).toBe(false);
    await server.keep();
    expect(holdsEndpoint(host.own)).toBe(true);
    await server.close();
    expect(holdsEndpoint(host.own)).toBe(false);
  });

  describe('in whose place there is something else', () => {
    async function refused(putThere: (socket: string) => void) {
      const host = tempHost();
      mkdirSync(path.dirname(host.own.socket), { recursive: true });
      putThere(host.own.socket);
      await expect(serve(host)).rejects.toMatchObject({
        code: 'socket-unusable',
        message: expect.stringContaining(host.own.socket),
      });
      expect(existsSync(host.own.endpoint)).toBe(false);
      return host.own.socket;
    }

    test('a file, is refused, and the file stays', async () => {
      const socket = await refused((place) => writeFileSync(place, 'precious'));
      expect(readFileSync(socket, 'utf8')).toBe('precious');
    });

    test('a folder, is refused, and the folder stays with what is in it', async () => {
      const socket = await refused((place) => {
        mkdirSync(place);
        writeFileSync(path.join(place, 'in it'), 'precious');
      });
      expect(readFileSync(path.join(socket, 'in it'), 'utf8')).toBe('precious');
    });

    test.each(['a file', 'a socket', 'nothing'])('a link to %s, is refused; link and target stay', async (what) => {
      const target = path.join(tempFolder(), 'target');
      const other = net.createServer();
      if (what === 'a socket') await new Promise<void>((resolve) => other.listen(target, () => resolve()));
      if (what === 'a file') writeFileSync(target, 'precious');
      const socket = await refused((place) => symlinkSync(target, place));
      expect(readlinkSync(socket)).toBe(target);
      expect(existsSync(target)).toBe(what !== 'nothing');
      await new Promise((resolve) => other.close(resolve));
    });
  });

  test('that cannot be published is closed again: it would keep a process alive that nobody finds', async () => {
    const host = tempHost();
    mkdirSync(path.join(host.own.endpoint, 'in the way'), { recursive: true });
    await expect(serve(host)).rejects.toMatchObject({
      code: 'socket-unusable',
      message: expect.stringContaining(host.own.endpoint),
    });
    expect(readdirSync(path.dirname(host.own.socket))).toEqual([]);
    expect(readdirSync(host.own.home).toSorted()).toEqual(['endpoint.json', 'run']);
  });

  test('moves to a short place when the home folder is too deep for a socket address, and is still found', async () => {
    const host = tempHost();
    const deep = path.join(host.home, 'ü'.repeat(60), 'n'.repeat(60));
    const { host: served } = await serve({ ...host, own: ownPathsIn(deep) });
    expect(readEndpoint(served.own)?.socket.length).toBeLessThan(100);
    expect(await askDaemon(served.own, 'GET', '/v1/status')).toEqual({ ok: true });
  });
});

describe('a request to the daemon', () => {
  test('reaches its route with query and body, also from a client that closes its side first', async () => {
    const { host } = await serve();
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const socket = net.connect({ path: host.own.socket, allowHalfOpen: true });
      socket.end('POST /v1/ring?name=7-0.json HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}');
      socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      socket.on('close', () => resolve(text));
    });
    expect(answer).toContain('{"name":"7-0.json","body":"{}"}');
  });

  test.each(['origin', 'referer'])('with a browser’s %s header is refused', async (header) => {
    const { host } = await serve();
    const headers = { [header]: 'http://evil.example' };
    expect(await send(host.own.socket, { method: 'POST', path: '/v1/ring', headers })).toMatchObject({ status: 403 });
  });

  test('for an unknown route, or one that is a property of every object, is not found', async () => {
    const { host } = await serve();
    expect(await send(host.own.socket, { path: '/v1/none' })).toMatchObject({ status: 404 });
    expect(await send(host.own.socket, { path: '/__proto__' })).toMatchObject({ status: 404 });
  });

  test('that is too large is refused without being read to its end', async () => {
    const { host } = await serve();
    expect(await send(host.own.socket, { method: 'POST', path: '/v1/ring' }, 'x'.repeat(400_000))).toMatchObject({
      status: 413,
    });
  });

  test('that breaks its route gets an answer, and the next one is served', async () => {
    const { host } = await serve();
    expect(await send(host.own.socket, { method: 'POST', path: '/v1/broken' })).toMatchObject({ status: 500 });
    expect(await askDaemon(host.own, 'GET', '/v1/status')).toEqual({ ok: true });
  });
});

/** A connection that says this much and then keeps its mouth shut. */
function connection(socket: string, said = ''): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const client = net.connect(socket);
    clients.push(client);
    client.once('error', reject);
    client.once('connect', () => client.write(said, () => resolve(client)));
  });
}
const clients: net.Socket[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

describe('clients that mean no good', () => {
  test.each([
    ['say nothing', ''],
    ['stop in the middle of a header', 'POST /v1/ring HTTP/1.1\r\nHost: '],
    ['promise a body and keep it', 'POST /v1/ring HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf'],
  ])('and %s, 300 of them, do not keep the next one from being served', async (_, said) => {
    const { host } = await serve();
    const closed = { count: 0 };
    for (let n = 0; n < 300; n++) {
      const client = await connection(host.own.socket, said).catch(() => undefined);
      client?.on('close', () => (closed.count += 1)).on('error', () => {});
    }
    expect(await askDaemon(host.own, 'GET', '/v1/status')).toEqual({ ok: true });
    expect(closed.count).toBeGreaterThan(200);
  });

  test.each([
    ['no HTTP at all', '\0\0\0\u0004{"a"'],
    ['a line that never ends', `GET /${'a'.repeat(100_000)}`],
    ['a negative length', 'POST /v1/ring HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
    ['two lengths', 'POST /v1/ring HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['an address that is none', 'GET //[ HTTP/1.1\r\nHost: x\r\n\r\n'],
    [
      'a chunk of four gigabytes',
      'POST /v1/ring HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n',
    ],
  ])('and send %s are answered with a refusal or not at all, and the next one is served', async (_, said) => {
    const { host } = await serve();
    const client = await connection(host.own.socket, said);
    client.on('error', () => {});
    let text = '';
    client.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    client.end();
    await new Promise((resolve) => client.once('close', resolve));
    expect(text).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect(await askDaemon(host.own, 'GET', '/v1/status')).toEqual({ ok: true });
  });

  test('and send one byte now and then are hung up on, however alive they look', async () => {
    const { host } = await serve();
    const client = await connection(host.own.socket, 'POST /v1/ring HTTP/1.1\r\nX: ');
    const dripping = setInterval(() => client.write('x'), 100);
    await new Promise((resolve) => client.on('error', () => {}).once('close', resolve));
    clearInterval(dripping);
    expect(client.destroyed).toBe(true);
  });
});

describe('a socket whose name has gone', () => {
  test.each([
    ['itself', (own: OwnPaths) => rmSync(own.socket)],
    ['with its folder', (own: OwnPaths) => rmSync(path.dirname(own.socket), { recursive: true })],
    ['but for its publication', (own: OwnPaths) => rmSync(own.endpoint)],
  ])('%s is opened anew, and only then', async (_, harm) => {
    const { host, server } = await serve();
    const { ino } = lstatSync(host.own.socket);
    await server.keep();
    expect(lstatSync(host.own.socket).ino).toBe(ino);
    harm(host.own);
    await server.keep();
    expect(await askDaemon(host.own, 'GET', '/v1/status')).toEqual({ ok: true });
    await server.close();
    expect(existsSync(host.own.socket)).toBe(false);
  });

  test('but stands for a successor is left to it', async () => {
    const { host, server: old } = await serve();
    await serve(host);
    const { ino } = lstatSync(host.own.socket);
    await old.keep();
    expect(lstatSync(host.own.socket).ino).toBe(ino);
  });
});

describe('asking a daemon', () => {
  test('that never was answers undefined', async () => {
    expect(await askDaemon(ownPathsIn(tempFolder()), 'GET', '/v1/status')).toBeUndefined();
  });

  test('that left a half-written endpoint answers undefined', async () => {
    const own = ownPathsIn(tempFolder());
    writeFileSync(own.endpoint, '{"socket": "/tm');
    expect(await askDaemon(own, 'GET', '/v1/status')).toBeUndefined();
  });

  test('that accepts and never answers is told apart from one that is gone', async () => {
    const own = ownPathsIn(tempFolder());
    const hung = net.createServer(() => {}).listen(path.join(own.home, 'd.sock'));
    await new Promise((resolve) => hung.once('listening', resolve));
    writeFileSync(
      own.endpoint,
      JSON.stringify({ socket: path.join(own.home, 'd.sock'), pid: 1, version: '1', startedAt: 'x' }),
    );
    expect(await askDaemon(own, 'GET', '/v1/status', 30)).toBe('hung');
    hung.close();
  });
});

describe('who follows', () => {
  async function follow(until: Promise<void> = new Promise(() => {})) {
    const { host, server } = await serve();
    const lines: string[] = [];
    const seen = Promise.withResolvers<void>();
    const followed = followDaemon(
      host.own,
      '/v1/lines',
      (line) => {
        lines.push(line);
        if (lines.length === 2) seen.resolve();
      },
      until,
    );
    await seen.promise;
    return { host, server, lines, followed };
  }

  test('gets what there is and what comes, until it is over', async () => {
    const { lines, followed } = await follow();
    for (const send of following) send('three');
    for (const end of ending) end();
    expect(await followed).toBe(true);
    expect(lines).toEqual(['one', 'two \u00e4', 'three']);
  });

  test('is forgotten as soon as they leave, and keeps no server from closing', async () => {
    const enough = Promise.withResolvers<void>();
    const { host, server, followed } = await follow(enough.promise);
    const forgotten = once(left, 'left');
    enough.resolve();
    expect(await followed).toBe(true);
    await forgotten;
    expect(following.size).toBe(0);
    await server.close();
    expect(await followDaemon(host.own, '/v1/lines', () => {}, new Promise(() => {}))).toBe(false);
  });

  test('learns that the daemon went, or has nothing of the kind to tell', async () => {
    const { host, server, followed } = await follow();
    expect(await followDaemon(host.own, '/v1/nothing', () => {}, new Promise(() => {}))).toBe(false);
    await server.close();
    expect(await followed).toBe(true);
  });
});
