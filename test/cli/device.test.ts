import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { readDevice } from '../../src/cli/device.ts';
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
