import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readCredential, readEnrolment, writeCredential, writeEnrolment } from '../../src/relay/credential.ts';
import { type Device, enrol, renew } from '../../src/relay/enrolment.ts';
import { directly } from '../helpers/ask-directly.ts';
import { type Answers, httpPortal } from '../helpers/http-portal.ts';
import { startPortal } from '../helpers/portal.ts';
import { tempHost } from '../helpers/temp-home.ts';

const DEVICE: Device = {
  deviceId: '0f8fad5b-d9cb-469f-a165-70867728950e',
  name: 'laptop',
  os: 'linux',
  user: 'dev',
  agentVersion: '0.1.0',
  kiro: [{ generation: 'ide-1.x', version: '1.0.411' }],
};
const GRANT = { credential: 'fresh', expiresAt: '2027-01-01T00:00:00.000Z', org: 'acme' };

/** An agent with a code in its pocket, in front of a portal that answers as it is told. */
async function given(answers: Answers) {
  const { url, asked } = await httpPortal(answers);
  const host = tempHost();
  const enrolment = { portal: url, secret: 'one-time' };
  writeEnrolment(host.own, enrolment);
  return { host, asked, enrolment, enrolNow: () => enrol(host, directly, enrolment, DEVICE) };
}

describe('enrolling', () => {
  test('at a real portal gives a credential, which then renews itself', async () => {
    const now = () => new Date('2026-09-03T12:00:00.000Z');
    const portal = await startPortal({ now });
    const host = tempHost();
    const enrolment = { portal: portal.address, secret: await portal.code() };
    expect(await enrol(host, directly, enrolment, DEVICE)).toMatchObject({ credential: { org: 'default' } });
    const first = readCredential(host.own);
    if (first === undefined) throw new Error('nothing was kept');
    expect(first).toMatchObject({ portal: portal.address, deviceId: DEVICE.deviceId, issuedAt: now().toISOString() });
    expect(await renew(host, directly, first)).toMatchObject({ credential: { org: 'default' } });
    expect(readCredential(host.own)?.token).not.toBe(first.token);
    expect(await enrol(host, directly, enrolment, { ...DEVICE, deviceId: 'another' })).toMatchObject({
      refused: expect.any(String),
      retry: false,
    });
  });

  test('sends the secret as a bearer and the device as the body, and forgets the secret afterwards', async () => {
    const { host, asked, enrolment, enrolNow } = await given(() => ({ status: 201, body: GRANT }));
    const credential = {
      portal: enrolment.portal,
      org: 'acme',
      deviceId: DEVICE.deviceId,
      token: 'fresh',
      issuedAt: '2026-09-03T12:00:00.000Z',
      expiresAt: GRANT.expiresAt,
    };
    expect(await enrolNow()).toEqual({ credential });
    expect(asked).toMatchObject([{ path: '/v1/enroll', authorization: 'Bearer one-time' }]);
    expect(JSON.parse(asked[0]?.text ?? '')).toEqual(DEVICE);
    expect(asked[0]?.text).not.toContain('one-time');
    expect(readCredential(host.own)).toEqual(credential);
    expect(existsSync(host.own.enrolment)).toBe(false);
  });

  test.each<[string, ReturnType<Answers>, RegExp, boolean, number | null]>([
    [
      'a refusal',
      { status: 401, body: { error: { code: 'token-invalid', message: 'Used up' } } },
      /Used up/,
      false,
      null,
    ],
    ['a wrong address', { status: 404, body: '<html>' }, /answered 404/, false, null],
    ['a grant without a credential', { status: 200, body: { ...GRANT, credential: '' } }, /not a portal/, false, null],
    ['a login page', { status: 200, body: '<html>sign in</html>' }, /captive portal/, false, null],
    ['a broken portal', { status: 503 }, /answered 503/, true, null],
    ['a busy portal', { status: 503, headers: { 'retry-after': '40' } }, /answered 503/, true, 40_000],
    ['a fleet that is held back', { status: 429, headers: { 'retry-after': '7' } }, /answered 429/, true, 7_000],
    ['silence', 'hang up', /./, true, null],
  ])('after %s keeps the secret and has no credential', async (_, answer, why, retry, askedMs) => {
    const { host, enrolment, enrolNow } = await given(() => answer);
    expect(await enrolNow()).toEqual({ refused: expect.stringMatching(why), retry, askedMs });
    expect(readEnrolment(host.own)).toEqual(enrolment);
    expect(readCredential(host.own)).toBeUndefined();
  });
});

describe('renewing', () => {
  test.each<[string, ReturnType<Answers>, string]>([
    ['is granted puts the new one in place', { status: 200, body: GRANT }, 'fresh'],
    ['is refused leaves the old one', { status: 403 }, 'old'],
    ['is not answered leaves the old one', 'hang up', 'old'],
    ['is answered by a stranger leaves the old one', { status: 200, body: { ok: true } }, 'old'],
  ])('that %s', async (_, answer, token) => {
    const { url, asked } = await httpPortal(() => answer);
    const host = tempHost();
    const credential = {
      portal: url,
      org: 'acme',
      deviceId: DEVICE.deviceId,
      token: 'old',
      issuedAt: '2026-01-01T00:00:00.000Z',
      expiresAt: '2026-12-01T00:00:00.000Z',
    };
    writeCredential(host.own, credential);
    await renew(host, directly, credential);
    expect(asked).toMatchObject([{ path: '/v1/renew', authorization: 'Bearer old' }]);
    expect(readCredential(host.own)?.token).toBe(token);
  });
});
