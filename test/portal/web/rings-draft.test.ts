import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { askedRingsSchema, type UpgradeRings } from '../../../src/portal/installers/rings-schema.ts';
import {
  afterWords,
  freedWords,
  haltWords,
  takesWords,
  whoWords,
} from '../../../src/portal/web/upgrades/ring-words.ts';
import {
  fromField,
  NEW_RING,
  namesFrom,
  toField,
  withMoved,
  withoutRing,
  withRing,
} from '../../../src/portal/web/upgrades/rings-draft.ts';

const draft = (names: readonly string[], days: readonly (number | null)[] = []): UpgradeRings =>
  askedRingsSchema.parse({
    rings: names.map((name, at) => ({ ...NEW_RING, name, daysAfter: at === 0 ? null : (days[at] ?? null) })),
    ...{ others: 'newest', othersDaysAfter: names.length === 0 ? null : 7 },
  });
const namesOf = ({ rings }: UpgradeRings) => rings.map(({ name }) => name);

test('rings move one place, and not over the end', () => {
  const all = draft(['a', 'b', 'c']);
  expect(namesOf(withMoved(all, 1, -1))).toEqual(['b', 'a', 'c']);
  expect(namesOf(withMoved(all, 1, 1))).toEqual(['a', 'c', 'b']);
  expect([withMoved(all, 0, -1), withMoved(all, 2, 1), withMoved(all, 3, 1)]).toEqual([all, all, all]);
  expect(namesOf(withRing(all, 3, { ...NEW_RING, name: 'd' }))).toEqual(['a', 'b', 'c', 'd']);
  expect(namesOf(withRing(all, 1, { ...NEW_RING, name: 'd' }))).toEqual(['a', 'd', 'c']);
});

test('whatever is moved or removed, what comes first waits for nothing, and the portal takes it', () => {
  const change = fc.record({ at: fc.nat(4), how: fc.constantFrom('earlier', 'later', 'gone') });
  fc.assert(
    fc.property(fc.subarray(['a', 'b', 'c', 'd']), fc.array(change), (names, changes) => {
      let all = draft(names, [null, 1, 2, 3]);
      for (const { at, how } of changes) {
        all = how === 'gone' ? withoutRing(all, at) : withMoved(all, at, how === 'earlier' ? -1 : 1);
      }
      expect(askedRingsSchema.parse(all)).toEqual(all);
      expect(new Set(namesOf(all)).size).toBe(all.rings.length);
      if (all.rings.length === 0) expect(all.othersDaysAfter).toBeNull();
    }),
  );
});

test('what a change lets go at once is said', () => {
  const all = draft(['a', 'b'], [null, 3]);
  expect(freedWords(all, withMoved(all, 1, -1))).toBe('b waits for no ring before it any more.');
  expect(freedWords(all, withoutRing(withoutRing(all, 1), 0))).toBe(
    'Everybody else waits for no ring before it any more.',
  );
  expect(freedWords(all, withoutRing(all, 1))).toBe('');
});

test('a moment goes into its field and comes back, to the minute, in either zone', () => {
  const minute = fc.integer({ min: 0, max: 60 * 24 * 365 * 80 });
  fc.assert(
    fc.property(minute, fc.constantFrom('utc' as const, 'local' as const), (minutes, zone) => {
      const iso = new Date(minutes * 60_000).toISOString();
      // An hour that a clock goes through twice has two moments by one name.
      const back = fromField(toField(iso, zone), zone) ?? '';
      expect(toField(back, zone)).toBe(toField(iso, zone));
      if (zone === 'utc') expect(back).toBe(iso);
    }),
  );
  expect([toField(null, 'utc'), fromField('', 'utc'), fromField('soon', 'utc')]).toEqual(['', null, 'soon']);
});

test('names are read from lines and commas', () => {
  expect(namesFrom(' ann, bob\n\nqa-*\n,')).toEqual(['ann', 'bob', 'qa-*']);
});

test('a ring is told in words', () => {
  expect(whoWords(NEW_RING)).toBe('nobody yet');
  expect(whoWords({ percent: 5, users: ['ann', 'qa-*'], devices: ['mbp'] })).toBe(
    'users ann, qa-*; devices mbp; 5 % of the agents that no ring names',
  );
  expect(whoWords({ ...NEW_RING, users: [...'abcdefghij'] })).toBe('users a, b, c, d, e, f, g, h and 2 more');
  expect([takesWords(null), takesWords('newest'), takesWords('0.2.0')]).toEqual([
    ...['takes nothing for now', 'takes the newest version', 'takes up to 0.2.0'],
  ]);
  expect([afterWords(0, 'a'), afterWords(1, 'a')]).toEqual([
    ...['once ring a has begun', '1 day after ring a has begun'],
  ]);
  const halt = { version: '0.2.0', ring: null, offered: 10, failed: 3, haltedAt: '', resumedAt: null, resumedBy: null };
  expect(haltWords(halt)).toBe('It failed on 3 of 10 agents that it was offered to in no ring.');
});
