import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { countWords, spanOf, withRange } from '../../../src/portal/web/audit/span.ts';
import { bucketParts, bucketsOf } from '../../../src/portal/web/chart/buckets.ts';

const HOUR = 3_600_000;
const at = (ms: number) => ({ start: new Date(ms).toISOString(), events: 2, failures: 1 });

test('sums by hour become at most 200 bars of one width, and nothing is lost', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 500_000 }),
      fc.integer({ min: 0, max: 100_000 }),
      fc.array(fc.nat(1_000)),
      (first, span, places) => {
        const [from, to] = [first * HOUR, (first + span) * HOUR];
        const sums = places.map((place) => at(from + Math.floor((place / 1_000) * span) * HOUR));
        const buckets = bucketsOf(sums, HOUR, from, to);
        expect(buckets.length).toBeLessThanOrEqual(200);
        expect(buckets.reduce((sum, { events }) => sum + events, 0)).toBe(2 * places.length);
        expect(new Set(buckets.map(({ start, end }) => end - start)).size).toBe(1);
        expect(buckets[0]?.start).toBeLessThanOrEqual(from);
        expect(buckets.at(-1)?.end).toBeGreaterThan(to);
      },
    ),
  );
});

test('a bar leads to its own time, the end not included', () => {
  expect(bucketParts({ start: 0, end: HOUR })).toEqual({
    range: null,
    from: '1970-01-01T00:00:00.000Z',
    to: '1970-01-01T00:59:59.999Z',
  });
});

test('a query without a time gets the usual one, and keeps its place in the list', () => {
  expect(withRange('?kind=x&cursor=c', '24h')).toBe('?kind=x&range=24h&cursor=c');
  expect(withRange('?to=2026', '24h')).toBe('?to=2026');
  expect(withRange('', '7d')).toBe('?range=7d');
});

test.each([
  ['?range=24h', { from: 10 * 86_400_000 - 24 * HOUR, to: 10 * 86_400_000 }],
  ['?from=1970-01-02T00:00:00Z&to=1970-01-03T00:00:00Z', { from: 86_400_000, to: 2 * 86_400_000 }],
  ['?range=all', { from: HOUR, to: 10 * 86_400_000 }],
])('a chart of %s goes from %j', (search, span) => {
  expect(spanOf(search, [at(HOUR)], 10 * 86_400_000)).toEqual(span);
});

test.each([
  [{ count: 1, exact: true, searchedTo: null }, '1 event'],
  [{ count: 0, exact: true, searchedTo: null }, '0 events'],
  [{ count: 10_000, exact: false, searchedTo: null }, '10\u202f000+ events'],
  [{ count: 12, exact: false, searchedTo: '2026' }, 'at least 12 events'],
])('%j is said as %s', (count, words) => {
  expect(countWords(count)).toBe(words);
});
