import { expect, test } from '@jest/globals';
import { idleMemory } from '../../src/cli/idle-memory.ts';
import { fakeLater } from '../helpers/fake-later.ts';

function given() {
  const timers = fakeLater();
  const collected: number[] = [];
  const memory = idleMemory(timers.later, () => collected.push(1));
  return { timers, collected, memory };
}

test('memory is given back half a minute after the last work, and once', () => {
  const { timers, collected, memory } = given();
  for (let n = 0; n < 3; n++) memory.busy();
  expect(timers.waiting.map(({ ms }) => ms)).toEqual([30_000]);
  timers.waiting[0]?.fire();
  expect(collected).toHaveLength(1);
  expect(timers.waiting).toEqual([]);
});

test('nothing waits before the first work, nor after the end', () => {
  const { timers, memory } = given();
  expect(timers.waiting).toEqual([]);
  memory.busy();
  memory.stop();
  expect(timers.waiting).toEqual([]);
});
