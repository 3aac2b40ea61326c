import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Cell, csvRow } from '../../../src/portal/export/csv.ts';
import { anyText } from '../../helpers/any-text.ts';

test.each<[Cell[], string]>([
  [['a', 1, null, true], 'a,1,,true\r\n'],
  [['a,b', 'say "x"', 'two\nlines'], '"a,b","say ""x""","two\nlines"\r\n'],
  [['=1+1', '+1', '-x', '@x', '\tx'], "'=1+1,'+1,'-x,'@x,'\tx\r\n"],
  [['=HYPERLINK("http://x","y")'], '"\'=HYPERLINK(""http://x"",""y"")"\r\n'],
  [[-5, 'a=b'], '-5,a=b\r\n'],
])('%j is written as %j', (cells, row) => {
  expect(csvRow(cells)).toBe(row);
});

/** A reader of RFC 4180, to hold the writer to. */
function readRow(text: string): string[] {
  const cells = [...text.replace(/\r\n$/, '').matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)];
  return cells.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
}

test('whatever is written is read back, and no cell begins a formula', () => {
  fc.assert(
    fc.property(fc.array(anyText({ minLength: 1 }), { minLength: 1 }), (texts) => {
      const cells = readRow(csvRow(texts));
      expect(cells.map((cell, at) => (cell === texts[at] ? cell : cell.replace(/^'/, '')))).toEqual(texts);
      for (const cell of cells) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
    }),
  );
});
