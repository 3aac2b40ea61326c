import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { builtInRules, rulesBeside } from '../../src/capture/all-rules.ts';
import type { SecretRule } from '../../src/capture/secret-rule.ts';
import { selectRules } from '../../src/capture/select-rules.ts';
import { benignTexts, plantedSecrets } from './redaction-corpus.ts';

test('one pass selects the same rules as asking for each keyword', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '-', '.'), minLength: 1, maxLength: 4 });
  const keyed = fc.array(fc.option(fc.array(letters, { minLength: 1, maxLength: 3 }), { nil: undefined }), {
    maxLength: 6,
  });
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'B', '-', '.', 'x'), maxLength: 30 });
  fc.assert(
    fc.property(keyed, text, (lists, subject) => {
      const all: SecretRule[] = lists.map((keywords, index) => ({
        name: `r${index}`,
        find: () => [],
        ...(keywords && { keywords }),
      }));
      const isIn = (word: string) => subject.toLowerCase().includes(word);
      const expected = all.filter(({ keywords }) => keywords?.some(isIn) ?? true);
      expect(selectRules(all)(subject)).toEqual(expected);
    }),
  );
});

const rules = builtInRules();
const rulesFor = rulesBeside([]);

/** gitleaks' keywords belong to its rules: some patterns of theirs would find more without. */
const keyedByUs = rules.filter(({ mayHang }) => mayHang !== true);

/** The names of rules that find something although they were not to be tried. */
async function missedIn(text: string): Promise<string[]> {
  const tried = new Set(rulesFor(text).map(({ name, keywords }) => name + keywords));
  const others = keyedByUs.filter(({ name, keywords }) => !tried.has(name + keywords));
  const finds = await Promise.all(others.map(async ({ name, find }) => [...(await find(text))].map(() => name)));
  return finds.flat();
}

const planted = plantedSecrets();

test('a rule of ours that is not tried for want of its keywords would have found nothing', async () => {
  for (const { text } of benignTexts()) expect(await missedIn(text)).toEqual([]);
  for (const { before, secret, after } of planted) expect(await missedIn(before + secret + after)).toEqual([]);
  const part = fc.constantFrom(...planted).chain(({ before, secret, after }) => {
    const whole = before + secret + after;
    const end = fc.nat(whole.length);
    const cases = [(text: string) => text, (text: string) => text.toUpperCase(), (text: string) => text.toLowerCase()];
    return fc
      .tuple(end, end, fc.constantFrom(...cases))
      .map(([a, b, as]) => as(whole.slice(Math.min(a, b), Math.max(a, b))));
  });
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 4 }), async (parts) => {
      expect(await missedIn(parts.join(' '))).toEqual([]);
    }),
  );
});

test('each of the built-in rules that has keywords is tried where one stands, whatever the case', () => {
  for (const { name, keywords = [] } of rules)
    for (const word of keywords)
      expect(rulesFor(`xy ${word.toUpperCase()} z`).map((rule) => rule.name)).toContain(name);
});
