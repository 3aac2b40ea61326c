import { expect, test } from '@jest/globals';
import { anEvent } from '../helpers/events.ts';
import { open, ordinals, outboxFile, reopen } from '../helpers/outboxes.ts';

test('events wait in the order in which they were committed', () => {
  const outbox = open(outboxFile());
  outbox.commit({ events: [anEvent(3), anEvent(1)] });
  outbox.commit({ events: [anEvent(2)] });
  expect(ordinals(outbox)).toEqual([3, 1, 2]);
});

test('the order survives a restart and what was delivered between', () => {
  const file = outboxFile();
  const before = open(file);
  before.commit({ events: [anEvent(1), anEvent(2), anEvent(3)] });
  before.acknowledge([anEvent(3).id]);
  const after = reopen(file);
  after.commit({ events: [anEvent(0)] });
  expect(ordinals(after)).toEqual([1, 2, 0]);
});

test('a batch ends before it grows too large, but the first event always comes', () => {
  const outbox = open(outboxFile());
  outbox.commit({ events: [anEvent(1), anEvent(2), anEvent(3)] });
  const size = JSON.stringify(anEvent(1)).length;
  expect(outbox.next(10, 2 * size + 1)).toHaveLength(2);
  expect(outbox.next(10, 1)).toHaveLength(1);
  expect(outbox.next(1, 1e9)).toHaveLength(1);
});

test('an event of two megabytes waits and leaves like any other', () => {
  const outbox = open(outboxFile());
  const large = anEvent(2, { body: { text: 'ü'.repeat(1024 * 1024) } });
  outbox.commit({ events: [anEvent(1), large, anEvent(3)] });
  expect(outbox.next(100, 1024 * 1024).map(({ id }) => id)).toEqual([anEvent(1).id]);
  outbox.acknowledge([anEvent(1).id]);
  expect(outbox.next(100, 1024 * 1024).map(({ json }) => JSON.parse(json))).toEqual([large]);
});

test('a batch that is asked for up to an event ends there, though more came meanwhile', () => {
  const outbox = open(outboxFile());
  outbox.commit({ events: [anEvent(1), anEvent(2)] });
  const before = outbox.next(10, 1e9);
  outbox.commit({ events: [anEvent(3)] });
  expect(outbox.next(10, 1e9, before.at(-1)?.seq)).toEqual(before);
});

test('what follows an event can be had before that has left, as many as fit', () => {
  const outbox = open(outboxFile());
  outbox.commit({ events: [1, 2, 3, 4].map((n) => anEvent(n)) });
  const [first] = outbox.next(1, 1e9);
  const after = (most: number, bytes: number) => outbox.nextAfter(first?.seq ?? 0, most, bytes).map(({ id }) => id);
  expect(after(2, 1e9)).toEqual([2, 3].map((n) => anEvent(n).id));
  expect(after(9, 1)).toEqual([anEvent(2).id]);
  outbox.acknowledge([anEvent(3).id]);
  expect(after(9, 1e9)).toEqual([2, 4].map((n) => anEvent(n).id));
});
