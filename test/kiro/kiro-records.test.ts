import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { KIRO_RECORDS, recordsOf } from '../../src/kiro/kiro-records.ts';

test('the table of what each Kiro records is the README’s', () => {
  const readme = readFileSync(path.join(import.meta.dirname, '..', '..', 'src', 'kiro', 'README.md'), 'utf8');
  const [, section = ''] = readme.split('### What each Kiro records');
  const rows = section.split(/\n##/)[0]?.match(/^\| `.*\|$/gm) ?? [];
  const listed = rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  expect(listed).toEqual(
    Object.entries(KIRO_RECORDS).map(([generation, { versions, records, lacks }]) => [
      `\`${generation}\``,
      versions,
      records.join(', '),
      lacks.join(', '),
    ]),
  );
});

test('each Kiro that is found is told with its own list', () => {
  const told = recordsOf([
    { generation: 'ide-0.x', version: '0.11.3' },
    { generation: 'ide-1.x', version: null },
  ]);
  expect(told).toMatchObject([{ version: '0.11.3' }, { version: null }]);
  expect(told[0]?.records).toContain('reasoning text');
  expect(told[1]?.lacks).toContain('reasoning text');
});
