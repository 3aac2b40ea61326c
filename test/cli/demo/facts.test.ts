import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareFacts, factOfEvent, factsOfTurn } from '../../../src/cli/demo/facts.ts';
import type { DemoRecord } from '../../../src/cli/demo/script.ts';
import { anEvent } from '../../helpers/events.ts';

const record = (id: string, payload: DemoRecord['payload']): DemoRecord => ({
  id,
  timestamp: '2026-09-01T10:00:00.000Z',
  payload,
});

test('a turn holds a fact for each prompt, answer, reasoning, tool result and end, and for nothing else', () => {
  const before = [
    record('u-1', { type: 'user' }),
    record('s-1', { type: 'turn_start', executionId: 'x-1' }),
    record('a-1', { type: 'assistant', operationType: 'Reasoning' }),
    record('a-2', { type: 'assistant', operationType: 'Say' }),
    record('a-3', { type: 'assistant', operationType: 'Summary' }),
    record('c-1', { type: 'tool_call', toolCallId: 'tool-1' }),
    record('c-2', { type: 'tool_result', toolCallId: 'tool-1' }),
  ];
  const after = [record('us-1', { type: 'usage_summary' }), record('e-1', { type: 'turn_end', executionId: 'x-1' })];
  expect(factsOfTurn({ before, after })).toEqual([
    'prompt.submitted u-1',
    'agent.reasoned a-1',
    'agent.responded a-2',
    'tool.invoked tool-1',
    'turn.ended x-1',
  ]);
});

test('an event has the name of the fact it tells', () => {
  expect(factOfEvent(anEvent(1))).toBe('agent.responded record-1');
  expect(factOfEvent(anEvent(1, { kind: 'turn.ended' }))).toBe('turn.ended turn-1');
  expect(factOfEvent(anEvent(1, { kind: 'session.started' }))).toBe('session.started sess_1');
});

describe('what was expected and what arrived', () => {
  test('differ in what is missing, what is there twice, and what nobody knows', () => {
    expect(compareFacts(['a', 'b', 'c'], ['c', 'a', 'a', 'x'])).toEqual({ missing: ['b'], surplus: ['a', 'x'] });
  });

  test('do not differ when each arrived once, in any order', () => {
    const facts = fc.uniqueArray(fc.string());
    fc.assert(
      fc.property(
        facts.chain((expected) =>
          fc.tuple(fc.constant(expected), fc.shuffledSubarray(expected, { minLength: expected.length })),
        ),
        ([expected, arrived]) => {
          expect(compareFacts(expected, arrived)).toEqual({ missing: [], surplus: [] });
        },
      ),
    );
  });
});
