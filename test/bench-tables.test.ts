import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { replaceTable } from './bench/readme-table.ts';

test('a measurement’s text takes the place of the last one between its two marks, and nothing else changes', () => {
  const before =
    '# Title\n\n<!-- idle -->\nold\n<!-- end of idle -->\n\nWords.\n<!-- start -->\n<!-- end of start -->\n';
  const after = replaceTable(before, 'idle', '| new $& |\n');
  expect(after).toBe(
    '# Title\n\n<!-- idle -->\n| new $& |\n<!-- end of idle -->\n\nWords.\n<!-- start -->\n<!-- end of start -->\n',
  );
  expect(replaceTable(after, 'idle', 'old\n')).toBe(before);
});

test.each(['nothing', '<!-- idle -->\n', '<!-- end of idle -->\n<!-- idle -->\n'])(
  'a README without both marks in their order is refused: %j',
  (readme) => {
    expect(() => replaceTable(readme, 'idle', '')).toThrow('<!-- idle -->');
  },
);

test('every measurement has its place in the README', () => {
  const folder = new URL('bench/', import.meta.url);
  const readme = readFileSync(new URL('README.md', folder), 'utf8');
  const names = readdirSync(folder).flatMap((file) => /^(.*)\.bench\.ts$/.exec(file)?.[1] ?? []);
  expect(names.length).toBeGreaterThan(5);
  for (const name of names) expect(() => replaceTable(readme, name, '')).not.toThrow();
});
