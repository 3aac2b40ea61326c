import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { boundsOf, sizeAfter, WHOLE_SIZE } from '../../../src/portal/siem/portion-size.ts';
import { makeSlots } from '../../../src/portal/siem/slots.ts';
import { fuzzRuns } from '../../helpers/fuzz.ts';

const outcome = fc.constantFrom('arrived' as const, 'too-much' as const, 'other' as const);

test('a portion is never nothing and never more than the whole, whatever became of those before', () => {
  fc.assert(
    fc.property(fc.array(outcome, { maxLength: 200 }), (outcomes) => {
      const { events, detections, maxBytes } = boundsOf(outcomes.reduce(sizeAfter, WHOLE_SIZE));
      expect(events >= 1 && events <= 500 && detections >= 1 && detections <= 100).toBe(true);
      expect(maxBytes >= 2_048 && maxBytes <= 1024 * 1024).toBe(true);
    }),
    fuzzRuns(),
  );
});

test('what is too much is halved to one event, arrivals bring the whole back, and a receiver that is away changes nothing', () => {
  let size = WHOLE_SIZE;
  for (let n = 0; n < 20; n++) size = sizeAfter(size, 'too-much');
  expect(boundsOf(size).events).toBe(1);
  expect(sizeAfter(size, 'other')).toEqual(size);
  for (let n = 0; n < 90; n++) size = sizeAfter(size, 'arrived');
  expect(size).toEqual(WHOLE_SIZE);
});

test('places are given to whoever waits longest, and to no more at once than there are', async () => {
  const slots = makeSlots(2);
  const order: number[] = [];
  const [first, second] = [await slots.take(), await slots.take()];
  const later = [3, 4, 5].map(async (n) => {
    const free = await slots.take();
    order.push(n);
    return free;
  });
  expect(order).toEqual([]);
  second();
  const third = await later[0];
  expect(order).toEqual([3]);
  first();
  (await later[1])?.();
  await later[2];
  expect(order).toEqual([3, 4, 5]);
  third?.();
});
