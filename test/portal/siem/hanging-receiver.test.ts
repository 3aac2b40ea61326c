import net from 'node:net';
import { expect, jest, test } from '@jest/globals';
import { startPortal, type TestPortal } from '../../helpers/portal.ts';
import { caller, sendCommands } from '../../helpers/portal-caller.ts';
import {
  closeAfterTest,
  holdingServer,
  httpServer,
  listening,
  make,
  messagesIn,
  streamsOf,
  until,
} from './receivers.ts';

jest.setTimeout(120_000);

const EVENTS = { kinds: ['tool.invoked'], severities: [], content: 'full' };
const syslog = (port: number) => ({ kind: 'syslog', host: '127.0.0.1', port, transport: 'tcp' });
const streamOf = async (portal: TestPortal, id: string) => (await streamsOf(portal)).find((each) => each.id === id);
const commandOf = (message: string) => /echo \d+/.exec(message)?.[0];

test('a receiver that takes everything and answers nothing holds neither ingest, nor another stream, nor the page', async () => {
  const portal = await startPortal();
  const silent = await holdingServer();
  const whole = await httpServer(() => 200);
  const { stream } = await make(portal, { destination: { kind: 'http', url: silent.url }, ...EVENTS });
  await make(portal, { destination: { kind: 'http', url: whole.url }, ...EVENTS });
  await sendCommands(portal, ['echo 1']);
  await silent.asked(1);
  // It has the portal wait from here on.
  await sendCommands(portal, ['echo 2']);
  await until(() => whole.batches.flatMap(({ body }) => body.match(/echo \d+/g) ?? []).includes('echo 2'));
  expect(await streamOf(portal, stream.id)).toMatchObject({ sent: 0, behind: 2, trouble: null });
  expect(silent.requests).toBe(1);
  silent.answer(200);
  await silent.asked(2);
  silent.answer(200);
  await until(async () => (await streamOf(portal, stream.id))?.sent === 2);
});

test('a portal that stops does not wait for a receiver that does not answer, and sends the same when it is back', async () => {
  const portal = await startPortal();
  const silent = await holdingServer();
  const { stream } = await make(portal, { destination: { kind: 'http', url: silent.url }, ...EVENTS });
  await sendCommands(portal, ['echo 1']);
  await silent.asked(1);
  await portal.stop();
  const again = await startPortal({ folder: portal.folder });
  await silent.asked(2);
  silent.answer(200);
  silent.answer(200);
  await until(async () => (await streamOf(again, stream.id))?.sent === 1);
  expect(silent.bodies[1]).toBe(silent.bodies[0]);
});

test('a receiver that accepts and reads nothing has the portal hold no more than one portion for it', async () => {
  const portal = await startPortal();
  const accepted: net.Socket[] = [];
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    socket.on('error', () => {});
    accepted.push(socket);
  });
  const port = await listening(server);
  closeAfterTest(() => {
    for (const socket of accepted) socket.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  });
  const { stream } = await make(portal, { destination: syslog(port), ...EVENTS });
  await sendCommands(portal, ['echo 1']);
  await until(() => accepted.length === 1);
  await sendCommands(portal, ['echo 2', 'echo 3']);
  const other = await httpServer(() => 200);
  await make(portal, { destination: { kind: 'http', url: other.url }, ...EVENTS, from: 'start' });
  await until(() => other.batches.length > 0);
  // What came meanwhile waits in the store, on no second connection.
  expect(accepted.length).toBe(1);
  expect(await streamOf(portal, stream.id)).toMatchObject({ sent: 0, behind: 3 });
  const received: string[] = [];
  for (const socket of accepted) {
    socket.on('data', messagesIn(received));
    socket.on('end', () => socket.end());
    socket.resume();
  }
  server.on('connection', (socket) => {
    socket.on('data', messagesIn(received));
    socket.on('end', () => socket.end());
    socket.resume();
  });
  await until(async () => (await streamOf(portal, stream.id))?.sent === 3);
  expect(received.map(commandOf)).toEqual(['echo 1', 'echo 2', 'echo 3']);
});

test('a receiver that hangs up in the middle gets the same again, and fewer at a time until it takes them', async () => {
  const portal = await startPortal();
  const received: string[] = [];
  const sizes: number[] = [];
  // It takes 100 messages a connection, and breaks off at the next.
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    const messages: string[] = [];
    const take = messagesIn(messages);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      take(chunk);
      if (messages.length > 100) socket.resetAndDestroy();
    });
    socket.on('end', () => {
      sizes.push(messages.length);
      received.push(...messages);
      socket.end();
    });
  });
  const port = await listening(server);
  closeAfterTest(() => new Promise((resolve) => server.close(() => resolve())));
  const { stream } = await make(portal, { destination: syslog(port), ...EVENTS });
  await caller(portal)('PATCH', `/api/siem-streams/${stream.id}`, { body: { enabled: false } });
  const commands = Array.from({ length: 300 }, (_, n) => `echo ${n}`);
  await sendCommands(portal, commands.slice(0, 150));
  await sendCommands(portal, commands.slice(150));
  await caller(portal)('PATCH', `/api/siem-streams/${stream.id}`, { body: { enabled: true } });
  await until(async () => (await streamOf(portal, stream.id))?.sent === 300);
  expect(received.map(commandOf)).toEqual(commands);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
});

test('an event that is too large for a receiver over HTTP is cut until it is taken, and what comes after it arrives', async () => {
  const portal = await startPortal();
  const { url, batches } = await httpServer((body) => (body.length > 50_000 ? 413 : 200));
  const { stream } = await make(portal, { destination: { kind: 'http', url }, ...EVENTS });
  await sendCommands(portal, ['echo 1', `echo 2 ${'x'.repeat(200_000)}`, 'echo 3']);
  await until(async () => (await streamOf(portal, stream.id))?.sent === 3);
  const lines = batches.flatMap(({ body }) => body.trim().split('\n'));
  expect(lines.map(commandOf)).toEqual(['echo 1', 'echo 2', 'echo 3']);
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({
    truncated: [{ field: '/body/arguments/command', bytes: 200_007 }],
  });
});

test('a receiver that is back after an hour gets everything in order, as soon as a test has arrived there', async () => {
  let now = new Date('2026-09-03T12:00:00.000Z');
  const portal = await startPortal({ now: () => now });
  let status = 503;
  const receiver = await httpServer(() => status);
  const { stream } = await make(portal, { destination: { kind: 'http', url: receiver.url }, ...EVENTS });
  await sendCommands(portal, ['echo 1']);
  for (let tries = 1; tries <= 12; tries++) {
    const failed = await until(async () => {
      const found = await streamOf(portal, stream.id);
      return found !== undefined && found.tries >= tries && found;
    });
    expect(failed).toMatchObject({ tries, trouble: 'answered 503', sent: 0 });
    now = new Date(failed.nextAt ?? '');
    // The portal is woken by what comes, so nothing waits for its own clock.
    await sendCommands(portal, [`echo ${tries + 1}`]);
  }
  await until(async () => (await streamOf(portal, stream.id))?.tries === 13);
  expect(now.getTime() - Date.parse('2026-09-03T12:00:00.000Z')).toBeGreaterThan(15 * 60_000);
  status = 200;
  const tested = await caller(portal)('POST', `/api/siem-streams/${stream.id}/test`);
  expect(tested.body).toEqual({ trouble: null });
  const arrived = await until(async () => {
    const found = await streamOf(portal, stream.id);
    return found?.behind === 0 && found;
  });
  expect(arrived).toMatchObject({ sent: 13, tries: 0, trouble: null, waitingSince: null });
  const commands = receiver.batches.flatMap(({ body }) => body.match(/echo \d+/g) ?? []);
  expect(commands).toEqual(Array.from({ length: 13 }, (_, n) => `echo ${n + 1}`));
});

test('metrics say how far each stream is, how often it failed and for how long something waits', async () => {
  let now = new Date('2026-09-03T12:00:00.000Z');
  const portal = await startPortal({ now: () => now });
  const receiver = await httpServer(() => 500);
  const { stream } = await make(portal, { destination: { kind: 'http', url: receiver.url }, ...EVENTS });
  await sendCommands(portal, ['echo 1', 'echo 2']);
  await until(async () => (await streamOf(portal, stream.id))?.tries === 1);
  now = new Date(now.getTime() + 600);
  const bearer = await portal.key();
  const ask = async () =>
    (await fetch(`${portal.address}/api/metrics`, { headers: { authorization: `Bearer ${bearer}` } })).text();
  const sample = (text: string, name: string) =>
    Number(new RegExp(`^capsule_stream_${name}\\{stream="${stream.id}"\\} (.+)$`, 'm').exec(text)?.[1]);
  const text = await ask();
  const names = ['messages', 'behind', 'oldest_seconds', 'missed', 'failed_tries', 'on'];
  expect(names.map((name) => sample(text, name))).toEqual([0, 2, 0.6, 0, 1, 1]);
  await caller(portal)('DELETE', `/api/siem-streams/${stream.id}`);
  expect(await ask()).not.toContain(stream.id);
});
