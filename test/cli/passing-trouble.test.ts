import { expect, test } from '@jest/globals';
import { passingTrouble } from '../../src/cli/passing-trouble.ts';
import { Failure } from '../../src/core/failure.ts';
import { fakeLater } from '../helpers/fake-later.ts';
import { tempHost } from '../helpers/temp-home.ts';

function given() {
  const timers = fakeLater();
  const told: string[] = [];
  const log = { info() {}, warn() {}, error: (message: string) => void told.push(message) };
  const passing = passingTrouble(tempHost({ log }), { later: timers.later, again: () => told.push('again') });
  return { timers, told, passing };
}
const failing = (error: Error) => async () => {
  throw error;
};
const system = (code: string) => Object.assign(new Error(code), { code });

test.each([
  ['itself', system('EMFILE')],
  ['behind a failure of ours', new Failure('file-unwritable', 'no', { cause: system('ENFILE') })],
])(
  'a step for which no file descriptor was left, said by %s, is followed by one look at everything',
  async (_, error) => {
    const { passing, timers, told } = given();
    await passing.survive(failing(error));
    await passing.survive(failing(error));
    expect(timers.waiting.map(({ ms }) => ms)).toEqual([10_000]);
    timers.waiting[0]?.fire();
    expect(told.at(-1)).toBe('again');
    await passing.survive(failing(error));
    passing.stop();
    expect(timers.waiting).toEqual([]);
  },
);

test('a full disk is said until everything was looked at again, a minute later', async () => {
  const { passing, timers, told } = given();
  const full = failing(Object.assign(new Error('database or disk is full'), { errcode: 13 }));
  expect(passing.lacks()).toBeNull();
  await passing.survive(full);
  expect([told, passing.lacks(), timers.waiting.map(({ ms }) => ms)]).toEqual([
    ['the outbox cannot be used'],
    'disk',
    [60_000],
  ]);
  await passing.survive(async () => {});
  expect(passing.lacks()).toBe('disk');
  timers.waiting[0]?.fire();
  expect([told.at(-1), passing.lacks(), timers.waiting]).toEqual(['again', null, []]);
});

test('an outbox that broke is said, and opened again by who keeps it', async () => {
  const { passing, timers, told } = given();
  await passing.survive(failing(Object.assign(new Error('disk I/O error'), { errcode: 10 })));
  expect([told, passing.lacks(), timers.waiting]).toEqual([['the outbox cannot be used'], null, []]);
});

test('whatever else is thrown on', async () => {
  await expect(given().passing.survive(failing(new TypeError('a mistake')))).rejects.toThrow('a mistake');
});
