import { expect, test } from '@jest/globals';
import { anEvent } from '../helpers/events.ts';
import { open, ordinals, outboxFile } from '../helpers/outboxes.ts';

test('only what is acknowledged leaves', () => {
  const outbox = open(outboxFile());
  outbox.commit({ events: [anEvent(1), anEvent(2), anEvent(3)] });
  outbox.acknowledge([anEvent(2).id, 'an id that was never ours']);
  expect(ordinals(outbox)).toEqual([1, 3]);
});

test('an event that is read twice waits once', () => {
  const outbox = open(outboxFile());
  expect(outbox.commit({ events: [anEvent(1), anEvent(2)] })).toBe(2);
  expect(outbox.commit({ events: [anEvent(2), anEvent(3)] })).toBe(1);
  expect(ordinals(outbox)).toEqual([1, 2, 3]);
});

test('a refused event is kept aside and counted, not sent again and not lost', () => {
  const outbox = open(outboxFile());
  outbox.commit({ events: [anEvent(1), anEvent(2)] });
  outbox.reject([{ id: anEvent(1).id, code: 'schema', message: 'no body' }]);
  expect(ordinals(outbox)).toEqual([2]);
  expect(outbox.counts()).toMatchObject({ events: 1, rejected: 1 });
});
