import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compileExpression, isProblem } from '../../../src/portal/policies/expression.ts';
import { judge } from '../../../src/portal/policies/judge.ts';
import { judgedEvent } from '../../../src/portal/policies/judged-event.ts';
import { readyRules } from '../../../src/portal/policies/rule-set.ts';
import { fits } from '../../../src/portal/policies/targets.ts';
import { runs } from '../../helpers/fuzz.ts';
import { readShort } from '../../helpers/short-events.ts';

const problem = (source: string) => {
  const made = compileExpression(source);
  return isProblem(made)
    ? { code: made.code, at: source.slice(made.start, made.end), line: made.line, column: made.column }
    : undefined;
};
const everybody = { agents: [], users: [], workspaces: [] };
const policy = (id: string, expression: string) => ({
  id,
  expression,
  sequence: null,
  version: 1,
  severity: 'low' as const,
  targets: everybody,
});
const unjudged = (short: string) => readShort(short);

describe('an expression is refused where its fault is', () => {
  test.each([
    ['evnt.kind == "x"', 'unknown_variable', 'evnt', 1, 1],
    ['event.kind == "a" &&\n  event.bdy.x == 1', 'no_such_key', 'bdy', 2, 9],
    ['event.facts.comand == ""', 'no_such_key', 'comand', 1, 13],
    ['event.kind', 'wrong_type', 'event.kind', 1, 1],
    ['event.kind.matches("(a")', 'pattern_invalid', '"(a"', 1, 20],
    ['event.kind.matches("(?=a)")', 'pattern_invalid', '"(?=a)"', 1, 20],
    ['event.kind.matches("(a{1000}){1000}")', 'pattern_invalid', '"(a{1000}){1000}"', 1, 20],
    ['event.kind.matches(event.id)', 'pattern_not_literal', 'event.id', 1, 20],
    ['matches(event.kind, event.id)', 'pattern_not_literal', 'event.id', 1, 21],
    ['event.facts.paths.exists(p, (p + "x").matches(p))', 'pattern_not_literal', 'p', 1, 47],
    ['[1].all(a, [1].all(b, [1].all(c, a + b + c > 0)))', 'nested_too_deep', '[1].all(c, a + b + c > 0)', 1, 23],
    ['cel.bind(a, event.kind, a == "")', 'bind_not_allowed', 'cel.bind(a, event.kind, a == "")', 1, 1],
  ])('%s', (source, code, at, line, column) => {
    expect(problem(source)).toEqual({ code, at, line, column });
  });

  test('also when it is too long, too deep, or calls what stands in for matches', () => {
    expect(problem(`event.kind == "${'x'.repeat(9_000)}"`)?.code).toBe('too_long');
    expect(problem(`${'('.repeat(400)}true${')'.repeat(400)}`)).toBeDefined();
    expect(problem(Array.from({ length: 1_200 }, () => 'true').join('||'))).toBeDefined();
    expect(problem('__re(event.kind, "a")')).toBeDefined();
  });

  test('whatever is written, it is refused or compiles, and never throws', () => {
    const word = fc.constantFrom(
      'event',
      '.kind',
      '.facts',
      '.paths',
      '.matches(',
      '"a+"',
      ')',
      '&&',
      '||',
      '(',
      '==',
      '[',
      ']',
      '1',
      '.exists(p, ',
      'p',
      '{',
      '}',
      ' ',
      "r'",
      '?',
      ':',
    );
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 25 }).map((words) => words.join('')),
        (source) => void compileExpression(source),
      ),
      runs(2_000),
    );
  });
});

describe('a pattern', () => {
  const matches = (expression: string, short = '$ aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!') => {
    const made = compileExpression(expression);
    if (isProblem(made)) throw new Error(made.message);
    const { event, before } = unjudged(short);
    return made.evaluate(judgedEvent(event, before));
  };

  test('that would hang a backtracking engine is decided', () => {
    expect(matches("event.facts.command.matches(r'^(a+)+$')")).toBe(false);
    expect(matches("event.facts.command.matches(r'(.*a){12}$')")).toBe(false);
  });

  test('is replaced wherever it stands: in brackets, in another call, as a function', () => {
    expect(matches("(event.kind + 'x').matches(r'invokedx$')")).toBe(true);
    expect(matches("(event.kind.matches('tool') ? 'yes' : 'no').matches('^yes$')")).toBe(true);
    expect(matches("matches(event.kind, '(?i)TOOL')")).toBe(true);
    expect(matches("event.facts.programs.exists(p, p.matches('(?i)^A+!$'))")).toBe(true);
  });
});

describe('judging', () => {
  const nested = '[<n>].all(a, [<n>].all(b, event.facts.text.matches("(x*y*)*z")))'.replaceAll(
    '<n>',
    Array.from({ length: 60 }, (_, n) => n).join(','),
  );
  const slowText = `w a :: ${'xy'.repeat(30_000)}z`;

  test('names the policy that takes too long, judges by the others, and has the event judged again', () => {
    const { rules } = readyRules([policy('slow', nested), policy('good', 'event.kind == "tool.invoked"')]);
    const judgement = judge(rules, [unjudged(slowText), unjudged('p hello')], { whole: 5_000, batch: 40, single: 20 });
    expect(judgement.slow.map((each) => each.policy)).toEqual(['slow']);
    expect(judgement.findings.map((each) => each.policy.id)).toEqual(['good']);
    expect(judgement.unjudged).toHaveLength(1);
  });

  test('puts off what no time is left for', () => {
    const { rules } = readyRules([policy('slow', nested), policy('good', 'event.kind == "tool.invoked"')]);
    const { findings, unjudged: late } = judge(rules, [unjudged('$ ls'), unjudged('$ pwd')], {
      whole: 0,
      batch: 40,
      single: 20,
    });
    expect([findings.length, late.length]).toEqual([0, 2]);
  });

  test('counts a policy that asks for what is not there, and goes on', () => {
    const { rules } = readyRules([policy('bad', 'event.body.nope == "x"'), policy('good', 'event.body.callId != ""')]);
    const { findings, failures } = judge(rules, [unjudged('$ ls')]);
    expect(findings.map((each) => each.policy.id)).toEqual(['good']);
    expect(failures).toMatchObject([{ policy: 'bad', code: 'no_such_key', message: 'No such key: nope' }]);
  });

  test('says where in the event the evidence is', () => {
    const { rules } = readyRules([
      policy('a', "event.facts.script.matches(r'rm -rf /srv')"),
      policy('b', "event.facts.paths.exists(p, p.matches('aws/credentials$'))"),
    ]);
    const text = (short: string) => {
      const { event, before } = unjudged(short);
      const [finding] = judge(rules, [{ event, before }]).findings;
      const [evidence] = finding?.evidence ?? [];
      const found =
        event.kind === 'tool.invoked' ? (Object.values(event.body.arguments as Record<string, string>)[0] ?? '') : '';
      return [evidence?.path, found.slice(evidence?.start ?? 0, evidence?.end ?? 0)];
    };
    expect(text('$ cd /; rm -rf /srv')).toEqual(['/body/arguments/command', 'rm -rf /srv']);
    expect(text('r /home/dev/.aws/credentials')).toEqual(['/body/arguments/path', 'aws/credentials']);
  });

  test('is only for the targets', () => {
    const { rules } = readyRules([
      { ...policy('a', 'true'), targets: { ...everybody, users: ['ana*'] } },
      { ...policy('b', 'true'), targets: { ...everybody, workspaces: ['*/atlas-*'] } },
    ]);
    expect(judge(rules, [unjudged('$ ls')]).findings.map((each) => each.policy.id)).toEqual(['b']);
  });
});

test('a pattern of targets fits as the same one with .* would', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  fc.assert(
    fc.property(text, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 }), (pattern, name) => {
      expect(fits(pattern, name)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name));
    }),
  );
});
