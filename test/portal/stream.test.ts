import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { StreamMessage } from '../../src/portal/answers.ts';
import { collectChanges } from '../../src/portal/stream.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const change = (session: string): StreamMessage => ({ events: 1, sessions: [session], agents: ['device'] });

test('the first change is told at once, and all that follow within a second as one', () => {
  const told: StreamMessage[] = [];
  const collector = collectChanges((message) => told.push(message));
  for (const session of ['a', 'b', 'c', 'b']) collector.add(change(session));
  expect(told).toEqual([change('a')]);
  jest.advanceTimersByTime(1_000);
  expect(told).toEqual([change('a'), { events: 3, sessions: ['b', 'c'], agents: ['device'] }]);
  jest.advanceTimersByTime(5_000);
  collector.add(change('d'));
  expect(told).toHaveLength(3);
});

test('nothing is told after it was stopped', () => {
  const told: StreamMessage[] = [];
  const collector = collectChanges((message) => told.push(message));
  collector.add(change('a'));
  collector.add(change('b'));
  collector.stop();
  jest.advanceTimersByTime(5_000);
  expect(told).toHaveLength(1);
});
