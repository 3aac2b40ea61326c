import { describe, expect, test } from '@jest/globals';
import { unlessRefused, untilRefused } from '../../src/kiro/refused.ts';

const failing = (code: string) => Object.assign(new Error(code), { code });

async function* twoThen(error: Error) {
  yield 1;
  yield 2;
  throw error;
}

async function stepsOf(steps: AsyncGenerator<number>): Promise<number[]> {
  const all: number[] = [];
  for await (const step of steps) all.push(step);
  return all;
}

describe('a look that the system refuses', () => {
  test.each(['EACCES', 'EPERM'])('finds nothing, and is told: %s', async (code) => {
    const told: unknown[] = [];
    const error = failing(code);
    expect(
      await unlessRefused(
        () => Promise.reject(error),
        [],
        (it) => told.push(it),
      ),
    ).toEqual([]);
    expect(await stepsOf(untilRefused(twoThen(error), (it) => told.push(it)))).toEqual([1, 2]);
    expect(told).toEqual([error, error]);
  });

  test('is the only failure that is passed over', async () => {
    await expect(
      unlessRefused(
        () => Promise.reject(failing('EIO')),
        [],
        () => {},
      ),
    ).rejects.toThrow('EIO');
    await expect(stepsOf(untilRefused(twoThen(failing('EIO')), () => {}))).rejects.toThrow('EIO');
  });
});
