import { expect, test } from '@jest/globals';
import { ago, bytes, counted, credits, duration, kiroVersion, number } from '../../../src/portal/web/format.ts';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

test.each([
  [0, 'just now'],
  [4.9 * MINUTE, '4 min ago'],
  [3 * 60 * MINUTE, '3 h ago'],
  [1.5 * DAY, 'yesterday'],
  [12 * DAY, '12 d ago'],
  [28 * DAY, null],
  [-5 * MINUTE, null],
])('%d ms before now is %s', (age, words) => {
  expect(ago(1e12 - age, 1e12)).toBe(words);
});

test.each([
  [0, '0 ms'],
  [840.7, '840 ms'],
  [2_449, '2.4 s'],
  [59_960, '59.9 s'],
  [88_000, '1 min 28 s'],
  [120_000, '2 min'],
  [7_500_000, '2 h 5 min'],
  [90_000_000, '1 d 1 h'],
])('%d ms are written %s', (ms, words) => {
  expect(duration(ms)).toBe(words);
});

test.each([
  [512, '512 B'],
  [1_024, '1.0 KiB'],
  [12_605, '12.3 KiB'],
  [4 * 1_024 ** 2, '4.0 MiB'],
  [1_024 ** 5, '1024.0 TiB'],
])('%d bytes are written %s', (count, words) => {
  expect(bytes(count)).toBe(words);
});

test('numbers are grouped, counted things have their plural, credits lose zeros', () => {
  expect(number(10_211_402)).toBe('10\u202f211\u202f402');
  expect([counted(1, 'tool'), counted(0, 'tool'), counted(2, 'is', 'are')]).toEqual(['1 tool', '0 tools', '2 are']);
  expect([credits(0.1 + 0.2), credits(3)]).toEqual(['0.3', '3']);
});

test('several Kiros are named one after the other, and an unknown version is said to be that', () => {
  expect(kiroVersion([])).toBe('–');
  expect(
    kiroVersion([
      { generation: 'ide-0.x', version: '0.9.3' },
      { generation: 'ide-1.x', version: null },
    ]),
  ).toBe('0.9.3 · 0.x, version unknown · 1.x');
});
