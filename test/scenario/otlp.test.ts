/** The real program and an OpenTelemetry endpoint: in the portal's place, and beside one. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { daemonState } from '../../src/cli/daemon-state.ts';
import { factsOfTurn } from '../../src/cli/demo/facts.ts';
import type { DemoSession } from '../../src/cli/demo/script.ts';
import type { Attribute } from '../../src/relay/otlp/attributes.ts';
import { type Answers, type Asked, httpPortal, takesAll } from '../helpers/http-portal.ts';
import { aMachine, type Machine, until } from '../helpers/machine.ts';
import { turnAgain } from '../helpers/many-turns.ts';
import { plain } from '../helpers/official-otlp.ts';
import { runPortal } from '../helpers/running-portal.ts';

const KEY = 'otlp-secret-key';
/** The unattended run kills more often. */
const ROUNDS = Math.min(Number(process.env.KILL_ROUNDS ?? 3), 20);
const takes = () => ({ status: 200, body: { partialSuccess: {} } });

interface Told {
  name: string;
  traceId: string;
  spanId: string;
  attributes: Record<string, unknown>;
}

/** Every span and log record of what was asked; log records by the name of their event. */
function toldBy(asked: readonly Asked[]): Told[] {
  return asked.flatMap(({ text }) => {
    const found: Told[] = [];
    JSON.parse(text, (_, each: unknown) => {
      if (typeof each !== 'object' || each === null) return each;
      const { name, eventName, traceId = '', spanId = '', attributes } = each as Record<string, unknown>;
      const title = eventName ?? (spanId === '' ? undefined : name);
      if (title !== undefined) {
        const bare = plain(attributes as Attribute[]);
        found.push({ name: String(title), traceId: String(traceId), spanId: String(spanId), attributes: bare });
      }
      return each;
    });
    return found;
  });
}

const names = (asked: readonly Asked[]) => toldBy(asked).map(({ name }) => name.split(' ', 1)[0]);
const eventIdsOf = (a: Record<string, unknown>) =>
  [a['kiro.event.id'], a['kiro.event.ids'], a['log.record.uid']].flat().filter((id) => id !== undefined);
const eventIds = (asked: readonly Asked[]) => toldBy(asked).flatMap(({ attributes }) => eventIdsOf(attributes));

async function playFirstTurn(machine: Machine): Promise<DemoSession> {
  const session = machine.session('recorded');
  await machine.playTurn(session, session.turns[0]);
  return session;
}

function keyFile(machine: Machine): string {
  const file = path.join(machine.folder, 'otlp-headers');
  writeFileSync(file, `# of our backend\nauthorization: Bearer ${KEY}\nx-tenant: acme\n`, { mode: 0o600 });
  return file;
}

const bytesOf = (file: string) => (file.endsWith('.gz') ? gunzipSync(readFileSync(file)) : readFileSync(file));

async function sentTo(machine: Machine): Promise<string[]> {
  const lines = (await machine.must(['events', '--sent', '--json', '--last', '1000'])).trim().split('\n');
  return lines.filter((line) => line !== '').map((line) => (JSON.parse(line) as { destination: string }).destination);
}

test('an agent with an OpenTelemetry endpoint and no portal is whole: a turn arrives as one trace, nothing needs anybody, and the key stays in its file', async () => {
  const machine = aMachine();
  const endpoint = await httpPortal(takes);
  const file = keyFile(machine);
  await machine.must(['config', 'set', 'kiro.appDir', path.join(machine.folder, 'no-kiro')]);
  const installed = await machine.must([
    'install',
    '--otlp',
    `${endpoint.url}/ingest`,
    '--otlp-headers-file',
    file,
    '--no-service',
  ]);
  expect(installed).toContain(`OpenTelemetry: events go to ${endpoint.url}/ingest`);

  const session = await playFirstTurn(machine);
  await until(() => names(endpoint.asked).includes('invoke_agent'), 'the turn arrives');
  const told = toldBy(endpoint.asked);
  const root = told.find(({ name }) => name === 'invoke_agent kiro');
  expect(root?.attributes).toMatchObject({ 'session.id': session.id, 'gen_ai.operation.name': 'invoke_agent' });
  expect(String(root?.attributes['gen_ai.input.messages'])).toContain('"role":"user"');
  expect(new Set(told.filter(({ spanId }) => spanId !== '').map(({ traceId }) => traceId)).size).toBe(1);
  expect(new Set(names(endpoint.asked))).toEqual(new Set(['session.start', 'invoke_agent', 'chat', 'execute_tool']));
  expect(new Set(endpoint.asked.map((asked) => asked.path))).toEqual(new Set(['/ingest/v1/traces', '/ingest/v1/logs']));
  expect(new Set(endpoint.asked.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${KEY}`]));

  const status = await until(async () => {
    const looked = await machine.json(['status']);
    return looked.exitCode === 0 ? looked.body : undefined;
  }, 'nothing needs anybody');
  expect(status).toMatchObject({ troubles: [], daemon: { destinations: ['otlp'], outbox: { events: 0 } } });
  expect(await machine.must(['status'])).toMatch(/OpenTelem\. +http.*up to date; nothing waits; last success/);
  expect(new Set(await sentTo(machine))).toEqual(new Set(['otlp']));
  const { body } = await machine.json(['diagnose', '--only', 'otlp', '--only', 'token.present']);
  const checks = body.checks as { id: string; status: string }[];
  expect(checks.map(({ id, status: found }) => `${id} ${found}`)).toEqual([
    'token.present skip',
    'otlp.headers pass',
    'otlp.reachable pass',
    'otlp.accepts pass',
    'otlp.refused pass',
  ]);

  const probed = await machine.json(['diagnose', '--probe']);
  expect(probed).toMatchObject({ exitCode: 0, body: { probes: [{ arrived: true }] } });
  expect(names(endpoint.asked)).toContain('kiro.probe');

  await machine.capsule(['diagnose', '--bundle', path.join(machine.folder, 'bundle.tar.gz')]);
  expect(existsSync(path.join(machine.folder, 'bundle.tar.gz'))).toBe(true);
  await machine.must(['stop']);
  const holding = readdirSync(machine.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((each) => bytesOf(each).includes(KEY));
  expect(holding).toEqual([file]);
});

test('an endpoint that knows spans alone gets the session’s start and a probe as spans; nothing needs anybody, and diagnose says so', async () => {
  const machine = aMachine();
  const endpoint = await httpPortal((asked) => (asked.path === '/v1/logs' ? { status: 404 } : takes()));
  await machine.must(['config', 'set', 'kiro.appDir', path.join(machine.folder, 'no-kiro')]);
  await machine.must(['install', '--otlp', endpoint.url, '--no-service']);
  await playFirstTurn(machine);
  const spans = () => names(endpoint.asked.filter((asked) => asked.path === '/v1/traces'));
  await until(() => spans().includes('invoke_agent'), 'the turn arrives');
  expect(new Set(spans())).toEqual(new Set(['session.start', 'invoke_agent', 'chat', 'execute_tool']));
  await until(async () => (await machine.json(['status'])).exitCode === 0, 'nothing needs anybody');
  const diagnosed = await machine.json(['diagnose', '--only', 'otlp']);
  const checks = diagnosed.body.checks as { id: string; status: string; evidence: string[] }[];
  expect(checks.find(({ id }) => id === 'otlp.accepts')).toMatchObject({
    status: 'pass',
    evidence: ['it knows no log records: session starts and gaps go there as spans'],
  });
  const probed = await machine.json(['diagnose', '--probe']);
  expect(probed).toMatchObject({ exitCode: 0, body: { probes: [{ arrived: true }] } });
  expect(spans()).toContain('kiro.probe');
});

test('an endpoint that never answers keeps nothing from the portal; after a kill it gets all of it, and the portal nothing twice', async () => {
  const machine = aMachine();
  const portal = await runPortal(machine);
  const heard: { answer: ReturnType<Answers> } = { answer: 'silence' };
  const endpoint = await httpPortal(() => heard.answer);
  const code = await machine.must(['portal', 'code', '--data', portal.data]);
  await machine.must(['config', 'set', 'kiro.appDir', path.join(machine.folder, 'no-kiro')]);
  const install = ['install', '--portal', portal.address, '--otlp', endpoint.url, '--code-stdin', '--no-service'];
  await machine.must(install, code);
  const session = await playFirstTurn(machine);
  const [turn] = session.turns;
  if (turn === undefined) throw new Error('the session has a turn');
  const facts = [`session.started ${session.id}`, ...factsOfTurn(turn)];
  expect(await portal.arrival(session.id, facts)).toEqual({ missing: [], surplus: [] });
  const state = await daemonState(machine.own);
  if (typeof state !== 'object') throw new Error('the daemon runs');
  expect(state.depths?.portal.events).toBe(0);
  expect(state.depths?.otlp.events).toBeGreaterThan(0);
  expect(eventIds(endpoint.asked).length).toBeGreaterThan(0);

  await machine.killDaemon();
  endpoint.asked.splice(0);
  heard.answer = takes();
  await machine.must(['start']);
  await until(() => names(endpoint.asked).includes('invoke_agent'), 'the turn arrives at the endpoint');
  expect(new Set(names(endpoint.asked))).toEqual(new Set(['session.start', 'invoke_agent', 'chat', 'execute_tool']));
  expect(await portal.arrival(session.id, facts)).toEqual({ missing: [], surplus: [] });
  await until(async () => {
    const now = await daemonState(machine.own);
    return typeof now === 'object' && now.outbox.events === 0;
  }, 'nothing waits any more');
});

test(
  `${ROUNDS} times killed with two destinations, the daemon tells each every fact: the portal once, the endpoint in its own place`,
  async () => {
    const machine = aMachine();
    const portal = await runPortal(machine);
    const endpoint = await httpPortal(takes);
    const code = await machine.must(['portal', 'code', '--data', portal.data]);
    await machine.must(['config', 'set', 'kiro.appDir', path.join(machine.folder, 'no-kiro')]);
    await machine.must(
      ['install', '--portal', portal.address, '--otlp', endpoint.url, '--code-stdin', '--no-service'],
      code,
    );
    const session = machine.session('written');
    const [turn] = session.turns;
    if (turn === undefined) throw new Error('the session has a turn');
    const facts = [`session.started ${session.id}`];
    for (let round = 0; round < ROUNDS; round++) {
      await machine.must(['start']);
      await until(async () => {
        const now = await daemonState(machine.own);
        return typeof now === 'object' && now.capture.lastSweep !== null;
      }, 'everything was looked at');
      const again = turnAgain(turn, round);
      facts.push(...factsOfTurn(again));
      const hook = machine.playTurn(session, again);
      // Anywhere between the ring and the two answers: chance is the point.
      await wait(Math.random() * 250);
      await machine.killDaemon();
      await hook;
      await machine.killDaemon();
    }
    await machine.must(['start']);
    expect(await portal.arrival(session.id, facts)).toEqual({ missing: [], surplus: [] });
    await until(async () => {
      const now = await daemonState(machine.own);
      return typeof now === 'object' && now.capture.lastSweep !== null && now.outbox.events === 0;
    }, 'nothing waits any more');

    // As a backend keeps spans: what has an id takes the place of what had it.
    const kept = new Map(
      toldBy(endpoint.asked).map((told) => [told.spanId || `${told.attributes['log.record.uid']}`, told]),
    );
    const count = (name: string) => [...kept.values()].filter((told) => told.name.startsWith(name)).length;
    const tools = facts.filter((fact) => fact.startsWith('tool.invoked')).length;
    expect(['session.start', 'invoke_agent', 'chat', 'execute_tool'].map(count)).toEqual([1, ROUNDS, ROUNDS, tools]);
    const told = new Set([...kept.values()].flatMap(({ attributes: a }) => eventIdsOf(a)));
    expect(told.size).toBe(facts.length);
  },
  60_000 + ROUNDS * 10_000,
);

test('a portal that never answers keeps nothing from the endpoint', async () => {
  const machine = aMachine();
  const portal = await httpPortal((asked) => (asked.path === '/v1/events' ? 'silence' : takesAll(asked)));
  const endpoint = await httpPortal(takes);
  await machine.must(['config', 'set', 'kiro.appDir', path.join(machine.folder, 'no-kiro')]);
  await machine.must(['config', 'set', 'portal.url', portal.url]);
  writeFileSync(
    machine.own.credential,
    JSON.stringify({
      portal: portal.url,
      org: 'default',
      deviceId: 'device-1',
      token: 'device-credential',
      issuedAt: new Date().toISOString(),
      expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
    }),
    { mode: 0o600 },
  );
  await machine.must(['install', '--otlp', endpoint.url, '--no-service']);
  await playFirstTurn(machine);
  await until(() => names(endpoint.asked).includes('invoke_agent'), 'the turn arrives at the endpoint');
  const state = await daemonState(machine.own);
  if (typeof state !== 'object') throw new Error('the daemon runs');
  expect(state.depths?.portal.events).toBeGreaterThan(0);
  await until(async () => {
    const now = await daemonState(machine.own);
    return typeof now === 'object' && now.depths?.otlp.events === 0;
  }, 'nothing waits for the endpoint');
});
