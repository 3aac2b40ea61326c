import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hostOf, type Mark, readMarkdown } from '../../../src/portal/web/timeline/markdown-blocks.ts';
import { runs } from '../../helpers/fuzz.ts';

/** Every mark of a tree, however deep. */
function all(marks: readonly Mark[]): Mark[] {
  return marks.flatMap((mark): Mark[] => {
    if (mark.kind === 'list') return [mark, ...mark.items.flatMap(({ children }) => all(children))];
    if (mark.kind === 'table') return [mark, ...all([...mark.head, ...mark.rows.flat()].flat())];
    return 'children' in mark ? [mark, ...all(mark.children)] : [mark];
  });
}
/** Everything that is drawn as text. */
const textOf = (marks: readonly Mark[]): string =>
  all(marks)
    .map((mark) => (mark.kind === 'image' ? mark.alt + mark.address : 'text' in mark ? mark.text : ''))
    .join('');

describe('a response in Markdown', () => {
  test('is read into blocks and marks, with the language of its code', () => {
    const marks = readMarkdown('## Why\n\nA **tab**.\n\n```ts title=x\nlet a = 1;\n```\n\n- [x] done\n- two\n') ?? [];
    expect(marks).toEqual([
      { kind: 'heading', depth: 2, children: [{ kind: 'text', text: 'Why' }] },
      {
        kind: 'paragraph',
        children: [
          { kind: 'text', text: 'A ' },
          { kind: 'strong', children: [{ kind: 'text', text: 'tab' }] },
          { kind: 'text', text: '.' },
        ],
      },
      { kind: 'code', text: 'let a = 1;', language: 'ts' },
      {
        kind: 'list',
        ordered: false,
        start: 1,
        items: [
          { done: true, children: [{ kind: 'text', text: 'done' }] },
          { done: null, children: [{ kind: 'text', text: 'two' }] },
        ],
      },
    ]);
  });

  test('shows HTML, comments and definitions as they were written', () => {
    const html =
      '<script>alert(1)</script>\n\n<!-- told to the model alone -->\n\na <b onclick=x>b</b>\n\n[1]: http://x.example\n';
    for (const part of [
      '<script>alert(1)</script>',
      '<!-- told to the model alone -->',
      '<b onclick=x>',
      'http://x.example',
    ]) {
      expect(textOf(readMarkdown(html) ?? [])).toContain(part);
    }
  });

  test('leads only to where a browser opens without running anything, and names the host', () => {
    const [paragraph] =
      readMarkdown(
        '[a](https://evil.example/bank.example) [b](javascript:alert`1`) [c](data:text/html,x) [d](/local)',
      ) ?? [];
    expect(all(paragraph === undefined ? [] : [paragraph]).filter(({ kind }) => kind === 'link')).toEqual([
      expect.objectContaining({ href: 'https://evil.example/bank.example', host: 'evil.example' }),
    ]);
    expect(textOf(paragraph === undefined ? [] : [paragraph])).toContain('[b](javascript:alert`1`)');
    expect(hostOf('mailto:a@b.example')).toBe('a@b.example');
  });

  test('keeps a redaction mark in one piece', () => {
    const marker = '[redacted:aws-access-key-id:9f3c21ab]';
    expect(all(readMarkdown(`key *${marker}* and ${marker}.`) ?? [])).toEqual(
      expect.arrayContaining([
        { kind: 'text', text: marker },
        { kind: 'text', text: ` and ${marker}.` },
      ]),
    );
  });

  test('is left as it was written when it is nested beyond reason, or very long', () => {
    expect(readMarkdown('>'.repeat(20_000))).toBeUndefined();
    expect(readMarkdown('a'.repeat(65_537))).toBeUndefined();
  });

  const pieces = fc.constantFrom(
    '*',
    '_',
    '`',
    '```\n',
    '[',
    ']',
    '(',
    ')',
    '!',
    '<',
    '>',
    '|',
    '\n',
    '- ',
    '1. ',
    '# ',
    '~~',
    'word',
    'http://h.example/',
    'javascript:x',
    '\\',
    '&amp;',
    ' ',
  );
  test('loses no word and gains no address that is not plain, whatever it holds', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const marks = readMarkdown(text) ?? [];
        const drawn =
          textOf(marks) +
          all(marks)
            .map((mark) => ('href' in mark ? mark.href : ''))
            .join(' ');
        expect(drawn.match(/word/g)?.length ?? 0).toBeGreaterThanOrEqual(text.match(/word/g)?.length ?? 0);
        for (const mark of all(marks)) if (mark.kind === 'link') expect(mark.href).toMatch(/^(https?|mailto):/i);
      }),
      runs(500),
    );
  });
});
