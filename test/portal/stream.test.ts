import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createAnnouncer } from '../../src/portal/announcer.ts';
import type { StreamMessage } from '../../src/portal/answers.ts';
import { collectChanges, streamChanges } from '../../src/portal/stream.ts';

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

test('whoever is signed out while they listen is told nothing after the next beat', async () => {
  let signedIn = true;
  const announcer = createAnnouncer();
  const written: string[] = [];
  let ended = false;
  const response = Object.assign(new EventEmitter(), {
    writeHead() {},
    write: (text: string) => written.push(text),
    end() {
      ended = true;
      response.emit('close');
    },
  });
  const answer = streamChanges(announcer, 'org', async () => signedIn);
  if (!('stream' in answer)) throw new Error('it is no stream');
  answer.stream(response as unknown as ServerResponse);
  await jest.advanceTimersByTimeAsync(30_000);
  expect([ended, written]).toEqual([false, [': hello\n\n', ': beat\n\n']]);
  signedIn = false;
  await jest.advanceTimersByTimeAsync(25_000);
  announcer.announce('org', change('a'));
  expect([ended, written]).toEqual([true, [': hello\n\n', ': beat\n\n']]);
});
