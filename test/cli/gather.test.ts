import { expect, test } from '@jest/globals';
import { gather } from '../../src/cli/gather.ts';

/** Turns of an event loop, taken by hand. */
function given() {
  const turns: (() => void)[] = [];
  const worked: number[][] = [];
  const { add: take, quiet } = gather(
    (together: number[]) => {
      worked.push(together);
      if (together.includes(13)) throw new Error('unlucky');
      return together.length;
    },
    (then) => turns.push(then),
  );
  const pass = (count: number) => {
    for (let n = 0; n < count; n++) turns.shift()?.();
  };
  return { take, quiet, pass, worked };
}

test('one that comes alone is worked on after two turns in which nothing else came', async () => {
  const { take, pass, worked } = given();
  const answer = take(1);
  pass(2);
  expect(worked).toEqual([]);
  pass(1);
  expect([await answer, worked]).toEqual([1, [[1]]]);
});

test('what comes turn by turn is worked on together, and everybody has the answer', async () => {
  const { take, pass, worked } = given();
  const answers: Promise<number>[] = [];
  for (let n = 0; n < 5; n++) {
    answers.push(take(n));
    pass(1);
  }
  pass(2);
  expect([await Promise.all(answers), worked]).toEqual([[5, 5, 5, 5, 5], [[0, 1, 2, 3, 4]]]);
});

test('what comes afterwards begins anew, though the work before it failed and everybody in it was told', async () => {
  const { take, pass, worked } = given();
  const failing = [take(1), take(13)];
  pass(3);
  await expect(failing[0]).rejects.toThrow('unlucky');
  await expect(failing[1]).rejects.toThrow('unlucky');
  const next = take(2);
  pass(3);
  expect([await next, worked]).toEqual([1, [[1, 13], [2]]]);
});

test('it is quiet at once where nothing came, else once what came was worked on, even in vain', async () => {
  const { take, quiet, pass, worked } = given();
  await quiet();
  const answer = take(13);
  const calm = quiet().then(() => worked.length);
  pass(3);
  await expect(answer).rejects.toThrow('unlucky');
  expect(await calm).toBe(1);
});
