import { expect, test } from '@jest/globals';
import { checkBinding, checkPort, chooseRole, readLifetime, readOrg, readUses } from '../../src/cli/portal-options.ts';

const DAY_MS = 86_400_000;

test('a lifetime is a whole number of days from 1 to 365, and each thing has its usual one', () => {
  expect([readLifetime('token'), readLifetime('key'), readLifetime('code'), readLifetime('admin')]).toEqual([
    365 * DAY_MS,
    365 * DAY_MS,
    DAY_MS,
    DAY_MS,
  ]);
  expect([readLifetime('code', 1), readLifetime('token', 365)]).toEqual([DAY_MS, 365 * DAY_MS]);
  for (const days of [0, -1, 366, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => readLifetime('token', days)).toThrow('--ttl-days must be a whole number from 1 to 365');
  }
});

test.each(['127.0.0.1', '127.8.8.8', 'localhost', '::1'])('%s is this machine alone, so it needs no TLS', (host) => {
  expect(() => checkBinding(host, false)).not.toThrow();
});

test.each(['0.0.0.0', '::', '192.168.1.7', 'portal.acme.example', '127.evil.example'])(
  '%s is refused without TLS unless asked for by name',
  (host) => {
    expect(() => checkBinding(host, false)).toThrow('without TLS');
    expect(() => checkBinding(host, true)).not.toThrow();
  },
);

test('a key reads unless told otherwise, a sign-in link is for an administrator', () => {
  expect([chooseRole('key', undefined), chooseRole('admin', undefined), chooseRole('key', 'analyst')]).toEqual([
    'viewer',
    'admin',
    'analyst',
  ]);
});

test.each([-1, 65_536, 1.5, Number.NaN])('%d is no port', (port) => {
  expect(() => checkPort(port)).toThrow('--port');
});

test.each([0, -1, 1.5])('a code for %d devices makes no sense', (uses) => {
  expect(() => readUses(uses)).toThrow('--uses');
});

test('an organisation has a name that can be read', () => {
  expect(readOrg(' Acme Ltd ')).toBe('Acme Ltd');
  for (const name of ['', '  ', 'x'.repeat(81), 'a\nb', 'a\u202eb']) expect(() => readOrg(name)).toThrow('--org');
});
