import { expect, test } from '@jest/globals';
import { cleanTexts } from '../../src/capture/clean-texts.ts';

test('the latest texts are remembered, up to a number', () => {
  const clean = cleanTexts(10);
  for (let n = 0; n < 30; n++) clean.add(`text ${n}`);
  const known = Array.from({ length: 30 }, (_, n) => n).filter((n) => clean.has(`text ${n}`));
  expect([known.length, known.at(-1)]).toEqual([10, 29]);
});

test('a text is known letter by letter, halves of characters too; a long one is not remembered', () => {
  const clean = cleanTexts();
  for (const text of ['\ud83d', 'ä\ufffd', 'a'.repeat(201)]) clean.add(text);
  expect(['\ud83d', '\ufffd', 'ä\ufffd', 'a'.repeat(201)].map(clean.has)).toEqual([true, false, true, false]);
});
