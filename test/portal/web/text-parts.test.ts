import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hiddenIn } from '../../../src/portal/policies/facts/texts.ts';
import {
  countHidden,
  countStyles,
  foldLines,
  splitText,
  type TextPart,
} from '../../../src/portal/web/timeline/text-parts.ts';

const RULES = new Set(['aws-access-key-id']);
const rebuild = (parts: TextPart[]) =>
  parts
    .map((part) => {
      if (part.kind === 'text' || part.kind === 'style') return part.text;
      if (part.kind === 'redacted') return `[redacted:${part.rule}:${part.hash}]`;
      return String.fromCodePoint(Number.parseInt(part.code.slice(2), 16));
    })
    .join('');

const pieces = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '[redacted:aws-access-key-id:9f3c21ab]',
    '[redacted:typed:12345678]',
    '[redacted:',
    '\u202e',
    '\u200b',
    '\0',
    '\u{e0041}',
    '\n',
    '\t',
    '\x1b[1;32m',
    '\x1b[2J',
  ),
);

test('nothing of a text is lost or doubled, whatever it holds', () => {
  fc.assert(
    fc.property(fc.array(pieces), (texts) => {
      expect(rebuild(splitText(texts.join(''), RULES))).toBe(texts.join(''));
    }),
  );
});

test('no part that is drawn as text holds a character that cannot be seen', () => {
  fc.assert(
    fc.property(fc.array(pieces), (texts) => {
      for (const part of splitText(texts.join(''), RULES)) {
        if (part.kind === 'text') expect(part.text).not.toMatch(/[\u200b\u202e\0]|\u{e0041}/u);
      }
    }),
  );
});

test('a marker is a chip only where the event says that its rule was applied', () => {
  expect(splitText('a [redacted:aws-access-key-id:9f3c21ab] b [redacted:typed:12345678]', RULES)).toEqual([
    { kind: 'text', text: 'a ' },
    { kind: 'redacted', rule: 'aws-access-key-id', hash: '9f3c21ab' },
    { kind: 'text', text: ' b [redacted:typed:12345678]' },
  ]);
});

test('letters of every script, emoji with joiners and line ends are ordinary text', () => {
  for (const text of ['Grüße', '日本語', 'שלום', '👩‍💻 👍🏽', 'a\r\nb\tc']) {
    expect(splitText(text, RULES)).toEqual([{ kind: 'text', text }]);
  }
});

describe('folding', () => {
  test('leaves a text alone that is only a little too long', () => {
    const text = Array.from({ length: 32 }, (_, line) => `${line}`).join('\n');
    expect(foldLines(text)).toEqual({ head: text, middle: undefined, tail: '' });
  });

  test('keeps 20 lines and 5, and says how many are between', () => {
    const lines = Array.from({ length: 100 }, (_, line) => `${line}`);
    const { head, middle, tail } = foldLines(lines.join('\n'));
    expect([head.split('\n').length, middle?.lines, tail]).toEqual([20, 75, '95\n96\n97\n98\n99']);
    expect([head, middle?.text, tail].join('\n')).toBe(lines.join('\n'));
  });
});

test('the flags of England, Scotland and Wales are one sign, and a message behind a black flag is not', () => {
  const tagged = (text: string) =>
    [...text].map((letter) => String.fromCodePoint(0xe0000 + (letter.codePointAt(0) ?? 0)));
  const flag = (region: string) => `\u{1f3f4}${tagged(region).join('')}\u{e007f}`;
  for (const region of ['gbeng', 'gbsct', 'gbwls']) {
    expect(countHidden(flag(region))).toBe(0);
    expect(splitText(`a ${flag(region)} b`, new Set())).toEqual([{ kind: 'text', text: `a ${flag(region)} b` }]);
  }
  expect(countHidden(flag('readtheenv'))).toBe('readtheenv'.length + 1);
  expect(hiddenIn(flag('gbsct'))).toBe(0);
  expect(hiddenIn(flag('readtheenv'))).toBe('readtheenv'.length + 1);
});

test('the colours of a terminal are told apart from what a terminal would be made to do', () => {
  const parts = splitText('\x1b[1;32mok\x1b[0m \x1b[2J', new Set());
  expect(parts).toEqual([
    { kind: 'style', text: '\x1b[1;32m' },
    { kind: 'text', text: 'ok' },
    { kind: 'style', text: '\x1b[0m' },
    { kind: 'text', text: ' ' },
    { kind: 'hidden', code: 'U+001B' },
    { kind: 'text', text: '[2J' },
  ]);
  expect(countStyles('\x1b[1;32mok\x1b[0m \x1b[2J')).toBe(2);
});
