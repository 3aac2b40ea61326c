import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  type Credential,
  readCredential,
  readEnrolment,
  renewalDue,
  writeCredential,
  writeEnrolment,
} from '../../src/relay/credential.ts';
import { tempHost } from '../helpers/temp-home.ts';

const CREDENTIAL: Credential = {
  portal: 'https://capsule.example',
  org: 'default',
  deviceId: 'device-1',
  token: 'very-secret',
  issuedAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-11T00:00:00.000Z',
};

describe('a credential', () => {
  test('comes back as it was written, from a file for its owner only', () => {
    const { own } = tempHost();
    expect(readCredential(own)).toBeUndefined();
    writeCredential(own, CREDENTIAL);
    expect(readCredential(own)).toEqual(CREDENTIAL);
    expect(statSync(own.credential).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['is no JSON', 'very-secret, but not JSON'],
    ['is half a file', JSON.stringify(CREDENTIAL).slice(0, 60)],
    ['lacks the token', JSON.stringify({ ...CREDENTIAL, token: undefined })],
    ['has an empty token', JSON.stringify({ ...CREDENTIAL, token: '' })],
    ['has no time', JSON.stringify({ ...CREDENTIAL, expiresAt: 'soon' })],
    ['has no address', JSON.stringify({ ...CREDENTIAL, portal: 'capsule' })],
  ])('that %s is refused by its path, and the secret is not repeated', (_, text) => {
    const { own } = tempHost();
    mkdirSync(own.home, { recursive: true });
    writeFileSync(own.credential, text);
    const told = { code: 'config-invalid', hint: expect.stringContaining('token set') };
    expect(() => readCredential(own)).toThrow(expect.objectContaining(told));
    expect(() => readCredential(own)).toThrow(own.credential);
    expect(() => readCredential(own)).not.toThrow('very-secret');
  });

  test.each([
    ['2026-01-07T07:00:00.000Z', false],
    ['2026-01-08T17:00:00.000Z', true],
    ['2026-02-01T00:00:00.000Z', true],
    ['2025-12-01T00:00:00.000Z', false],
  ])('of ten days is due for renewal after about seven: at %s %s', (now, due) => {
    expect(renewalDue(CREDENTIAL, new Date(now))).toBe(due);
  });

  test('is due at a moment of its own on each device, the same each time', () => {
    const due = (deviceId: string) => {
      let at = Date.parse('2026-01-07T00:00:00.000Z');
      while (!renewalDue({ ...CREDENTIAL, deviceId }, new Date(at))) at += 60_000;
      return at;
    };
    const devices = Array.from({ length: 20 }, (_, n) => `device-${n}`);
    expect(new Set(devices.map(due)).size).toBeGreaterThan(15);
    expect(devices.map(due)).toEqual(devices.map(due));
  });
});

describe('an enrolment that waits', () => {
  test('comes back as it was written, from a file for its owner only', () => {
    const { own } = tempHost();
    expect(readEnrolment(own)).toBeUndefined();
    writeEnrolment(own, { portal: 'https://capsule.example', secret: 'one-time' });
    expect(readEnrolment(own)).toEqual({ portal: 'https://capsule.example', secret: 'one-time' });
    expect(statSync(own.enrolment).mode & 0o777).toBe(0o600);
  });

  test('without its secret is refused by its path', () => {
    const { own } = tempHost();
    mkdirSync(own.home, { recursive: true });
    writeFileSync(own.enrolment, '{"portal":"https://capsule.example"}');
    expect(() => readEnrolment(own)).toThrow(
      expect.objectContaining({ code: 'config-invalid', message: expect.stringContaining(own.enrolment) }),
    );
  });
});
