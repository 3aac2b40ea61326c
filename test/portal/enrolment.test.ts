import { beforeEach, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { startPortal, type TestPortal } from '../helpers/portal.ts';
import { DEVICE, enrolmentOf } from '../helpers/portal-events.ts';

let portal: TestPortal;
let now = new Date('2026-09-03T12:00:00.000Z');

beforeEach(async () => {
  now = new Date('2026-09-03T12:00:00.000Z');
  portal = await startPortal({ now: () => now });
});

async function enrol(bearer: string, deviceId = DEVICE, body: object = enrolmentOf(deviceId)) {
  const response = await fetch(`${portal.address}/v1/enroll`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test('a code enrols as many devices as it was made for; the same device may ask again', async () => {
  const code = await portal.code({ uses: 2 });
  expect((await enrol(code, 'one')).status).toBe(200);
  expect((await enrol(code, 'one')).status).toBe(200);
  expect((await enrol(code, 'two')).status).toBe(200);
  expect(await enrol(code, 'three')).toMatchObject({ status: 401, body: { error: { code: 'token-revoked' } } });
  expect((await enrol(code, 'two')).status).toBe(200);
  const { agents } = (await portal.read('/api/agents')).body as { agents: { id: string }[] };
  expect(agents.map(({ id }) => id)).toEqual(['one', 'two']);
});

test('a code may be typed in small letters, with spaces and without dashes', async () => {
  const code = await portal.code();
  expect((await enrol(code.toLowerCase().replaceAll('-', ''))).status).toBe(200);
});

test('a code ends after its day, an org token after its days, and the answer says so', async () => {
  const [code, token] = [await portal.code(), await portal.orgToken({ days: 2 })];
  now = new Date('2026-09-04T12:00:01.000Z');
  expect(await enrol(code)).toMatchObject({ status: 401, body: { error: { code: 'token-expired' } } });
  expect((await enrol(token)).status).toBe(200);
  now = new Date('2026-09-05T12:02:00.000Z');
  expect(await enrol(token)).toMatchObject({
    status: 401,
    body: { error: { code: 'token-expired', message: 'The token ended on 2026-09-05T12:00:00.000Z' } },
  });
});

test('a clock that is a minute off is forgiven', async () => {
  const token = await portal.orgToken({ days: 1 });
  now = new Date('2026-09-04T12:00:50.000Z');
  expect((await enrol(token)).status).toBe(200);
});

test('a credential lives as long as the token behind it was made for, and its successor as long as itself', async () => {
  const { body } = await enrol(await portal.orgToken({ days: 30 }));
  expect(body.expiresAt).toBe('2026-10-03T12:00:00.000Z');
  expect(decodeJwt(String(body.credential))).toMatchObject({
    sub: DEVICE,
    aud: 'device',
    exp: Date.parse('2026-10-03T12:00:00Z') / 1000,
  });
  now = new Date('2026-09-24T12:00:00.000Z');
  const renewed = await fetch(`${portal.address}/v1/renew`, {
    method: 'POST',
    headers: { authorization: `Bearer ${body.credential}` },
  });
  expect(await renewed.json()).toMatchObject({ expiresAt: '2026-10-24T12:00:00.000Z', deviceId: DEVICE });
  expect((await enrol(await portal.code())).body.expiresAt).toBe('2027-09-24T12:00:00.000Z');
});

test('a device of one organisation is not the device of the same name in another', async () => {
  await enrol(await portal.code({ org: 'acme' }));
  expect((await enrol(await portal.code({ org: 'other' }))).body.org).toBe('other');
  for (const org of ['acme', 'other']) {
    expect((await portal.read('/api/agents', { org })).body.agents).toMatchObject([{ id: DEVICE }]);
  }
});

test('a body that is not understood says which field, and takes no use of the code', async () => {
  const code = await portal.code();
  expect(await enrol(code, DEVICE, { ...enrolmentOf(), os: 'amiga' })).toMatchObject({
    status: 400,
    body: { error: { code: 'enrolment-invalid', message: expect.stringMatching(/^os: /) } },
  });
  expect((await enrol(code)).status).toBe(200);
});

test('what was issued and who enrolled stands in the audit log, without any secret', async () => {
  const code = await portal.code();
  await enrol(code);
  const org = await portal.store.organisation('default', '');
  const { items } = await portal.store.acts(org.id, {}, { limit: 10 });
  expect(items.map(({ act, object }) => `${act} ${object.split(':')[0]}`)).toEqual([
    'issued device',
    'enrolled device',
    'issued code',
  ]);
  expect(JSON.stringify(items)).not.toContain(code);
});

test('a portal that is started again knows its tokens, devices and events', async () => {
  const token = await portal.orgToken();
  await enrol(token);
  await portal.stop();
  portal = await startPortal({ folder: portal.folder, now: () => now });
  expect((await enrol(token)).status).toBe(200);
  expect((await portal.read('/api/agents')).body.agents).toMatchObject([{ id: DEVICE }]);
});
