import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chipsOf, withChip, withChipTurned, withoutChip, withParts } from '../../../src/portal/filter/chips.ts';
import { AGENT_GRAMMAR, EVENT_GRAMMAR, SESSION_GRAMMAR } from '../../../src/portal/filter/grammar.ts';
import { readFilter } from '../../../src/portal/filter/read-filter.ts';
import { versionOrder } from '../../../src/portal/filter/version-order.ts';
import { findWords, readWords } from '../../../src/portal/filter/words.ts';
import { anyText } from '../../helpers/any-text.ts';

const NOW = new Date('2026-09-03T12:00:00.000Z');
const read = (query: string, grammar = EVENT_GRAMMAR) => readFilter(grammar, new URLSearchParams(query), NOW);

describe('a version', () => {
  const versions = (query: string) => read(query, AGENT_GRAMMAR);
  test('is one version, or those on one side of it', () => {
    expect(versions('kiro=1.0.411&version=>=0.2&version=-<0.1').filter.tests).toEqual({
      kiro: { is: ['1.0.411'], not: [] },
      version: { is: [{ op: '>=', version: '0.2' }], not: [{ op: '<', version: '0.1' }] },
    });
    expect(versions('kiro=<new&version=>').misunderstood).toEqual(['kiro=<new', 'version=>']);
  });

  test('comes before another as its numbers do', () => {
    const inOrder = ['0.9.3', '1.0', '1.0.9', '1.0.10', '1.0.182', '1.0.1002', '1.1-beta', '10.0'];
    expect(inOrder.toSorted((a, b) => ((versionOrder(a) ?? '') < (versionOrder(b) ?? '') ? -1 : 1))).toEqual(inOrder);
    expect(versionOrder('unknown')).toBeNull();
    const numbers = fc.array(fc.nat(999_999_999), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const at = a.findIndex((number, place) => number !== b[place]);
        const expected = at < 0 ? a.length < b.length : b[at] === undefined ? false : (a[at] ?? 0) < b[at];
        expect((versionOrder(a.join('.')) ?? '') < (versionOrder(b.join('.')) ?? '')).toBe(expected);
      }),
    );
  });
});

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
      fc.property(anyText({ minLength: 1, maxLength: 50 }), fc.boolean(), (value, not) => {
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
      fc.property(anyText(), fc.string(), (text, query) => {
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
