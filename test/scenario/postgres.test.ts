/** Two replicas of the real program on one PostgreSQL, as behind a load balancer that sends anybody anywhere. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { anEvent } from '../helpers/events.ts';
import { aMachine, longRunning, type Machine, until } from '../helpers/machine.ts';
import { enrolmentOf } from '../helpers/portal-events.ts';
import { postgresForTests, withPostgres } from '../helpers/postgres.ts';

const DEVICES = ['one', 'two', 'three', 'four'];
const BATCHES = 15;
const IN_A_BATCH = 20;

interface Replica {
  address: string;
  /** As a crash ends it: at once. */
  kill(): Promise<void>;
}

withPostgres('two replicas on one PostgreSQL', () => {
  const postgres = postgresForTests();
  let machine: Machine;
  let url: string;
  let place: string[];

  beforeEach(async () => {
    machine = aMachine();
    url = await postgres.database();
    const file = path.join(machine.folder, 'database-url');
    writeFileSync(file, `${url}\n`, { mode: 0o600 });
    place = ['--database-file', file, '--data', path.join(machine.folder, 'portal')];
  });

  const start = async (port = 0): Promise<Replica> => {
    const running = longRunning(machine, ['portal', '--port', String(port), ...place]);
    const address = await running.said(/http:\/\/127\.0\.0\.1:\d+/, 60_000);
    return {
      address,
      async kill() {
        const gone = new Promise((resolve) => running.child.once('close', resolve));
        running.child.kill('SIGKILL');
        await gone;
      },
    };
  };
  const make = async (...args: string[]) => (await machine.must(['portal', ...args, ...place])).trim();
  const enrol = async (replica: Replica, token: string, device: string): Promise<string> => {
    const answer = await ask(replica, 'POST', '/v1/enroll', token, enrolmentOf(device));
    expect(answer.status).toBe(200);
    return String(answer.body.credential);
  };

  test('have every event once and a whole chain, though one is killed while agents deliver through both', async () => {
    const [first, second] = await Promise.all([start(), start()]);
    const [token, key] = [await make('token'), await make('key')];
    let acknowledged = 0;
    const deliver = async (device: string, index: number) => {
      const credential = await enrol(index % 2 === 0 ? first : second, token, device);
      for (let batch = 0; batch < BATCHES; batch++) {
        const events = eventsOf(device, index, batch);
        // As an agent does: the same again, wherever, until the portal says in its own words that it has it.
        for (let tries = 0; ; tries++) {
          const replica = (batch + index + tries) % 2 === 0 ? first : second;
          const answer = await ask(replica, 'POST', '/v1/events', credential, { events }).catch(() => undefined);
          if (answer?.status === 200) break;
        }
        acknowledged++;
      }
    };
    const delivering = DEVICES.map(deliver);
    await until(() => acknowledged >= 10, 'some batches are there', 60_000);
    await first.kill();
    const before = acknowledged;
    await Promise.all(delivering);
    expect(before).toBeLessThan(DEVICES.length * BATCHES);

    const stored = await allEvents(second, key);
    const sent = DEVICES.flatMap((device, index) =>
      Array.from({ length: BATCHES }, (_, batch) => eventsOf(device, index, batch).map(({ id }) => id)).flat(),
    );
    expect(stored.length).toBe(sent.length);
    expect(new Set(stored)).toEqual(new Set(sent));
    expect(await machine.must(['portal', 'verify', ...place])).toMatch(/^✓ org_\w+: \d+ links fit; the last is #\d+/m);
  });

  test('judge by a policy made at the other, refuse whom the other shut out, and tell each other’s open pages', async () => {
    const [first, second] = await Promise.all([start(), start()]);
    const [token, admin] = [await make('token'), await make('key', '--role', 'admin')];
    const credential = await enrol(first, token, 'one');
    const page = await fetch(new URL('/api/stream', second.address), { headers: { authorization: `Bearer ${admin}` } });
    const told = page.body?.pipeThrough(new TextDecoderStream()).getReader();

    const made = await ask(first, 'POST', '/api/policies', admin, {
      ...{ name: 'Says xyzzy', severity: 'high', enabled: true },
      expression: 'event.kind == "agent.responded" && event.body.text.contains("xyzzy")',
    });
    expect(made.status).toBe(201);
    const said = { ...anEvent(1, { device: { id: 'one', os: 'linux', user: 'dev' } }), body: { text: 'xyzzy' } };
    expect(await ask(second, 'POST', '/v1/events', credential, { events: [said] })).toMatchObject({ status: 200 });
    const { body } = await ask(first, 'GET', '/api/detections', admin);
    expect(body.detections).toMatchObject([{ event: said.id }]);

    const more = anEvent(2, { device: { id: 'one', os: 'linux', user: 'dev' } });
    expect(await ask(first, 'POST', '/v1/events', credential, { events: [more] })).toMatchObject({ status: 200 });
    let heard = '';
    await until(async () => {
      heard += (await told?.read())?.value ?? '';
      return [...heard.matchAll(/"events":1/g)].length === 2;
    }, 'the page at the second replica hears of what the first stored');
    await told?.cancel();

    const { credentialId } = JSON.parse(
      Buffer.from(credential.split('.')[1] ?? '', 'base64url')
        .toString('utf8')
        .replace('"jti"', '"credentialId"'),
    ) as { credentialId: string };
    expect((await ask(first, 'POST', `/api/tokens/${credentialId}/revoke`, admin)).status).toBe(200);
    expect(await ask(second, 'POST', '/v1/events', credential, { events: [more] })).toMatchObject({
      status: 401,
      body: { error: { code: 'token-revoked' } },
    });
  });

  test('say 503 and when to come again while the database is away, and go on by themselves when it is back', async () => {
    const replica = await start();
    const credential = await enrol(replica, await make('token'), 'one');
    const events = [anEvent(1, { device: { id: 'one', os: 'linux', user: 'dev' } })];
    await postgres.kill();
    const refused = await ask(replica, 'POST', '/v1/events', credential, { events });
    expect(refused).toMatchObject({ status: 503, body: { error: { code: 'store-unavailable' } } });
    expect(refused.retryAfter).toBe('5');
    await postgres.start();
    await until(
      async () => (await ask(replica, 'POST', '/v1/events', credential, { events })).status === 200,
      'the portal takes events again',
    );
  });

  test('show the database’s password to nobody, and say how a database is backed up', async () => {
    const password = new URL(url).password;
    const backup = await machine.capsule(['portal', 'backup', 'x', ...place]);
    expect(backup).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('pg_dump') });
    const wrong = url.replace(`:${password}@`, `:not-${password}@`);
    writeFileSync(place[1] ?? '', wrong);
    const refused = await machine.capsule(['portal', 'key', ...place]);
    expect(refused).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('PostgreSQL database cannot be used'),
    });
    expect(refused.stdout + refused.stderr).not.toContain(password);
  });
});

function eventsOf(device: string, index: number, batch: number): CapsuleEvent[] {
  return Array.from({ length: IN_A_BATCH }, (_, n) =>
    anEvent((index * BATCHES + batch) * IN_A_BATCH + n, {
      device: { id: device, os: 'linux', user: 'dev' },
      session: { id: `sess_${device}`, generation: 'ide-1.x', title: 'A session', mode: 'vibe', model: 'auto' },
    }),
  );
}

async function ask(replica: Replica, method: string, where: string, bearer: string, body?: object) {
  const response = await fetch(new URL(where, replica.address), {
    method,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answered = (await response.json()) as Record<string, unknown>;
  return { status: response.status, body: answered, retryAfter: response.headers.get('retry-after') };
}

async function allEvents(replica: Replica, key: string): Promise<string[]> {
  const ids: string[] = [];
  for (let next: unknown = ''; next !== null; ) {
    const cursor = next === '' ? '' : `&cursor=${next}`;
    const { body } = await ask(replica, 'GET', `/api/events?limit=1000${cursor}`, key);
    ids.push(...(body.events as { id: string }[]).map(({ id }) => id));
    next = body.next;
  }
  return ids;
}
