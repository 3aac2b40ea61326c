import { expect, test } from '@jest/globals';
import { frame } from '../../src/cli/screen.ts';

/** What stands on a screen of that size after it was full of x. */
function shown(text: string, columns: number, rows: number): string[] {
  const screen = Array.from({ length: rows }, () => 'x'.repeat(columns));
  const whole = frame(text, columns, rows).replace('\u001b[H', '');
  const lines = whole.replace('\u001b[J', '').split('\r\n');
  for (const [row, line] of lines.entries()) screen[row] = line.replace('\u001b[K', '');
  expect(whole.endsWith('\u001b[J')).toBe(true);
  return screen.slice(0, lines.length);
}

test('a frame covers what was there before, line by line', () => {
  expect(shown('one\ntwo', 20, 5)).toEqual(['one', 'two']);
});

test('what does not fit is wrapped, cut, and said to go on', () => {
  expect(shown('Portal      one two three', 20, 5)).toEqual(['Portal      one two', '            three']);
  expect(shown('abcdefghijklmnopqrstuvwxyz', 10, 5)).toEqual(['abcdefghij']);
  expect(shown('1\n2\n3\n4', 10, 3)).toEqual(['1', '2', '…']);
  expect(shown('1\n2\n3', 10, 3)).toEqual(['1', '2', '3']);
});
