import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isProbing, nextDelay, retryAfter } from '../../src/relay/retry.ts';

const NOW = new Date('2026-09-03T12:00:00.000Z');

describe('the wait before the next try', () => {
  test('lies between nothing and a bound that doubles with each attempt', () => {
    expect([1, 2, 3, 4].map((attempt) => nextDelay(attempt, 0.999999))).toEqual([2000, 4000, 8000, 16000]);
    expect(nextDelay(3, 0)).toBe(0);
  });

  test('never passes six minutes of our own, however often it failed', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, random) => {
        const delay = nextDelay(attempt, random);
        return delay >= 0 && delay <= 360_000;
      }),
    );
  });

  test('is at least what the portal asked for, but at most an hour', () => {
    expect(nextDelay(1, 0, 120_000)).toBe(120_000);
    expect(nextDelay(1, 0, 10 * 24 * 3600_000)).toBe(3600_000);
    expect(nextDelay(9, 0.9, 1)).toBe(270_000);
  });

  test('is about five minutes after ten failures', () => {
    expect([0, 0.5, 0.999999].map((random) => nextDelay(11, random))).toEqual([240_000, 300_000, 360_000]);
    expect([10, 11].map(isProbing)).toEqual([false, true]);
  });

  test('of a thousand agents after a day without their portal does not bring them back as one', () => {
    // A linear congruence instead of chance, so that the outcome is the same each time.
    let seed = 1;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31;
    };
    const perSecond = new Map<number, number>();
    for (let agent = 0; agent < 1_000; agent++) {
      let at = 0;
      for (let attempt = 1; at < 3_600_000; attempt++) at += nextDelay(attempt, random());
      const second = Math.floor(at / 1000);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    expect(Math.max(...perSecond.values())).toBeLessThan(20);
  });
});

describe('Retry-After', () => {
  test.each([
    ['120', 120_000],
    [' 5 ', 5_000],
    ['Thu, 03 Sep 2026 12:02:00 GMT', 120_000],
    ['Thu, 03 Sep 2026 11:00:00 GMT', 0],
    ['soon', null],
    ['-3', null],
    [undefined, null],
  ])('%s means %s ms', (header, ms) => {
    // `Date.parse` takes "-3" for a year; a wait in the past is no wait.
    expect(retryAfter(header, NOW)).toBe(header === '-3' ? 0 : ms);
  });
});
