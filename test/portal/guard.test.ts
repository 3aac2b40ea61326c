import { request } from 'node:http';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { checkHost } from '../../src/portal/guard.ts';
import { startPortal, type TestPortal } from '../helpers/portal.ts';

describe('the Host header', () => {
  test.each(['127.0.0.1:4170', 'localhost', '[::1]:80', '192.168.1.7', 'portal.acme.example:8443'])(
    '%s is ours',
    (host) => {
      expect(() => checkHost(host, ['portal.acme.example'])).not.toThrow();
    },
  );
  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '', 'a b', undefined])(
    '%s is not',
    (host) => {
      expect(() => checkHost(host, ['portal.acme.example'])).toThrow('not known by that name');
    },
  );
});

let portal: TestPortal;
beforeEach(async () => {
  portal = await startPortal();
});

test('a page of a name that was made to point here is refused, whatever it asks', async () => {
  for (const path of ['/', '/api/health', '/v1/enroll']) {
    const status = await new Promise((resolve, reject) => {
      request(portal.address + path, { headers: { host: 'evil.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(421);
  }
});

test('every answer carries the security headers, and those of the API are never kept', async () => {
  for (const path of ['/', '/assets/unknown.js', '/api/health', '/api/events', '/v1/unknown']) {
    const { headers } = await fetch(portal.address + path);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    expect(headers.get('content-security-policy')).toContain("trusted-types 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    if (path !== '/') expect(headers.get('cache-control')).toBe('no-store');
  }
});

test('an unknown address of the API is not the page, and a known one takes only its method', async () => {
  const post = { method: 'POST' };
  expect((await fetch(`${portal.address}/api/unknown`)).status).toBe(404);
  expect((await fetch(`${portal.address}/api/events/a/b`)).status).toBe(404);
  expect((await fetch(`${portal.address}/api/events`, post)).status).toBe(405);
  expect((await fetch(`${portal.address}/v1/events`)).status).toBe(405);
  expect((await fetch(`${portal.address}/somewhere`, post)).status).toBe(404);
  expect((await fetch(`${portal.address}/inventory/agents`)).headers.get('content-type')).toContain('text/html');
});

describe('signing in', () => {
  const signIn = async (link: string, origin: string | undefined = portal.address) =>
    fetch(`${portal.address}/api/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(origin !== undefined && { origin }) },
      body: JSON.stringify({ link: new URL(link).hash.replace('#link=', '') }),
    });

  test('gives a cookie that scripts cannot read and other sites do not send', async () => {
    const answer = await signIn(await portal.link());
    expect(answer.status).toBe(200);
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^capsule_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    const me = await fetch(`${portal.address}/api/me`, { headers: { cookie: cookie.split(';')[0] ?? '' } });
    expect(await me.json()).toMatchObject({
      organisation: 'default',
      account: 'admin',
      role: 'admin',
      signedInBy: 'session',
    });
  });

  test('works once for a link, and never from another page', async () => {
    const link = await portal.link();
    expect((await signIn(link, 'https://evil.example')).status).toBe(403);
    const [first, second] = await Promise.all([signIn(link), signIn(link)]);
    expect([first.status, second.status].sort()).toEqual([200, 401]);
    expect(await (await signIn(link)).json()).toMatchObject({ error: { code: 'token-revoked' } });
  });

  test('ends with signing out, for the cookie wherever it was copied to; another page cannot do that', async () => {
    const cookie = (await signIn(await portal.link())).headers.get('set-cookie')?.split(';')[0] ?? '';
    const signOut = (origin: string) =>
      fetch(`${portal.address}/api/sign-out`, { method: 'POST', headers: { cookie, origin } });
    expect((await signOut('https://evil.example')).status).toBe(403);
    expect((await fetch(`${portal.address}/api/me`, { headers: { cookie } })).status).toBe(200);
    expect((await signOut(portal.address)).status).toBe(200);
    expect((await fetch(`${portal.address}/api/me`, { headers: { cookie } })).status).toBe(401);
  });
});
