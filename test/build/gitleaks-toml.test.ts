import { describe, expect, test } from '@jest/globals';
import { convertGitleaks, toJavaScript } from '../../build/gitleaks-toml.ts';

const TOML = `
title = "gitleaks config"

# a comment
[allowlist]
description = "everywhere"
paths = ['''x\\.lock$''']
regexes = [
    '''^true|false$''',
]
stopwords = [
    "EXAMPLE",
]

[[rules]]
id = "acme-key"
description = "An Acme key."
regex = '''\\b(acme_(?i)[a-z]{4})\\z'''
entropy = 2.5
keywords = [
    "ACME_",
    "acme",
]
[[rules.allowlists]]
regexTarget = "line"
regexes = ['''import''','''require''']
[[rules.allowlists]]
condition = "AND"
paths = ['''\\.bb$''']
regexes = ['''LICENSE''']

[[rules]]
id = "p12-file"
description = "A file."
path = '''\\.p12$'''
`;

describe('the rule file of gitleaks', () => {
  test('becomes rules of JavaScript, without those that only look at file names', () => {
    expect(convertGitleaks(TOML)).toEqual({
      allow: [{ target: 'secret', patterns: [['^true|false$', '']], words: ['example'] }],
      rules: [
        {
          name: 'acme-key',
          pattern: [String.raw`\b(acme_(?i:[a-z]{4}))$`, ''],
          entropy: 2.5,
          keywords: ['acme_', 'acme'],
          allow: [
            {
              target: 'line',
              patterns: [
                ['import', ''],
                ['require', ''],
              ],
              words: [],
            },
          ],
        },
      ],
    });
  });

  test('becomes patterns that begin with a word, whatever may precede it', () => {
    const rule = (regex: string) => convertGitleaks(`[[rules]]\nid = "a"\nregex = '''${regex}'''`).rules[0]?.pattern;
    expect(rule(String.raw`(?i)[\w.-]{0,50}?(?:acme)=(x)`)).toEqual(['(?:acme)=(x)', 'i']);
    expect(rule(String.raw`[\w.-]{0,50}?(?i:[\w.-]{0,50}?(?:acme))=(x)`)).toEqual(['(?i:(?:acme))=(x)', '']);
  });

  test.each([
    ['[[unknown]]', /unknown table/],
    ['[[rules]]\nsecretGroup = 2', /not understood/],
    ['[[rules]]\nid = 1979-05-27', /not understood/],
    ['[[rules]]\nkeywords = [\n  "a",', /without an end/],
    ["[[rules]]\nid = \"a\"\nregex = '''(?U)a'''", /regular expression/i],
  ])('with %j is refused, not converted in part', (toml, why) => {
    expect(() => convertGitleaks(toml)).toThrow(why);
  });
});

describe('a pattern of Go', () => {
  test.each([
    ['(?i)abc', 'abc', 'i'],
    ['a(?i)b|c', 'a(?i:b)|(?i:c)', ''],
    ['(a(?i)b)c', '(a(?i:b))c', ''],
    ['(?:a|(?i)b|(c|d))e', '(?:a|(?i:b)|(?i:(c|d)))e', ''],
    [String.raw`[(?i)|]\(\|(?P<n>x)`, String.raw`[(?i)|]\(\|(?<n>x)`, ''],
    ['(?i:a)(?-i:B)', '(?i:a)(?-i:B)', ''],
  ])('%s becomes %s', (go, javaScript, flags) => {
    expect(toJavaScript(go)).toEqual([javaScript, flags]);
  });
});
