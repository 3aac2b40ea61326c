import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ringsSchema, type UpgradeRings } from '../../../src/portal/installers/rings-schema.ts';
import { isTooMany, standingOf, turnsOf } from '../../../src/portal/installers/upgrade-standing.ts';

const DAY_MS = 86_400_000;
const NOW = new Date('2026-09-10T12:00:00.000Z');
const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY_MS).toISOString();
const ring = (name: string, more: object = {}) => ({
  ...{ name, percent: 0, users: [], devices: [], upTo: 'newest' },
  ...more,
});
const rings = (list: object[], more: object = {}): UpgradeRings =>
  ringsSchema.parse({ rings: list, others: 'newest', ...more });
const nothing = { version: '0.2.0', tally: [], halts: [] };
const stateOf = (all: UpgradeRings, name: string | null, history: object = {}, now = NOW) =>
  standingOf(all, name, { ...nothing, ...history }, now);

describe('a ring is offered a version', () => {
  test('up to its own, by number and not by letter; none while it is paused', () => {
    const upTo = (limit: string | null, version: string) =>
      stateOf(rings([ring('a', { upTo: limit })]), 'a', { version }).state;
    expect([upTo('0.10.0', '0.9.0'), upTo('0.10.0', '0.10.0'), upTo('0.10.0', '0.11.0')]).toEqual([
      ...['open', 'open', 'behind'],
    ]);
    expect([upTo('newest', '9.0.0'), upTo(null, '0.0.1'), upTo('0.2.0', 'strange')]).toEqual([
      ...['open', 'paused', 'behind'],
    ]);
    expect(stateOf(rings([]), null).state).toBe('open');
    expect(stateOf(rings([ring('a')], { others: null }), null).state).toBe('paused');
  });

  test('not before its date', () => {
    const all = rings([ring('a', { startsAt: daysAgo(-1) })], { othersStartsAt: daysAgo(0) });
    expect(stateOf(all, 'a')).toEqual({ state: 'waiting', from: daysAgo(-1) });
    expect(stateOf(all, 'a', {}, new Date(daysAgo(-1))).state).toBe('open');
    expect(stateOf(all, null).state).toBe('open');
  });

  test('so many days after the first agent of the ring before was offered it, and not while that one is paused', () => {
    const all = (first: object = {}) => rings([ring('a', first), ring('b', { daysAfter: 3 })], { othersDaysAfter: 7 });
    expect(stateOf(all(), 'b')).toEqual({ state: 'waiting', from: null });
    const tally = [
      { ring: 'a', begunAt: daysAgo(2) },
      { ring: 'b', begunAt: daysAgo(8) },
    ];
    expect(stateOf(all(), 'b', { tally })).toEqual({ state: 'waiting', from: daysAgo(-1) });
    expect(stateOf(all(), 'b', { tally }, new Date(daysAgo(-1))).state).toBe('open');
    expect(stateOf(all(), null, { tally }).state).toBe('open');
    expect(stateOf(all({ upTo: null }), 'b', { tally }, new Date(daysAgo(-9)))).toEqual({
      state: 'waiting',
      from: null,
    });
    expect(stateOf(all({ upTo: '0.1.0' }), 'b', { tally }, new Date(daysAgo(-9))).state).toBe('waiting');
  });

  test('by the later of date and days, once it has both', () => {
    const all = rings([ring('a'), ring('b', { daysAfter: 3, startsAt: daysAgo(-5) })]);
    expect(stateOf(all, 'b', { tally: [{ ring: 'a', begunAt: daysAgo(0) }] }).from).toBe(daysAgo(-5));
    expect(stateOf(all, 'b', { tally: [{ ring: 'a', begunAt: daysAgo(-9) }] }).from).toBe(daysAgo(-12));
  });
});

describe('a halt', () => {
  const names = ['a', 'b', 'c'];
  const arbitraryRings = fc
    .tuple(fc.shuffledSubarray(names), fc.constantFrom('newest', '0.2.0'))
    .map(([some, upTo]) => rings(some.map((name) => ring(name, { upTo }))));
  const arbitraryName = fc.constantFrom<(string | null)[]>(...names, null);

  test('holds its ring and those after it, none before; all when its ring is gone; and none once it is resumed', () => {
    fc.assert(
      fc.property(arbitraryRings, arbitraryName, fc.boolean(), (all, name, resumed) => {
        const order = turnsOf(all).map((turn) => turn.name);
        const halts = [{ version: '0.2.0', ring: name, resumedAt: resumed ? daysAgo(1) : null }];
        const held = order.filter((each) => stateOf(all, each, { halts }).state === 'halted');
        const at = order.indexOf(name);
        expect(held).toEqual(resumed ? [] : order.slice(Math.max(at, 0)));
      }),
    );
  });

  test('of another version holds nobody', () => {
    const halts = [{ version: '0.1.9', ring: 'a', resumedAt: null }];
    expect(stateOf(rings([ring('a')]), 'a', { halts }).state).toBe('open');
  });

  test('comes when more than the share failed, and at least so many', () => {
    const limits = { haltShare: 20, haltAtLeast: 2 };
    expect(isTooMany({ offered: 1, failed: 1 }, limits)).toBe(false);
    expect(isTooMany({ offered: 10, failed: 2 }, limits)).toBe(false);
    expect(isTooMany({ offered: 9, failed: 2 }, limits)).toBe(true);
    expect(isTooMany({ offered: 2, failed: 2 }, { ...limits, haltShare: 100 })).toBe(false);
  });

  test('comes the sooner the more failed, the fewer were offered it, and the less is borne', () => {
    const small = fc.integer({ min: 0, max: 50 });
    const share = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(small, small, share, fc.integer({ min: 1, max: 5 }), (failed, fine, haltShare, haltAtLeast) => {
        const offered = failed + fine;
        const limits = { haltShare, haltAtLeast };
        if (!isTooMany({ offered, failed }, limits)) return;
        expect(failed).toBeGreaterThanOrEqual(haltAtLeast);
        expect(failed / offered).toBeGreaterThan(haltShare / 100);
        expect(isTooMany({ offered: offered + 1, failed: failed + 1 }, limits)).toBe(true);
        expect(isTooMany({ offered: offered - Math.min(fine, 1), failed }, limits)).toBe(true);
        expect(isTooMany({ offered, failed }, { ...limits, haltShare: Math.max(0, haltShare - 1) })).toBe(true);
      }),
    );
  });
});

test('time alone never takes a version back: who may take it now may take it later', () => {
  const days = fc.option(fc.integer({ min: 0, max: 9 }), { nil: null });
  const turn = fc.record({
    upTo: fc.constantFrom('newest', '0.1.0', '0.2.0', null),
    startsAt: days.map((each) => (each === null ? null : daysAgo(-each))),
    daysAfter: days,
  });
  const tally = fc.subarray(['0', '1', '2']).map((names) => names.map((name) => ({ ring: name, begunAt: daysAgo(1) })));
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 3 }), tally, fc.nat(20), fc.nat(20), (turns, begun, first, more) => {
      const all = rings(turns.map((each, at) => ring(`${at}`, each)));
      for (const { name } of turnsOf(all)) {
        const at = (day: number) => stateOf(all, name, { tally: begun }, new Date(daysAgo(-day)));
        if (at(first).state === 'open') expect(at(first + more).state).toBe('open');
        const { state, from } = at(first);
        if (state === 'waiting' && from !== null) {
          expect(stateOf(all, name, { tally: begun }, new Date(from)).state).toBe('open');
          expect(stateOf(all, name, { tally: begun }, new Date(Date.parse(from) - 1)).state).toBe('waiting');
        }
      }
    }),
  );
});
