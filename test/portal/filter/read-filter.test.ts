import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chipsOf, withChip, withChipTurned, withoutChip, withParts } from '../../../src/portal/filter/chips.ts';
import { EVENT_GRAMMAR, SESSION_GRAMMAR } from '../../../src/portal/filter/grammar.ts';
import { readFilter } from '../../../src/portal/filter/read-filter.ts';
import { findWords, readWords } from '../../../src/portal/filter/words.ts';

const NOW = new Date('2026-09-03T12:00:00.000Z');
const read = (query: string, grammar = EVENT_GRAMMAR) => readFilter(grammar, new URLSearchParams(query), NOW);

describe('a query', () => {
  test.each([
    ['range=24h', { from: '2026-09-02T12:00:00.000Z' }],
    ['range=30m', { from: '2026-09-03T11:30:00.000Z' }],
    ['range=all', {}],
    ['from=2026-09-03T12:00:00Z', { from: '2026-09-03T12:00:00.000Z' }],
    ['to=2026-09-03T14:00:00%2B02:00', { to: '2026-09-03T12:00:00.000Z' }],
    ['kind=tool.invoked', { tests: { kind: { is: ['tool.invoked'], not: [] } } }],
    [
      'kind=tool.invoked&kind=prompt.submitted',
      { tests: { kind: { is: ['tool.invoked', 'prompt.submitted'], not: [] } } },
    ],
    ['tool=-fs_read', { tests: { tool: { is: [], not: ['fs_read'] } } }],
    ['tool=%5C-x', { tests: { tool: { is: ['-x'], not: [] } } }],
    ['exit=nonzero', { tests: { exit: { is: [{ op: '<>', value: 0 }], not: [] } } }],
    ['exit=-137', { tests: { exit: { is: [], not: [{ op: '=', value: 137 }] } } }],
    ['exit=%5C-9', { tests: { exit: { is: [{ op: '=', value: -9 }], not: [] } } }],
    ['duration=%3E5000', { tests: { duration: { is: [{ op: '>', value: 5000 }], not: [] } } }],
    ['duration=>=2.5', { tests: { duration: { is: [{ op: '>=', value: 2.5 }], not: [] } } }],
    [
      'q=a+"b c"',
      {
        words: [
          { text: 'a', goesOn: false },
          { text: 'b c', goesOn: false },
        ],
      },
    ],
    ['limit=50&cursor=x&e=y&user=', {}],
  ])('%s is understood', (query, filter) => {
    expect(read(query)).toEqual({ filter, sort: undefined, misunderstood: [] });
  });

  test.each([
    ['foo=1', 'foo'],
    ['exit=abc', 'exit=abc'],
    ['kind=nonsense', 'kind=nonsense'],
    ['duration=nonzero', 'duration=nonzero'],
    ['range=1y', 'range=1y'],
    ['range=0h', 'range=0h'],
    ['from=yesterday', 'from=yesterday'],
    ['to=2026-13-40T00:00:00Z', 'to=2026-13-40T00:00:00Z'],
    ['q=%2B%2B', 'q=++'],
    ['sort=nonsense', 'sort=nonsense'],
    ['success=-', 'success=-'],
  ])('%s is named as not understood and the rest applies', (query, named) => {
    expect(read(`${query}&user=ana`)).toEqual({
      filter: { tests: { user: { is: ['ana'], not: [] } } },
      sort: undefined,
      misunderstood: [named],
    });
  });

  test('orders by what the list can be ordered by', () => {
    expect(read('sort=-turns', SESSION_GRAMMAR).sort).toEqual({ by: 'turns', descending: true });
  });

  test('never throws, and every part is applied, ignored by name, or named', () => {
    const name = fc.oneof(fc.constantFrom('kind', 'exit', 'q', 'range', 'tool', 'sort', '__proto__'), fc.string());
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string())), (pairs) => {
        const { misunderstood } = readFilter(EVENT_GRAMMAR, new URLSearchParams(pairs), NOW);
        expect(misunderstood.length).toBeLessThanOrEqual(pairs.length);
      }),
    );
  });
});

describe('chips', () => {
  test('show what a query asks for and change one part of it', () => {
    const search = '?kind=tool.invoked&tool=-fs_read&q=x&cursor=abc';
    const [kind, tool] = chipsOf(EVENT_GRAMMAR, search);
    expect([kind, tool]).toMatchObject([
      { name: 'kind', label: 'Kind', value: 'tool.invoked', not: false },
      { name: 'tool', label: 'Tool', value: 'fs_read', not: true },
    ]);
    if (tool === undefined) throw new Error('no chip');
    expect(withoutChip(search, tool)).toBe('?kind=tool.invoked&q=x');
    expect(withChipTurned(search, tool)).toBe('?kind=tool.invoked&q=x&tool=fs_read');
    expect(withParts(search, { range: '7d', q: null })).toBe('?kind=tool.invoked&tool=-fs_read&range=7d');
  });

  test('whatever is added is read back as that value, and can be taken away', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 50, unit: 'binary' }), fc.boolean(), (value, not) => {
        fc.pre(value.isWellFormed() && !value.startsWith('\\-'));
        const search = withChip('?kind=tool.invoked', 'tool', value, not);
        const chip = chipsOf(EVENT_GRAMMAR, search).at(-1);
        expect(chip).toMatchObject({ value, not });
        expect(read(search).filter.tests?.tool?.[not ? 'not' : 'is']).toEqual([value]);
        if (chip !== undefined) expect(withoutChip(search, chip)).toBe('?kind=tool.invoked');
      }),
    );
  });
});

describe('words', () => {
  test.each([
    ['npm test*', 'ran npm  Testing', ['npm', 'Testing']],
    ['"npm test"', 'npm testing, npm test', ['npm test']],
    ['execute_bash*', 'execute_bash and execute bashful', ['execute_bash', 'execute bashful']],
    ['.aws/credentials', 'cat ~/.aws/credentials', ['aws/credentials']],
    ['grün', 'GRUN grüner', ['GRUN']],
    ['ls*', 'lsof ls', ['ls']],
    ['nothing', 'here', []],
  ])('%s in %s', (query, text, found) => {
    expect(findWords(text, readWords(query)).map(([start, end]) => text.slice(start, end))).toEqual(found);
  });

  test('are found in order, apart, and inside the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, query) => {
        let end = 0;
        for (const [from, to] of findWords(text, readWords(query))) {
          expect(from).toBeGreaterThanOrEqual(end);
          expect(to).toBeGreaterThan(from);
          end = to;
        }
        expect(end).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});
