import { expect, test } from '@jest/globals';
import { noticeWake } from '../../src/cli/notice-wake.ts';
import { fakeLater } from '../helpers/fake-later.ts';

function watched() {
  const world = { now: Date.UTC(2026, 8, 3), network: '10.0.0.1' };
  const seen: string[] = [];
  const { later, waiting } = fakeLater();
  const stop = noticeWake({
    now: () => new Date(world.now),
    network: () => world.network,
    later,
    minute: () => seen.push('minute'),
    woke: (ms) => seen.push(`woke ${ms}`),
    moved: () => seen.push('moved'),
  });
  const minute = (takes = 60_000) => {
    world.now += takes;
    waiting[0]?.fire();
    return seen.splice(0);
  };
  return { world, waiting, minute, stop };
}

test('an ordinary minute is nothing but a minute, on one timer', () => {
  const { minute, waiting } = watched();
  expect(minute()).toEqual(['minute']);
  expect(minute(60_900)).toEqual(['minute']);
  expect(waiting.map(({ ms }) => ms)).toEqual([60_000]);
});

test('eight hours between two minutes are one sleep', () => {
  const { minute } = watched();
  expect(minute(60_000 + 8 * 3_600_000)).toEqual(['woke 28800000', 'minute']);
  expect(minute()).toEqual(['minute']);
});

test('another address is another network, once', () => {
  const { world, minute } = watched();
  world.network = '192.168.1.5';
  expect(minute()).toEqual(['moved', 'minute']);
  expect(minute()).toEqual(['minute']);
});

test('a clock that is set back is no sleep', () => {
  const { minute } = watched();
  expect(minute(-3_600_000)).toEqual(['minute']);
  expect(minute()).toEqual(['minute']);
});

test('stops when it is told to', () => {
  const { waiting, stop } = watched();
  stop();
  expect(waiting).toEqual([]);
});
