import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { readDevice } from '../../src/cli/device.ts';
import { Failure } from '../../src/core/failure.ts';
import { tempHost } from '../helpers/temp-home.ts';

test('a device is made once, stays the same, and is known to its owner only', () => {
  const host = tempHost();
  const device = readDevice(host);
  expect(device.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  expect(device.redactionKey).toHaveLength(32);
  expect(readDevice(host)).toEqual(device);
  expect(statSync(host.own.device).mode & 0o777).toBe(0o600);
});

test('two devices have nothing in common', () => {
  const [one, other] = [readDevice(tempHost()), readDevice(tempHost())];
  expect(one.id).not.toBe(other.id);
  expect(one.redactionKey.equals(other.redactionKey)).toBe(false);
});

test.each(['', '{}', '{"id":"laptop","redactionKey":"AAAA"}', 'null'])(
  'a file that holds %j is not replaced',
  (text) => {
    const host = tempHost();
    mkdirSync(host.own.home, { recursive: true });
    writeFileSync(host.own.device, text);
    expect(() => readDevice(host)).toThrow(
      expect.objectContaining({ code: 'config-invalid', message: expect.stringContaining(host.own.device) }),
    );
    expect(readFileSync(host.own.device, 'utf8')).toBe(text);
  },
);

test.each([
  ['{"id":"laptop","redactionKey":"c2VjcmV0LWtleQ==', 'it is not JSON'],
  ['c2VjcmV0LWtleQ==', 'it is not JSON'],
  ['{"id":"c2VjcmV0LWtleQ==","redactionKey":7}', 'it has no valid id and redactionKey'],
  ['["c2VjcmV0LWtleQ=="]', 'it is not an object'],
])('what is wrong with %j is said without a word of it', (text, wrong) => {
  const host = tempHost();
  mkdirSync(host.own.home, { recursive: true });
  writeFileSync(host.own.device, text);
  const failure = expectFailure(() => readDevice(host));
  expect(failure.message).toBe(`${host.own.device} is not what capsule-kiro wrote: ${wrong}`);
  expect(inspect(failure)).not.toContain('c2VjcmV0');
});

function expectFailure(work: () => unknown): Failure {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return error;
  }
  throw new Error('it was to fail');
}
