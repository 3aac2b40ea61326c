import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { OTHER_NAMES, sumCounts } from '../../src/capture/name-counts.ts';
import { givenSession, line, readAll } from './given-session.ts';

describe('what is not known of Kiro', () => {
  test('is counted by name: types, fields, files', async () => {
    const session = givenSession(
      line('a', { type: 'future', x: 1 }) +
        line('b', { type: 'turn_start', executionId: 't1', later: true }) +
        line('c', { type: 'turn_end', executionId: 't1', later: true }) +
        line('d', { type: 'turn_start' }),
    );
    writeFileSync(path.join(session.folder.path, 'plan-7.md'), '');
    const read = await readAll(session);
    expect(read.unknown).toEqual({
      future: 1,
      'turn_start.later': 1,
      'turn_end.later': 1,
      'turn_start (unreadable)': 1,
      'file plan-*.md': 1,
    });
    session.append(line('e', { type: 'future' }));
    expect((await readAll(session, read.cursor)).unknown).toEqual({ future: 1 });
  });

  test('is summed up over reads, and bounded however many names there are', () => {
    expect(sumCounts({ a: 1 }, { a: 2, b: 1 }, {})).toEqual({ a: 3, b: 1 });
    const many = Array.from({ length: 500 }, (_, n) => ({ [`name-${n}`]: 2 }));
    const sums = many.reduce<Record<string, number>>((all, each) => sumCounts(all, each), {});
    expect(Object.keys(sums)).toHaveLength(201);
    expect(sums[OTHER_NAMES]).toBe(600);
    expect(sumCounts({ __proto__x: 1, constructor: 1 }, JSON.parse('{"__proto__":1}'))).toHaveProperty(
      'constructor',
      1,
    );
  });
});
