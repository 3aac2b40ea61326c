import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareVersions, isVersion } from '../../../src/cli/placing/version-order.ts';

test('versions stand in their order, number by number', () => {
  const inOrder = [
    'nonsense',
    '0.0.9',
    '0.1.0-alpha',
    '0.1.0-beta',
    '0.1.0',
    '0.1.1',
    '0.2',
    '0.10.0',
    '1.0.0',
    '10.0.0',
  ];
  for (const [at, version] of inOrder.entries()) {
    for (const later of inOrder.slice(at + 1)) {
      expect([version, later, compareVersions(version, later) < 0, compareVersions(later, version) > 0]).toEqual([
        version,
        later,
        true,
        true,
      ]);
    }
  }
  expect(compareVersions('1.0', '1.0.0')).toBe(0);
});

test('no two texts are both before each other', () => {
  const version = fc.oneof(
    fc.string(),
    fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20)).map((each) => each.join('.')),
  );
  fc.assert(
    fc.property(version, version, (a, b) => {
      expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0);
    }),
  );
});

test('what is no version is told', () => {
  expect(['1.2.3', '1', '1.2.3-rc.1'].map(isVersion)).toEqual([true, true, true]);
  expect(['', 'v1', '1..2', '1.2.3 ', '1.2.3\n4', '-1'].map(isVersion)).toEqual(Array(6).fill(false));
});
