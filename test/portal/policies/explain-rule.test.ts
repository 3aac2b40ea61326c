import { expect, test } from '@jest/globals';
import { compileExpression, isProblem } from '../../../src/portal/policies/expression.ts';
import { makeEvent } from '../../helpers/portal-events.ts';

// The library of CEL has to be whole before its part that writes expressions is loaded.
const { explainRule } = await import('../../../src/portal/policies/explain-rule.ts');

const SETTLED = 'event.kind == "prompt.submitted"';

test('each part of an expression says for itself whether it holds', () => {
  const event = makeEvent('prompt.submitted');
  expect(explainRule(`${SETTLED} && event.facts.text.matches("no such text")`, event)).toEqual([
    { text: SETTLED, value: true },
    { text: 'event.facts.text.matches("no such text")', value: false },
  ]);
});

test('many parts that take long are not all waited for', () => {
  const numbers = Array.from({ length: 60 }, (_, n) => n).join(',');
  const slow = `[${numbers}].all(a, [${numbers}].all(b, event.facts.text.matches("(x*y*)*z")))`;
  const rule = [...Array.from({ length: 12 }, () => slow), SETTLED].join(' && ');
  expect(isProblem(compileExpression(rule))).toBe(false);
  const event = makeEvent('prompt.submitted', { body: { text: `${'xy'.repeat(30_000)}z` } });
  const clauses = explainRule(rule, event);
  expect(clauses).toHaveLength(13);
  expect(clauses.at(-1)?.value).toBeNull();
});
