/** Two replicas of the real program on one PostgreSQL, and one stream of theirs to a receiver. */
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { anEvent } from '../helpers/events.ts';
import { aMachine, longRunning, type Machine, until } from '../helpers/machine.ts';
import { enrolmentOf } from '../helpers/portal-events.ts';
import { postgresForTests, withPostgres } from '../helpers/postgres.ts';

const IN_A_BATCH = 20;

withPostgres('one stream of two replicas on one PostgreSQL', () => {
  const postgres = postgresForTests();
  let machine: Machine;
  let place: string[];
  let receiver: Awaited<ReturnType<typeof receive>>;

  beforeEach(async () => {
    machine = aMachine();
    const file = path.join(machine.folder, 'database-url');
    writeFileSync(file, `${await postgres.database()}\n`, { mode: 0o600 });
    place = ['--database-file', file, '--data', path.join(machine.folder, 'portal')];
    receiver = await receive();
  });
  afterEach(() => receiver.close());

  const start = async () => {
    const running = longRunning(machine, ['portal', '--port', '0', '--allow-local-destinations', ...place]);
    const address = await running.said(/http:\/\/127\.0\.0\.1:\d+/, 60_000);
    const kill = async () => {
      const gone = new Promise((resolve) => running.child.once('close', resolve));
      running.child.kill('SIGKILL');
      await gone;
    };
    return { address, kill };
  };
  const make = async (...args: string[]) => (await machine.must(['portal', ...args, ...place])).trim();

  test('sends each event once, in order; after a kill of the one that sends, the other goes on, and only what was under way comes twice', async () => {
    const first = await start();
    const admin = await make('key', '--role', 'admin');
    const destination = { kind: 'http', url: receiver.url };
    const wanted = { destination, kinds: ['agent.responded'], severities: [] };
    expect((await ask(first.address, 'POST', '/api/siem-streams', admin, wanted)).status).toBe(201);
    const { body } = await ask(first.address, 'POST', '/v1/enroll', await make('token'), enrolmentOf('one'));
    const deliver = async (address: string, batch: number) => {
      const events = Array.from({ length: IN_A_BATCH }, (_, n) => eventOf(batch * IN_A_BATCH + n));
      const answer = await ask(address, 'POST', '/v1/events', String(body.credential), { events });
      expect(answer.status).toBe(200);
    };
    const idsTo = (batches: number) => Array.from({ length: batches * IN_A_BATCH }, (_, n) => eventOf(n).id);

    // What the first has sent alone, it goes on sending when another one comes.
    await deliver(first.address, 0);
    await until(() => receiver.arrived().length === IN_A_BATCH, 'the first sends', 30_000);
    const second = await start();
    for (let batch = 1; batch < 10; batch++) await deliver(batch % 2 === 0 ? first.address : second.address, batch);
    await until(() => receiver.arrived().length >= 10 * IN_A_BATCH, 'all is there', 30_000);
    expect(receiver.arrived()).toEqual(idsTo(10));

    receiver.hold();
    await deliver(second.address, 10);
    await until(() => receiver.held() > 0, 'a portion is under way', 30_000);
    await first.kill();
    receiver.release();
    await deliver(second.address, 11);
    await until(() => new Set(receiver.arrived()).size === 12 * IN_A_BATCH, 'the other goes on', 60_000);
    const afterKill = receiver.arrived().slice(10 * IN_A_BATCH);
    const underWay = receiver.unanswered();
    expect(underWay.length).toBeGreaterThan(0);
    expect(afterKill.filter((id) => !underWay.includes(id))).toEqual(
      idsTo(12).filter((id) => !idsTo(10).includes(id) && !underWay.includes(id)),
    );
    const stream = async () => {
      const { streams } = (await ask(second.address, 'GET', '/api/siem-streams', admin)).body;
      return (streams as { sent: number; behind: number; missed: number }[])[0];
    };
    await until(async () => (await stream())?.behind === 0, 'the stream is where its receiver is');
    expect(await stream()).toMatchObject({ sent: 12 * IN_A_BATCH, missed: 0 });
  });
});

const eventOf = (n: number): CapsuleEvent => anEvent(n, { device: { id: 'one', os: 'linux', user: 'dev' } });

/** A receiver over HTTP that can be told to take a portion and not to answer it. */
async function receive() {
  const taken: string[] = [];
  const notAnswered: string[] = [];
  let holding = false;
  let open = 0;
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      const ids = body
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as CapsuleEvent).id);
      taken.push(...ids);
      if (!holding) return void response.writeHead(204).end();
      open++;
      notAnswered.push(...ids);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`,
    /** Ids in the order of their arrival, those of portions without an answer, too. */
    arrived: () => taken,
    unanswered: () => notAnswered,
    held: () => open,
    hold: () => {
      holding = true;
    },
    release: () => {
      holding = false;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function ask(address: string, method: string, where: string, bearer: string, body?: object) {
  const response = await fetch(new URL(where, address), {
    method,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
