import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { wrap } from '../../src/cli/wrap.ts';

describe('wrapping for a terminal', () => {
  test('leaves what fits as it is', () => {
    expect(wrap('a short line\n  and another', 20)).toBe('a short line\n  and another');
  });

  test('breaks between words and indents under the text of the line', () => {
    expect(wrap('Portal      none is set up, so events stay on this machine', 40)).toBe(
      'Portal      none is set up, so events\n            stay on this machine',
    );
    expect(wrap('! Something is wrong and needs a person', 24)).toBe('! Something is wrong and\n  needs a person');
  });

  test('keeps a word that is wider than the terminal whole', () => {
    expect(wrap('see /a/path/that/is/wider/than/all', 20)).toBe('see\n  /a/path/that/is/wider/than/all');
  });

  test('loses and adds nothing but spaces and line ends', () => {
    const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'bb', 'ccc', '  ', '\n', 'dddddddd')),
        fc.integer({ min: 1, max: 30 }),
        (parts, width) => {
          const text = parts.join(' ');
          expect(words(wrap(text, width))).toEqual(words(text));
        },
      ),
    );
  });

  test('takes no time over a line that is all spaces or all words', () => {
    expect(wrap(`${'x '.repeat(5_000)}${' '.repeat(5_000)}y`, 80).length).toBeGreaterThan(10_000);
  });
});
