import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { diffOf, editOf } from '../../../src/portal/web/timeline/edit.ts';
import { highlight } from '../../../src/portal/web/timeline/highlight.ts';
import { isShortEnough, LANGUAGES, languageNamed, languageOfPath } from '../../../src/portal/web/timeline/language.ts';
import { cutAtPaint, paint } from '../../../src/portal/web/timeline/painted.ts';
import { runs } from '../../helpers/fuzz.ts';
import { makeEvent } from '../../helpers/portal-events.ts';

describe('code', () => {
  test('has the language that its file or its fence names', () => {
    expect(['a/b.TS', 'c:\\x\\y.py', 'Makefile', 'x.constructor'].map(languageOfPath)).toEqual([
      'typescript',
      'python',
      undefined,
      undefined,
    ]);
    expect(['sh', 'JavaScript', 'rust', '__proto__'].map(languageNamed)).toEqual([
      'bash',
      'typescript',
      undefined,
      undefined,
    ]);
  });

  test('is coloured in every language, and its text stays what it was', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.constantFrom('const a = "b"; // c', '<a b="c">d</a>', '{"a": 1}', '+x\n-y', '# d\nx=$(y)'),
    );
    fc.assert(
      fc.property(texts, fc.constantFrom(...LANGUAGES), fc.nat(20), (code, language, offset) => {
        const painted = highlight(code, language);
        const piece = code.slice(offset);
        const cut = cutAtPaint(piece, painted, Math.min(offset, code.length));
        expect(cut.map(({ text }) => text).join('')).toBe(piece);
      }),
      runs(300),
    );
    expect(highlight('const a = 1', 'typescript')[0]).toEqual({ start: 0, end: 5, kind: 'keyword' });
  });

  test('has the innermost colour, and none where nothing is known', () => {
    const tree = { type: 'e', classes: ['hljs-string'], children: [{ type: 'text', value: 'a' }] } as const;
    expect(
      paint([
        { type: 'text', value: 'xy' },
        { type: 'e', classes: ['hljs-meta'], children: [tree] },
      ]),
    ).toEqual([{ start: 2, end: 3, kind: 'string' }]);
  });

  test('is not coloured where that would keep somebody waiting', () => {
    expect(isShortEnough('x'.repeat(2_001))).toBe(false);
    expect(isShortEnough('x\n'.repeat(800))).toBe(false);
    expect(isShortEnough('x\n'.repeat(700))).toBe(true);
  });
});

describe('an edit of a file', () => {
  const edit = (args: { [name: string]: string }, kind = 'edit') =>
    editOf(makeEvent('tool.invoked', { body: { kind, arguments: args } }).body);

  test('is known by what was and what is, in the words of either generation', () => {
    expect(edit({ path: 'a.ts', oldStr: 'x', newStr: 'y' })).toMatchObject({ path: 'a.ts', before: 'x', after: 'y' });
    expect(edit({ file: 'a.ts', originalContent: 'x', modifiedContent: 'y' }, 'other')).toMatchObject({ before: 'x' });
    expect(edit({ path: 'a.ts', text: 'y' })).toEqual({ path: 'a.ts', before: null, after: 'y', told: ['text'] });
    expect(edit({ path: 'a.ts' })).toBeUndefined();
    expect(edit({ path: 'a.ts', text: 'y' }, 'read')).toBeUndefined();
  });

  test('is told by the lines that differ, with three around them', () => {
    const lines = Array.from({ length: 20 }, (_, n) => `line ${n}`);
    const diff = diffOf(lines.join('\n'), lines.with(10, 'changed').join('\n'));
    expect(diff).toMatchObject({ added: 1, removed: 1 });
    expect(diff?.hunks).toHaveLength(1);
    expect(diff?.hunks[0]?.map(({ sign }) => sign).join('')).toBe('   -+   ');
  });

  test('has the words marked that differ within a line that takes the place of another', () => {
    const marked = (before: string, after: string) =>
      diffOf(before, after)
        ?.hunks.flat()
        .map(({ sign, text, changed }) => [sign, changed.map(([start, end]) => text.slice(start, end))]);
    expect(marked('let a = 1;\nlet b = two;', 'let a = 1;\nlet b = three;')).toEqual([
      [' ', []],
      ['-', ['two']],
      ['+', ['three']],
    ]);
    // Of another line nothing is marked, and of two that became one nobody knows which it was.
    expect(marked('alpha beta', 'gamma delta epsilon')).toEqual([
      ['-', []],
      ['+', []],
    ]);
    expect(marked('let a = 1;\nlet b = 2;', 'let b = 3;')?.flatMap(([, words]) => words)).toEqual([]);
  });

  test('marks only what stands in its own line, and whatever is left of two lines is the same', () => {
    const line = fc.array(fc.constantFrom('a', 'b', 'cd', ' ', '(', 'é'), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(line, line, (before, after) => {
        const lines = diffOf(before.join(''), after.join(''))?.hunks.flat() ?? [];
        const left = lines.map(({ text, changed }) => {
          for (const [start, end] of changed) expect(0 <= start && start < end && end <= text.length).toBe(true);
          return changed.reduceRight((rest, [start, end]) => rest.slice(0, start) + rest.slice(end), text);
        });
        if (lines.length === 2 && lines.some(({ changed }) => changed.length > 0)) expect(left[0]).toBe(left[1]);
      }),
    );
  });

  test('is not compared line by line when that would take seconds', () => {
    const text = (word: string) => Array.from({ length: 5_000 }, (_, n) => `${word} ${n}`).join('\n');
    expect(diffOf(text('a'), text('b'))).toBeUndefined();
  });

  test('keeps every line of the new text among those that stay or are added', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = diffOf(before, after)?.hunks.flat() ?? [];
        const taken = lines.filter(({ sign }) => sign === '-').length;
        const put = lines.filter(({ sign }) => sign === '+').length;
        const count = (whole: string) => (whole === '' ? 0 : whole.split('\n').length - (whole.endsWith('\n') ? 1 : 0));
        expect(put - taken).toBe(count(after) - count(before));
      }),
    );
  });
});
