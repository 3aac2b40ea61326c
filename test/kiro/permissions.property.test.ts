import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { Failure } from '../../src/core/failure.ts';
import { isOurRule, permissionRule } from '../../src/kiro/permission-rule.ts';
import { type PermissionRule, readPermissions } from '../../src/kiro/permissions.ts';
import { addRule, removeRule } from '../../src/kiro/permissions-edit.ts';
import { fuzzRuns } from '../helpers/fuzz.ts';

const RUNS = fuzzRuns(3);
const RULE = permissionRule('linux');

const pattern = fc.constantFrom(
  'npm *',
  'git status',
  'rules:',
  '- x',
  '# no comment',
  'a: b',
  '"q"',
  '[',
  "it's",
  'true',
);
const rule: fc.Arbitrary<PermissionRule> = fc.record(
  {
    capability: fc.constantFrom('shell', 'all', 'mcp', 'unknown'),
    effect: fc.constantFrom('allow' as const, 'ask' as const, 'deny' as const),
    match: fc.array(pattern, { maxLength: 2 }),
    exclude: fc.array(pattern, { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: ['capability', 'effect'] },
);
const note = fc.constantFrom('', '', ' # mine', ' # rules: [');
const line = fc.constantFrom('', '', '# a whole line', '');

interface Style {
  indent: string;
  quote: (text: string) => string;
  flow: boolean;
  notes: string[];
  head: string;
  eol: string;
  end: boolean;
}
const style: fc.Arbitrary<Style> = fc.record({
  indent: fc.constantFrom('', '  ', '    '),
  quote: fc.constantFrom(
    (text: string) => JSON.stringify(text),
    (text: string) => `'${text.replaceAll("'", "''")}'`,
  ),
  flow: fc.boolean(),
  notes: fc.array(note, { minLength: 12, maxLength: 12 }),
  head: line,
  eol: fc.constantFrom('\n', '\r\n'),
  end: fc.boolean(),
});

/** A valid permissions file, as people and programs lay it out. */
function write(rules: readonly PermissionRule[], { indent, quote, flow, notes, head, eol, end }: Style): string {
  const list = (items: readonly string[]) => `[${items.map(quote).join(', ')}]`;
  const fields = (it: PermissionRule) => [
    `capability: ${it.capability}`,
    `effect: ${it.effect}`,
    ...(it.match ? [`match: ${list(it.match)}`] : []),
    ...(it.exclude ? [`exclude: ${list(it.exclude)}`] : []),
  ];
  let at = 0;
  const noted = (text: string) => text + (notes[at++ % notes.length] ?? '');
  const items = rules.flatMap((it) =>
    flow
      ? [noted(`${indent}- { ${fields(it).join(', ')} }`)]
      : fields(it).map((field, index) => noted(`${indent}${index === 0 ? '- ' : '  '}${field}`)),
  );
  const lines = rules.length === 0 ? [noted('rules: []')] : [noted('rules:'), ...(head === '' ? [] : [head]), ...items];
  return lines.join(eol) + (end ? eol : '');
}

const blocks = fc.tuple(fc.array(rule, { maxLength: 4 }), style).map(([rules, how]) => write(rules, how));
const json = fc
  .tuple(fc.array(rule, { maxLength: 3 }), fc.constantFrom(0, 2, '\t'))
  .map(([rules, indent]) => JSON.stringify({ rules }, null, indent));
const document = fc.oneof({ weight: 3, arbitrary: blocks }, { weight: 1, arbitrary: json });

const rulesOf = (text: string) => (parse(text) as { rules: PermissionRule[] }).rules;
const comments = (text: string) => text.match(/#.*$/gm) ?? [];

test('any valid permissions file gets our rule once, keeps every byte and all rules, and gets all back', () => {
  fc.assert(
    fc.property(document, (before) => {
      const { text, added } = addRule(before, RULE, 'f');
      expect(rulesOf(text)).toEqual([RULE, ...rulesOf(before)]);
      expect(readPermissions(text).problem).toBeNull();
      const at = text.indexOf(added ?? '');
      expect(text.slice(0, at) + text.slice(at + (added ?? '').length)).toBe(before);
      expect(addRule(text, RULE, 'f')).toEqual({ text, added: null });
      expect(removeRule(text, added ?? '', 'f')).toBe(before);
    }),
    RUNS,
  );
});

test('without its own text our rule is still taken out alone, wherever it stands, and no comment with it', () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 3 }), fc.nat(3), style, (rules, place, how) => {
      const at = Math.min(place, rules.length);
      const quiet = { ...how, notes: [''] };
      const text = write([...rules.slice(0, at), RULE, ...rules.slice(at)], quiet);
      const rest = removeRule(text, '', 'f');
      expect(rulesOf(rest)).toEqual(rules);
      expect(comments(rest)).toEqual(comments(write(rules.length === 0 ? [RULE] : rules, quiet)));
    }),
    RUNS,
  );
});

test('any text at all is edited or refused, never damaged', () => {
  const piece = fc.constantFrom(
    'rules',
    ':',
    '- ',
    '\n',
    ' ',
    '  ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '#',
    '"',
    "'",
    '&a',
    '*a',
  );
  const word = fc.constantFrom(
    'capability: shell',
    'effect: ask',
    'match:',
    '---',
    '|',
    '>',
    '!!seq',
    '? ',
    'policies',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, word), { maxLength: 14 }), (pieces) => {
      const before = pieces.join('');
      try {
        const { text, added } = addRule(before, RULE, 'f');
        expect(rulesOf(text).filter(isOurRule)).toHaveLength(1);
        expect(removeRule(text, added ?? '', 'f')).toBe(before);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        expect(['file-unparsable', 'edit-unsafe']).toContain(error.code);
      }
    }),
    RUNS,
  );
});
