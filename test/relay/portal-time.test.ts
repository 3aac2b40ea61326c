import { expect, test } from '@jest/globals';
import { portalTime } from '../../src/relay/portal-time.ts';

test('the portal’s time is ours until its clock was heard, and then its own', () => {
  let ours = Date.parse('2016-01-01T00:00:00.000Z');
  const time = portalTime(() => new Date(ours));
  expect([time.offsetMs(), time.now().toISOString()]).toEqual([null, '2016-01-01T00:00:00.000Z']);
  time.hear('Thu, 03 Sep 2026 12:00:00 GMT');
  ours += 1000;
  expect(time.now().toISOString()).toBe('2026-09-03T12:00:01.000Z');
  time.hear('no date');
  expect(time.now().toISOString()).toBe('2026-09-03T12:00:01.000Z');
});
