import { describe, expect, test } from '@jest/globals';
import { commandParts, judgeCommand, matchesPattern } from '../../src/kiro/permission-match.ts';
import { isOurRule, permissionRule } from '../../src/kiro/permission-rule.ts';
import { readPermissions } from '../../src/kiro/permissions.ts';
import { addRule, removeRule } from '../../src/kiro/permissions-edit.ts';

const FILE = 'permissions.yaml';
const RULE = permissionRule('linux');
const HOOK = '~/.kiro/scripts/capsule-dispatch.sh stdin >/dev/null 2>&1 || true';
const OURS = (indent: string) =>
  [
    '- capability: shell',
    '  effect: allow',
    '  match:',
    '    - "~/.kiro/scripts/capsule-dispatch.sh stdin >/dev/null 2>&1"',
    '    - "~/.kiro/scripts/capsule-dispatch.sh stdin"',
    '    - "true"',
  ]
    .map((line) => `${indent}${line}\n`)
    .join('');

describe('what Kiro makes of a permissions file', () => {
  test('reads rules with and without match and exclude, and a list of presets beside them', () => {
    const text = 'policies: [a]\nrules:\n  - { capability: shell, effect: deny, match: [rm *], exclude: [rm x] }\n';
    expect(readPermissions(text)).toEqual({
      rules: [{ capability: 'shell', effect: 'deny', match: ['rm *'], exclude: ['rm x'] }],
      problem: null,
    });
  });

  for (const [what, text] of [
    ['an empty file', ''],
    ['comments only', '# mine\n'],
    ['a list at the top', '- a\n'],
    ['no rules', 'policies: []\n'],
    ['a rule that is a text', 'rules: [a]\n'],
    ['a rule without a capability', 'rules: [{effect: allow}]\n'],
    ['an unknown effect', 'rules: [{capability: shell, effect: maybe}]\n'],
    ['a match that is a text', 'rules: [{capability: shell, effect: allow, match: x}]\n'],
    ['an unknown field', 'rules: [{capability: shell, effect: allow, matches: [x]}]\n'],
    ['a text that is not YAML', 'rules: [\n'],
    ['aliases, of which a few lines can become millions', 'rules: &r\n  - *r\n'],
  ]) {
    test(`drops the whole file for ${what}`, () => {
      expect(readPermissions(text ?? '')).toMatchObject({ rules: [], problem: expect.any(String) });
    });
  }
});

describe('a shell pattern', () => {
  for (const [pattern, text, covers] of [
    ['npm test', 'npm test', true],
    ['npm test', 'npm test x', false],
    ['npm *', 'npm run a b', true],
    ['*dispatch*', HOOK, true],
    ['*', '', true],
    ['a*a', 'a', false],
    ['a*b*c', 'a-c-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['n?m *', 'npm x', false],
    ['[a]', 'a', false],
  ] as const) {
    test(`${JSON.stringify(pattern)} ${covers ? 'covers' : 'does not cover'} ${JSON.stringify(text)}`, () => {
      expect(matchesPattern(pattern, text)).toBe(covers);
    });
  }
});

describe('what the rules say of our hook', () => {
  const rule = (effect: 'allow' | 'ask' | 'deny', match?: string[], more = {}) => ({
    capability: 'shell',
    effect,
    ...(match && { match }),
    ...more,
  });

  test('a command is judged in parts, with and without redirections', () => {
    expect(commandParts(HOOK)).toEqual([
      '~/.kiro/scripts/capsule-dispatch.sh stdin >/dev/null 2>&1',
      '~/.kiro/scripts/capsule-dispatch.sh stdin',
      'true',
    ]);
    expect(commandParts('a;b && c | d>x')).toEqual(['a', 'b', 'c', 'd>x', 'd']);
  });

  test('nothing is said without a rule about it', () => {
    expect(judgeCommand([], HOOK)).toBeNull();
    expect(judgeCommand([rule('deny', ['rm *'])], HOOK)).toBeNull();
    expect(judgeCommand([{ ...rule('deny'), capability: 'fs_write' }], HOOK)).toBeNull();
  });

  test('deny wins over ask and ask over allow, whatever the order', () => {
    const [allow, ask, deny] = [rule('allow'), rule('ask', ['*capsule*']), rule('deny', ['*capsule*'])];
    expect(judgeCommand([allow], HOOK)).toBe('allow');
    expect(judgeCommand([ask, allow], HOOK)).toBe('ask');
    expect(judgeCommand([allow, ask, deny], HOOK)).toBe('deny');
    expect(judgeCommand([{ ...deny, capability: 'all' }], HOOK)).toBe('deny');
  });

  test('a part alone can stop the hook, but not allow it', () => {
    expect(judgeCommand([rule('deny', ['true'])], HOOK)).toBe('deny');
    expect(judgeCommand([rule('allow', ['*capsule-dispatch.sh stdin*'])], HOOK)).toBeNull();
  });

  test('what a rule excludes it does not touch', () => {
    expect(judgeCommand([rule('deny', undefined, { exclude: ['~/.kiro/*', 'true'] })], HOOK)).toBeNull();
  });

  test('our own rule allows it on every system, and has no wildcard', () => {
    expect(judgeCommand([RULE], HOOK)).toBe('allow');
    expect(RULE.match.join()).not.toContain('*');
    expect(permissionRule('win32').match).toContain('exit /b 0');
    expect([RULE, permissionRule('win32')].map(isOurRule)).toEqual([true, true]);
    expect(isOurRule({ ...RULE, match: [...RULE.match, 'rm *'] })).toBe(false);
  });
});

describe('adding our rule', () => {
  test('makes a file with nothing but the rule', () => {
    expect(addRule(undefined, RULE, FILE).text).toBe(`rules:\n${OURS('  ')}`);
  });

  test('inserts it at the head of the list, in the list’s own indentation, and keeps every comment', () => {
    const before =
      '# mine\nrules: # all of them\n    # about git\n    - capability: shell\n      effect: deny\n# end\n';
    const { text } = addRule(before, RULE, FILE);
    expect(text).toBe(before.replace('them\n', `them\n${OURS('    ')}`));
  });

  test('keeps a list that is not indented, Windows line ends, and a text without a final newline', () => {
    const before = 'rules:\r\n- capability: shell\r\n  effect: ask\r\n  match: ["git *"]';
    const { text, added } = addRule(before, RULE, FILE);
    expect(text).toBe(before.replace('rules:\r\n', `rules:\r\n${OURS('').replaceAll('\n', '\r\n')}`));
    expect(removeRule(text, added ?? '', FILE)).toBe(before);
  });

  test('adds to a list in brackets, and to JSON, as JSON', () => {
    expect(addRule('rules: []\n', RULE, FILE).text).toBe(`rules: [${JSON.stringify(RULE)}]\n`);
    const json = '{\n  "rules": [\n    {"capability": "shell", "effect": "ask"}\n  ]\n}\n';
    const { text } = addRule(json, RULE, 'permissions.json');
    expect(JSON.parse(text)).toEqual({ rules: [RULE, { capability: 'shell', effect: 'ask' }] });
    expect(text).toBe(json.replace('[\n', `[${JSON.stringify(RULE)},\n`));
  });

  test('a second time changes nothing', () => {
    const { text } = addRule('rules: []\n', RULE, FILE);
    expect(addRule(text, RULE, FILE)).toEqual({ text, added: null });
  });

  for (const [what, text, file] of [
    ['an empty file', '', FILE],
    ['one faulty rule', 'rules:\n  - capability: shell\n    effect: maybe\n', FILE],
    ['a file that is not YAML', 'rules: {\n', FILE],
    ['YAML where JSON should be', 'rules: []\n', 'permissions.json'],
    ['the same key twice', 'rules: []\nrules: []\n', FILE],
  ] as const) {
    test(`refuses ${what}, which Kiro drops`, () => {
      expect(() => addRule(text, RULE, file)).toThrow(expect.objectContaining({ code: 'file-unparsable' }));
    });
  }

  const item = '  - capability: shell\n    effect: ask\n';
  for (const [what, text] of [
    ['an anchor', `rules: &mine\n${item}`],
    ['a tag', `rules: !!seq\n${item}`],
    ['an unknown key beside the rules', `rules:\n${item}more: 1\n`],
    ['several documents', `rules:\n${item}---\nrules: []\n`],
    ['a directive', `%YAML 1.2\n---\nrules:\n${item}`],
    ['a byte order mark', `\uFEFFrules:\n${item}`],
    ['an indented document', ` rules:\n ${item.replaceAll('\n ', '\n  ')}`],
    ['a document that begins on the line of its mark', '--- {rules: []}\n...\nx'],
  ] as const) {
    test(`refuses ${what}, which we are not sure of`, () => {
      expect(() => addRule(text, RULE, FILE)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/edit-unsafe|file-unparsable/) }),
      );
    });
  }
});

describe('taking our rule out', () => {
  const mine = '- capability: shell\n  effect: ask\n  match: [git *] # mine\n';

  test('finds it again when Kiro printed the file anew', () => {
    const [hook, bare, guard] = RULE.match;
    const printed = `rules:\n  - capability: shell\n    effect: allow\n    match: [ '${hook}', ${JSON.stringify(bare)}, "${guard}" ]\n`;
    expect(removeRule(printed + mine.replaceAll(/^/gm, '  '), OURS('  '), FILE)).toBe(
      `rules:\n${mine.replaceAll(/^/gm, '  ')}`,
    );
  });

  test('leaves a valid list when ours was the last rule', () => {
    const { text, added } = addRule(`rules: # all\n${mine}`, RULE, FILE);
    expect(removeRule(text.replace(mine, ''), added ?? '', FILE)).toBe('rules: [] # all\n');
  });

  test('from brackets takes the comma along, at either end', () => {
    const [ours, other] = [JSON.stringify(RULE), '{"capability": "shell", "effect": "ask"}'];
    expect(removeRule(`rules: [ ${ours} , ${other} ]\n`, '', FILE)).toBe(`rules: [ ${other} ]\n`);
    expect(removeRule(`rules: [ ${other}, ${ours} ]\n`, '', FILE)).toBe(`rules: [ ${other} ]\n`);
    expect(removeRule(`rules: [${ours}]\n`, '', FILE)).toBe('rules: []\n');
  });

  test('leaves a text without it, and a rule of the user for the same program', () => {
    const own = 'rules: [{capability: shell, effect: allow, match: ["*capsule-dispatch.sh*"]}]\n';
    expect(removeRule(own, OURS('  '), FILE)).toBe(own);
  });

  test('refuses where a comment of the user stands on a line of ours', () => {
    const text = `rules:\n${mine}${OURS('').replace('"true"', '"true" # why?')}`;
    expect(() => removeRule(text, OURS(''), FILE)).toThrow(expect.objectContaining({ code: 'edit-unsafe' }));
  });
});
