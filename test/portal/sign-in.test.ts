import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { countAttempts } from '../../src/portal/attempts.ts';
import { PASSWORD_COST, passwordProblem, passwordsAt } from '../../src/portal/passwords.ts';
import { addressBy, wayIn } from '../../src/portal/way-in.ts';
import { startPortal, type TestPortal } from '../helpers/portal.ts';

// Real passwords cost a fifth of a second of one core each.
jest.setTimeout(60_000);

const PASSWORD = 'correct horse battery';
let portal: TestPortal;
let now: Date;

beforeEach(async () => {
  now = new Date('2026-09-03T12:00:00.000Z');
  portal = await startPortal({ now: () => now });
});

interface Said {
  status: number;
  code: string | undefined;
  body: Record<string, unknown>;
  cookie: string;
}
async function ask(method: string, where: string, body?: object, cookie = ''): Promise<Said> {
  const response = await fetch(portal.address + where, {
    method,
    headers: { origin: portal.address, 'content-type': 'application/json', cookie },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Record<string, unknown> & { error?: { code: string } };
  const given = response.headers.get('set-cookie')?.split(';')[0] ?? '';
  return { status: response.status, code: answer.error?.code, body: answer, cookie: given };
}
const secretOf = (link: string): string => link.split('#link=')[1] ?? '';
const byLink = (link: string) => ask('POST', '/api/sign-in', { link: secretOf(link) });
const byPassword = (account: string, password: string) => ask('POST', '/api/sign-in', { account, password });

async function admin(): Promise<string> {
  const { cookie } = await byLink(await portal.link());
  await ask('POST', '/api/me/password', { password: PASSWORD }, cookie);
  return cookie;
}
async function invite(cookie: string, account: string, role = 'analyst'): Promise<string> {
  const { body } = await ask('POST', '/api/members', { account, role }, cookie);
  return String(body.link);
}

describe('signing in', () => {
  test('goes by a link first, and by the password chosen then', async () => {
    const first = await byLink(await portal.link());
    expect((await ask('GET', '/api/me', undefined, first.cookie)).body).toMatchObject({ hasPassword: false });
    expect((await ask('POST', '/api/me/password', { password: PASSWORD }, first.cookie)).status).toBe(200);
    const second = await byPassword('admin', PASSWORD);
    expect(second.status).toBe(200);
    expect((await ask('GET', '/api/me', undefined, second.cookie)).body).toMatchObject({
      account: 'admin',
      role: 'admin',
      hasPassword: true,
    });
  });

  test('answers a wrong password and an account that is not there in the same words', async () => {
    await admin();
    const wrong = await byPassword('admin', 'not the password');
    expect(wrong).toMatchObject({ status: 401, code: 'sign-in-refused' });
    expect((await byPassword('nobody', 'not the password')).body.error).toEqual(wrong.body.error);
  });

  test('makes whoever guesses ten times wrong wait, and says how long', async () => {
    await admin();
    for (let guess = 0; guess < 10; guess++) await byPassword('admin', `guess number ${guess}`);
    const blocked = await byPassword('admin', PASSWORD);
    expect(blocked).toMatchObject({ status: 429, code: 'too-many-tries' });
    now = new Date(now.getTime() + 10 * 60_000);
    expect((await byPassword('admin', PASSWORD)).status).toBe(200);
  });

  test('takes another password only with the current one, and ends the other sessions then', async () => {
    const here = await admin();
    const elsewhere = (await byPassword('admin', PASSWORD)).cookie;
    const other = { password: 'another long password' };
    expect(await ask('POST', '/api/me/password', { ...other, current: 'wrong' }, here)).toMatchObject({
      status: 400,
      code: 'password-wrong',
    });
    expect((await ask('POST', '/api/me/password', { ...other, current: PASSWORD }, here)).status).toBe(200);
    expect((await ask('GET', '/api/me', undefined, elsewhere)).status).toBe(401);
    expect((await ask('GET', '/api/me', undefined, here)).status).toBe(200);
    expect((await byPassword('admin', PASSWORD)).status).toBe(401);
  });

  test('keeps no password in clear, and says none to anybody', async () => {
    const cookie = await admin();
    const org = await portal.store.organisation('default', '');
    const account = await portal.store.accounts.get(org.id, 'admin');
    expect(account?.password).toMatch(/^scrypt\$1024\$8\$1\$/);
    const members = await ask('GET', '/api/members', undefined, cookie);
    expect(members.body).toMatchObject({ members: [{ id: 'admin', hasPassword: true }] });
    expect(JSON.stringify(members.body)).not.toContain('scrypt');
  });
});

describe('members', () => {
  test('come by a link that an administrator makes, with the role it says', async () => {
    const cookie = await admin();
    const member = await byLink(await invite(cookie, 'ana.k', 'analyst'));
    expect((await ask('GET', '/api/me', undefined, member.cookie)).body).toMatchObject({
      account: 'ana.k',
      role: 'analyst',
    });
    expect((await ask('GET', '/api/members', undefined, member.cookie)).status).toBe(403);
    expect((await ask('POST', '/api/members', { account: 'x', role: 'admin' }, member.cookie)).status).toBe(403);
  });

  test('whose role is changed, or who are shut out, are signed out at once, and their links are worth nothing', async () => {
    const cookie = await admin();
    const member = await byLink(await invite(cookie, 'ana.k'));
    await ask('POST', '/api/me/password', { password: PASSWORD }, member.cookie);
    const unused = await invite(cookie, 'ana.k', 'admin');
    expect((await ask('PATCH', '/api/members/ana.k', { disabled: true }, cookie)).status).toBe(200);
    expect((await ask('GET', '/api/me', undefined, member.cookie)).status).toBe(401);
    expect((await byLink(unused)).status).toBe(401);
    expect((await byPassword('ana.k', PASSWORD)).status).toBe(401);
    await ask('PATCH', '/api/members/ana.k', { disabled: false, role: 'viewer' }, cookie);
    expect((await ask('GET', '/api/me', undefined, (await byPassword('ana.k', PASSWORD)).cookie)).body).toMatchObject({
      role: 'viewer',
    });
  });

  test('keep one administrator among them', async () => {
    const cookie = await admin();
    for (const change of [{ disabled: true }, { role: 'viewer' }]) {
      expect(await ask('PATCH', '/api/members/admin', change, cookie)).toMatchObject({
        status: 409,
        code: 'last-admin',
      });
    }
    await byLink(await invite(cookie, 'second', 'admin'));
    expect((await ask('PATCH', '/api/members/admin', { role: 'viewer' }, cookie)).status).toBe(200);
  });

  test('of another organisation are like members that are not there', async () => {
    const cookie = await admin();
    await byLink(await invite(cookie, 'ana.k'));
    const theirs = (await byLink(await portal.link({ org: 'other' }))).cookie;
    const foreign = await ask('PATCH', '/api/members/ana.k', { disabled: true }, theirs);
    expect(foreign).toMatchObject({ status: 404 });
    const unknown = await ask('PATCH', '/api/members/nobody', { disabled: true }, theirs);
    expect(foreign.body.error).toEqual(unknown.body.error);
  });
});

test('an API key made by an administrator has the role and the life it was made with', async () => {
  const cookie = await admin();
  const made = await ask('POST', '/api/keys', { role: 'analyst', days: 30, label: 'nightly export' }, cookie);
  expect(made.body).toMatchObject({ value: expect.stringMatching(/^ck_/), expiresAt: '2026-10-03T12:00:00.000Z' });
  const headers = { authorization: `Bearer ${made.body.value}` };
  const me = await fetch(`${portal.address}/api/me`, { headers });
  expect(await me.json()).toMatchObject({ role: 'analyst', signedInBy: 'key' });
  const { body } = await ask('GET', '/api/tokens', undefined, cookie);
  expect(JSON.stringify(body)).toContain('nightly export');
  expect(JSON.stringify(body)).not.toContain(String(made.body.value));
  const out = await fetch(`${portal.address}/api/sign-out`, { method: 'POST', headers });
  expect([out.status, await out.json()]).toMatchObject([403, { error: { code: 'account-needed' } }]);
  expect((await fetch(`${portal.address}/api/me`, { headers })).status).toBe(200);
  expect(await ask('POST', '/api/keys', { days: 366 }, cookie)).toMatchObject({ status: 400, code: 'key-invalid' });
});

describe('a password', () => {
  test('is long, is more than one character over and over, and is not the account’s name', () => {
    expect(passwordProblem(PASSWORD, 'ana')).toBeUndefined();
    expect(passwordProblem('short', 'ana')).toContain('at least 12');
    expect(passwordProblem('aaaaaaaaaaaaaaa', 'ana')).toContain('over and over');
    expect(passwordProblem('my name is Anastasia', 'anastasia')).toContain('account');
    expect(passwordProblem('x1y2z'.repeat(41), 'ana')).toContain('at most 200');
  });

  test('is known again, however its letters were composed', async () => {
    const { hash, isRight } = passwordsAt({ N: 2 ** 10, r: 8, p: 1 });
    const kept = await hash('Grüße aus Köln');
    expect(await isRight('Grüße aus Köln'.normalize('NFD'), kept)).toBe(true);
    expect(await isRight('Grüsse aus Köln', kept)).toBe(false);
    expect(await isRight('anything', undefined)).toBe(false);
  });

  test('costs whoever guesses what it should', async () => {
    expect(await passwordsAt(PASSWORD_COST).hash('x')).toMatch(/^scrypt\$32768\$8\$3\$/);
  });
});

test('wrong tries are counted for a bounded number of addresses', async () => {
  const attempts = countAttempts(() => now);
  for (let guess = 0; guess < 10; guess++) await attempts.wrong(['from:1.2.3.4']);
  await expect(attempts.check(['from:1.2.3.4'])).rejects.toThrow('Too many wrong tries');
  await attempts.check(['from:5.6.7.8']);
  await attempts.right(['from:1.2.3.4']);
  await attempts.check(['from:1.2.3.4']);
});

describe('where a request came from', () => {
  const incoming = (headers: Record<string, string>, encrypted = false) =>
    ({ headers, socket: { encrypted, remoteAddress: '10.0.0.9' } }) as unknown as Parameters<typeof wayIn>[0];
  const forged = {
    host: 'portal.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil.example, real.example',
    'x-forwarded-for': '6.6.6.6, 203.0.113.7',
  };

  test('is the connection’s own word, unless a proxy is trusted; of a list the trusted proxy wrote the last', () => {
    expect(wayIn(incoming(forged), false)).toEqual({ host: 'portal.example', secure: false, from: '10.0.0.9' });
    expect(wayIn(incoming(forged), true)).toEqual({ host: 'real.example', secure: true, from: '203.0.113.7' });
    expect(wayIn(incoming({ host: 'h' }, true), true)).toEqual({ host: 'h', secure: true, from: '10.0.0.9' });
  });

  test('names the portal by the browser’s word only where that is the same host', () => {
    const way = { host: 'portal.example', secure: false, from: '' };
    expect(addressBy(way, 'https://portal.example')).toBe('https://portal.example');
    expect(addressBy(way, 'https://evil.example')).toBe('http://portal.example');
    expect(addressBy({ ...way, secure: true })).toBe('https://portal.example');
  });
});
