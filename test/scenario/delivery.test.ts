/** The way from the daemon to the portal as a company's network makes it: through a proxy, named by the shell of `install`. */
import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import type net from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { daemonState } from '../../src/cli/daemon-state.ts';
import { factsOfTurn } from '../../src/cli/demo/facts.ts';
import { aMachine, until } from '../helpers/machine.ts';
import { runPortal } from '../helpers/running-portal.ts';

const PASSWORD = 'hush-hush';
const servers: http.Server[] = [];
const tunnels: net.Socket[] = [];
afterEach(async () => {
  for (const tunnel of tunnels.splice(0)) tunnel.destroy();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Knows one name, `portal.example`, and one user. Others are told to say who they are. */
async function companyProxy(portal: string) {
  const ways: string[] = [];
  const server = http.createServer((request, response) => {
    ways.push(`${request.method} ${request.url}`);
    if (request.headers['proxy-authorization'] !== `Basic ${btoa(`dev:${PASSWORD}`)}`) {
      return void response.writeHead(407, { 'proxy-authenticate': 'Basic' }).end('<html>who are you?</html>');
    }
    const { pathname } = new URL(request.url ?? '');
    const headers = { ...request.headers, host: new URL(portal).host };
    const onward = http.request(new URL(pathname, portal), { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  server.on('connection', (socket) => tunnels.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, ways };
}

test('events reach the portal through the shell’s proxy; without its password they wait and status says so; it is written nowhere but in the settings', async () => {
  const machine = aMachine();
  const portal = await runPortal(machine);
  const proxy = await companyProxy(portal.address);
  const code = await machine.must(['portal', 'code', '--data', portal.data]);
  machine.env.HTTP_PROXY = `http://${proxy.host}`;
  await machine.must(['config', 'set', 'kiro.appDir', path.join(machine.folder, 'no-kiro')]);
  const install = ['install', '--portal', 'http://portal.example', '--code-stdin', '--no-service'];
  expect((await machine.capsule(install, code)).exitCode).toBe(3);
  const refused = await until(async () => {
    const { stdout } = await machine.capsule(['status']);
    return /proxy wants a user name/.test(stdout) ? stdout : undefined;
  }, 'status tells of the proxy');
  expect(refused).toContain('proxy.url');

  await machine.must(['config', 'set', 'proxy.url', '--stdin'], `http://dev:${PASSWORD}@${proxy.host}\n`);
  const session = machine.session('recorded');
  const [turn] = session.turns;
  await machine.playTurn(session, turn);
  if (turn === undefined) throw new Error('the session has a turn');
  const facts = [`session.started ${session.id}`, ...factsOfTurn(turn)];
  expect(await portal.arrival(session.id, facts)).toEqual({ missing: [], surplus: [] });
  expect(proxy.ways).toContain('POST http://portal.example/v1/events');

  expect(await machine.must(['config'])).toContain('dev:***@');
  expect(JSON.stringify(await daemonState(machine.own))).not.toContain(PASSWORD);
  await machine.must(['stop']);
  const holding = readdirSync(machine.own.home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(PASSWORD));
  expect(holding).toEqual([machine.own.settings]);
});

test('a stop delivers what waits before it ends', async () => {
  const machine = aMachine();
  const portal = await runPortal(machine);
  const code = await machine.must(['portal', 'code', '--data', portal.data]);
  await machine.must(['install', '--portal', portal.address, '--code-stdin', '--no-service'], code);
  const session = machine.session('recorded');
  const [turn] = session.turns;
  if (turn === undefined) throw new Error('the session has a turn');
  await machine.playTurn(session, turn);
  const facts = factsOfTurn(turn).length + 1;
  await until(async () => {
    const state = await daemonState(machine.own);
    return typeof state === 'object' && state.outbox.events + state.delivery.delivered >= facts;
  }, 'all is captured');
  await machine.must(['stop']);
  expect(await portal.events(session.id)).toHaveLength(facts);
});
