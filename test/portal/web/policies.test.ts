import { describe, expect, test } from '@jest/globals';
import { excerptOf } from '../../../src/portal/excerpt.ts';
import { compileExpression, isProblem } from '../../../src/portal/policies/expression.ts';
import { factsOf } from '../../../src/portal/policies/facts/facts.ts';
import { judgedEvent } from '../../../src/portal/policies/judged-event.ts';
import { cutAtMarks, marksIn } from '../../../src/portal/web/detections/evidence.ts';
import { detectionsQuery, stateWords } from '../../../src/portal/web/detections/states.ts';
import { excludeLike } from '../../../src/portal/web/policies/exclude-like.ts';
import { EXAMPLES, FIELDS } from '../../../src/portal/web/policies/fields.ts';
import { readPatterns, targetWords } from '../../../src/portal/web/policies/target-words.ts';
import { makeEvent } from '../../helpers/portal-events.ts';

const matches = (expression: string, event: Parameters<typeof judgedEvent>[0]) => {
  const program = compileExpression(expression);
  if (isProblem(program)) throw new Error(program.message);
  return program.evaluate(judgedEvent(event, { content: null }));
};

describe('the help beside the editor', () => {
  test.each(EXAMPLES)('has an example that can be judged: %s', (_what, expression) => {
    expect(compileExpression(expression)).not.toHaveProperty('code');
  });

  test('names every fact, and nothing that is not there', () => {
    const facts = Object.keys(factsOf(makeEvent('tool.invoked'), { content: null })).filter(
      (name) => name !== 'version',
    );
    const named = FIELDS.map(([name]) => name).filter((name) => name.startsWith('event.facts.'));
    expect(named.map((name) => name.slice('event.facts.'.length)).sort()).toEqual(facts.sort());
    for (const [name] of FIELDS) expect([name, compileExpression(`size([${name}]) == 1`)]).not.toHaveProperty('1.code');
  });
});

describe('“exclude like this”', () => {
  const evidence = (event: string, path: string) => [{ event, path, start: 0, end: 2 }];
  test('leaves out the same text of the same user, and nothing else', () => {
    const command = 'echo "a\\b" \'c\'\nrm -rf ~/';
    const event = makeEvent('tool.invoked', { body: { arguments: { command, 'x-y': 'z' } } });
    for (const path of ['/body/arguments/command', '/body/arguments/x-y']) {
      const narrowed = excludeLike('event.kind == "tool.invoked"', event, evidence(event.id, path)) ?? '';
      expect(matches(narrowed, event)).toBe(false);
      expect(matches(narrowed, { ...event, device: { ...event.device, user: 'other' } })).toBe(true);
      expect(matches(narrowed, makeEvent('tool.invoked', { body: { arguments: { command: 'ls' } } }))).toBe(true);
      expect(matches(narrowed, makeEvent('tool.invoked', { body: { arguments: {} } }))).toBe(true);
    }
  });
  test('is not offered where there is no text, or only a place in a list', () => {
    const event = makeEvent('tool.invoked', { body: { arguments: { list: ['a'] } } });
    expect(excludeLike('true', event, evidence(event.id, '/body'))).toBeUndefined();
    expect(excludeLike('true', event, evidence(event.id, '/body/arguments/list/0'))).toBeUndefined();
  });
});

test('marks are cut out of a text wherever its parts begin', () => {
  const marks = marksIn(
    [
      { event: 'e', path: '/body/text', start: 4, end: 9 },
      { event: 'e', path: '/body/text', start: 2, end: 6 },
      { event: 'f', path: '/body/text', start: 0, end: 1 },
    ],
    'e',
    '/body/text',
  );
  expect(marks).toEqual([[2, 9]]);
  expect(
    cutAtMarks('0123456789', marks)
      .map(({ text, marked }) => (marked ? `<${text}>` : text))
      .join(''),
  ).toBe('01<2345678>9');
  expect(cutAtMarks('56789', marks, 5)).toEqual([
    { text: '5678', marked: true },
    { text: '9', marked: false },
  ]);
  expect(cutAtMarks('abc', [[0, Number.MAX_SAFE_INTEGER]])).toEqual([{ text: 'abc', marked: true }]);
});

test('a detection is told by the line that was matched, or by what was called', () => {
  const event = makeEvent('tool.invoked', { body: { arguments: { command: `${'a'.repeat(200)}\nrm -rf ~/\nls` } } });
  const at = [{ event: event.id, path: '/body/arguments/command', start: 201, end: 210 }];
  expect(excerptOf(event, at)).toBe('rm -rf ~/');
  const whole = [{ event: event.id, path: '/body', start: null, end: null }];
  expect(excerptOf(makeEvent('tool.invoked'), whole)).toBe('execute_bash  npm test');
  expect(excerptOf(makeEvent('turn.ended'), whole)).toBeNull();
});

test('the list of detections is what is to be done unless the address says otherwise', () => {
  expect(detectionsQuery('')).toBe('?state=open&state=in_review&sort=-severity');
  expect(detectionsQuery('?state=all&policy=x')).toBe('?policy=x&sort=-severity');
  expect(detectionsQuery('?state=closed&sort=-time')).toBe('?state=closed&sort=-time');
  expect(stateWords({ state: 'closed', reason: 'true_positive' })).toBe('Closed as true positive');
});

test('targets are read and told in few words', () => {
  expect(readPatterns(' a*,b\n\n c ')).toEqual(['a*', 'b', 'c']);
  expect(targetWords({ agents: [], users: ['ana*', 'sam'], workspaces: ['demo'] })).toBe(
    'users ana* and 1 more, workspace demo',
  );
  expect(targetWords({ agents: [], users: [], workspaces: [] })).toBe('Everybody');
});
