import { expect, test } from '@jest/globals';
import { runWithin } from '../../src/capture/time-limit.ts';

test('work within the limit gives its result, or its own error', () => {
  expect(runWithin(1_000, () => [1, 2])).toEqual([1, 2]);
  expect(() =>
    runWithin(1_000, () => {
      throw new TypeError('its own');
    }),
  ).toThrow(new TypeError('its own'));
});

test('a regular expression that would run for years is stopped', () => {
  const endless = /^(a+)+$/;
  expect(() => runWithin(20, () => endless.test(`${'a'.repeat(60)}!`))).toThrow(/timed out/);
});

test('what was stopped does not stand in the way of what comes after', () => {
  expect(() => runWithin(5, () => /^(a+)+$/.test(`${'a'.repeat(60)}!`))).toThrow();
  expect(runWithin(1_000, () => 'next')).toBe('next');
});
