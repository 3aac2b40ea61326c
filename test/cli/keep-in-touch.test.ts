import { writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Touch } from '../../src/cli/keep-in-touch.ts';
import { makeFolder } from '../../src/core/careful-file.ts';
import { readCredential, writeCredential, writeEnrolment } from '../../src/relay/credential.ts';
import { HEARTBEAT_EVERY_MS } from '../../src/relay/heartbeat.ts';
import { directly } from '../helpers/ask-directly.ts';
import { fakeLater } from '../helpers/fake-later.ts';
import { type Answers, httpPortal } from '../helpers/http-portal.ts';
import { tempHost } from '../helpers/temp-home.ts';

const running: Touch[] = [];
afterEach(async () => {
  for (const touch of running.splice(0)) await touch.stop();
});

const DAY_MS = 86_400_000;
const GRANT = { credential: 'fresh', expiresAt: '2026-09-13T12:00:00.000Z', org: 'acme' };

/** An agent in front of a real server; time and timers are the test's. */
async function given(answers: Answers) {
  const { url, asked } = await httpPortal(answers);
  let clock = new Date('2026-09-03T12:00:00.000Z');
  const host = { ...tempHost(), now: () => clock };
  makeFolder(host.own.home);
  const timers = fakeLater();
  let enrolled = 0;
  const touch = new Touch(host, {
    ask: directly,
    device: () => ({ deviceId: 'device-1', name: 'laptop', agentVersion: '0.1.0', kiro: [] }),
    report: () => ({ agentVersion: '0.1.0' }),
    later: timers.later,
    enrolled: () => {
      enrolled += 1;
    },
  });
  running.push(touch);
  return {
    url,
    host,
    touch,
    timers,
    paths: () => asked.map(({ path }) => path),
    asked,
    enrolled: () => enrolled,
    enrol: () => writeEnrolment(host.own, { portal: url, secret: 'one-time' }),
    hold: (token: string, days: number) =>
      writeCredential(host.own, {
        portal: url,
        org: 'acme',
        deviceId: 'device-1',
        token,
        issuedAt: clock.toISOString(),
        expiresAt: new Date(clock.getTime() + days * DAY_MS).toISOString(),
      }),
    pass: (ms: number) => {
      clock = new Date(clock.getTime() + ms);
    },
    /** Looks, and waits until the next look is put off. */
    async look() {
      touch.look();
      return (await timers.asked()).ms;
    },
  };
}
const grants = { status: 200, body: GRANT };

describe('an agent without a credential', () => {
  test('and without a code asks nobody', async () => {
    const { look, touch, paths } = await given(() => grants);
    expect(await look()).toBe(HEARTBEAT_EVERY_MS);
    expect(touch.state()).toEqual({ state: 'none', why: null });
    expect(paths()).toEqual([]);
  });

  test('enrols with its code, tells that it has, and sends its first heartbeat', async () => {
    const { look, touch, paths, asked, enrol, enrolled } = await given(() => grants);
    enrol();
    expect(touch.state()).toEqual({ state: 'pending', why: null });
    expect(await look()).toBe(HEARTBEAT_EVERY_MS);
    expect(touch.state()).toEqual({ state: 'enrolled', why: null });
    expect(touch.credential()?.token).toBe('fresh');
    expect(enrolled()).toBe(1);
    expect(paths()).toEqual(['/v1/enroll', '/v1/heartbeat']);
    expect(asked[0]?.text).toContain('"user":"dev"');
    expect(asked[1]?.authorization).toBe('Bearer fresh');
  });

  test('tries again, later each time, while the portal is away', async () => {
    const { look, touch, timers, enrol, enrolled } = await given((_, n) => (n < 2 ? 'hang up' : grants));
    enrol();
    expect(await look()).toBe(1_000);
    expect(touch.state()).toEqual({ state: 'pending', why: expect.stringContaining('cannot be reached') });
    timers.waiting[0]?.fire();
    const second = await timers.asked();
    expect(second.ms).toBe(2_000);
    second.fire();
    expect((await timers.asked()).ms).toBe(HEARTBEAT_EVERY_MS);
    expect(touch.state()).toEqual({ state: 'enrolled', why: null });
    expect(enrolled()).toBe(1);
  });

  test('comes no sooner than a portal with too much to do asks for', async () => {
    const { look, enrol } = await given(() => ({ status: 503, headers: { 'retry-after': '40' } }));
    enrol();
    expect(await look()).toBe(40_000);
  });

  test('whose code is refused says so and does not hammer', async () => {
    const { look, touch, enrol } = await given(() => ({
      status: 401,
      body: { error: { code: 'token-invalid', message: 'The code was used' } },
    }));
    enrol();
    expect(await look()).toBe(15 * 60_000);
    expect(touch.state()).toEqual({ state: 'pending', why: 'The code was used (token-invalid)' });
  });
});

describe('an agent with a credential', () => {
  test('sends a heartbeat when its time has come', async () => {
    const { look, timers, paths, hold } = await given(() => ({ status: 204 }));
    hold('old', 10);
    await look();
    (await timers.asked()).fire();
    await timers.asked();
    expect(paths()).toEqual(['/v1/heartbeat', '/v1/heartbeat']);
  });

  test('trades it for a fresh one after 70 % of its life', async () => {
    const { look, timers, paths, asked, hold, host, pass, enrolled } = await given(() => grants);
    hold('old', 10);
    await look();
    pass(7 * DAY_MS);
    (await timers.asked()).fire();
    await timers.asked();
    expect(paths()).toEqual(['/v1/heartbeat', '/v1/renew', '/v1/heartbeat']);
    expect(asked.map(({ authorization }) => authorization)).toEqual(['Bearer old', 'Bearer old', 'Bearer fresh']);
    expect(readCredential(host.own)?.token).toBe('fresh');
    expect(enrolled()).toBe(1);
  });

  test('keeps the old one when the portal has no new one, and goes on', async () => {
    const { look, paths, hold, host, pass } = await given(({ path }) => ({ status: path === '/v1/renew' ? 500 : 204 }));
    hold('old', 10);
    pass(8 * DAY_MS);
    expect(await look()).toBe(HEARTBEAT_EVERY_MS);
    expect(paths()).toEqual(['/v1/renew', '/v1/heartbeat']);
    expect(readCredential(host.own)?.token).toBe('old');
  });

  test('enrols anew with a new code, and keeps the old one until that is granted', async () => {
    const { look, touch, enrol, hold, host } = await given(({ path }) => ({
      status: path === '/v1/enroll' ? 401 : 204,
    }));
    hold('old', 10);
    enrol();
    await look();
    expect(touch.state().state).toBe('pending');
    expect(readCredential(host.own)?.token).toBe('old');
  });
});

describe('files of ours that were broken by hand', () => {
  test('are said and not thrown, and looked at again', async () => {
    const { look, touch, host, hold, timers } = await given(() => ({ status: 204 }));
    writeFileSync(host.own.credential, '{"portal":');
    expect(touch.credential()).toBeUndefined();
    expect(await look()).toBe(HEARTBEAT_EVERY_MS);
    expect(touch.state()).toEqual({ state: 'none', why: expect.stringContaining(host.own.credential) });
    hold('mended', 10);
    (await timers.asked()).fire();
    await timers.asked();
    expect(touch.state()).toEqual({ state: 'enrolled', why: null });
  });
});

test('a look that is asked for while one is under way is not lost', async () => {
  const { touch, timers, paths, hold } = await given(() => ({ status: 204 }));
  hold('old', 10);
  touch.look();
  touch.look();
  touch.look();
  await timers.asked();
  await touch.stop();
  expect(paths()).toEqual(['/v1/heartbeat', '/v1/heartbeat']);
  expect(timers.waiting).toEqual([]);
});

test('once stopped it asks nobody', async () => {
  const { touch, paths, hold } = await given(() => ({ status: 204 }));
  hold('old', 10);
  await touch.stop();
  touch.look();
  expect(paths()).toEqual([]);
});
