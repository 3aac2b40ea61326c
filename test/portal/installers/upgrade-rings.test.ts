import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { UpgradeRings } from '../../../src/portal/installers/rings-schema.ts';
import { type RingAgent, ringFinder } from '../../../src/portal/installers/upgrade-rings.ts';

const ring = (given: Partial<UpgradeRings['rings'][number]>) => ({
  ...{ name: 'canary', percent: 0, users: [], devices: [], upTo: 'newest', startsAt: null, daysAfter: null },
  ...given,
});
const ringOf = (rings: Pick<UpgradeRings, 'rings'>, asked: RingAgent) => ringFinder(rings)(asked);
const agent = (id: string, user = 'dev', name = 'mbp-14') => ({ id, user, name });

describe('an agent is in the ring', () => {
  test('that names its user or device first, however small its share, and else in that of its share', () => {
    const rings = [ring({ name: 'a', users: ['ann'] }), ring({ name: 'b', devices: ['BUILD-*-linux'], percent: 100 })];
    expect(ringOf({ rings }, agent('1', 'Ann'))?.name).toBe('a');
    expect(ringOf({ rings }, agent('1', 'joann', 'build-7-linux'))?.name).toBe('b');
    expect(ringOf({ rings: [ring({ name: 'a', users: ['a*', '*z'] })] }, agent('1', 'banana'))).toBeUndefined();
  });

  test('of its share for ever: a larger share takes more in and lets nobody go', () => {
    const ids = Array.from({ length: 2_000 }, (_, n) => `device-${n}`);
    const within = (percent: number) =>
      ids.filter((id) => ringOf({ rings: [ring({ percent })] }, agent(id)) !== undefined);
    const [five, thirty] = [within(5), within(30)];
    expect(five.length).toBeGreaterThan(60);
    expect(five.length).toBeLessThan(140);
    expect(five.every((id) => thirty.includes(id))).toBe(true);
    expect(within(0)).toEqual([]);
    expect(within(100)).toEqual(ids);
  });

  test('whose pattern is its text with stars in it, and patterns of any kind are answered', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-'), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), text, (parts, other) => {
        const pattern = parts.join('*');
        const expected = new RegExp(`^${parts.map((part) => part.replaceAll('.', '\\.')).join('.*')}$`).test(other);
        const rings = [ring({ users: [pattern] })];
        expect(ringOf({ rings }, agent('1', other)) !== undefined).toBe(expected);
        expect(ringOf({ rings }, agent('1', parts.join(other)))).toBeDefined();
      }),
    );
  });

  test('that comes first of those that name it, whole or with stars', () => {
    const pattern = fc.constantFrom('ann', 'Ann', 'a*', '*n', 'bob', '*');
    fc.assert(
      fc.property(fc.array(fc.array(pattern, { maxLength: 3 }), { maxLength: 5 }), fc.boolean(), (lists, byName) => {
        const rings = lists.map((users, at) => ring({ name: `${at}`, ...(byName ? { devices: users } : { users }) }));
        const first = lists.findIndex((list) => list.some((each) => each !== 'bob'));
        const asked = byName ? agent('1', 'zoe', 'ann') : agent('1', 'ann', 'zoe');
        expect(ringOf({ rings }, asked)?.name).toBe(first < 0 ? undefined : `${first}`);
      }),
    );
  });
});
