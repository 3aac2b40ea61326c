import { describe, expect, test } from '@jest/globals';
import { turnFacts } from '../../src/capture/turn-0x.ts';
import { parseExecution } from '../../src/kiro/execution-0x.ts';

const call = (actionId: string, more: object = {}) => ({
  actionId,
  actionType: 'invokeSubAgent',
  actionState: 'Success',
  emittedAt: 2000,
  input: { subAgentName: 'finder', prompt: `Find ${actionId}` },
  output: {},
  ...more,
});
const response = (actionId: string, more: object = {}) => ({
  actionId,
  actionType: 'subagent_response',
  actionState: 'Success',
  emittedAt: 5000,
  output: { response: `Found by ${actionId}` },
  ...more,
});
function toolsOf(actions: object[], more: object = { status: 'succeed', endTime: 9000 }) {
  const execution = parseExecution(JSON.stringify({ executionId: 'e', startTime: 1000, actions, ...more }));
  if (execution === null) throw new Error('not an execution');
  const { facts } = turnFacts({ execution, index: 1, prompt: null });
  return facts.flatMap((fact) => (fact.kind === 'tool.invoked' ? [fact] : []));
}
const gist = (actions: object[], more?: object) =>
  toolsOf(actions, more).map(({ body }) => [body.name, body.callId, body.result]);
const RUNNING = { status: 'running', endTime: 0 };

describe('a call of a sub-agent and its response', () => {
  test('are one tool call: what was asked from the first, how it ended and when from the second', () => {
    const [tool, ...others] = toolsOf([call('c'), response('r')]);
    expect(others).toEqual([]);
    expect(tool).toMatchObject({ key: 'e:invokeSubAgent:c', record: 'c', time: '1970-01-01T00:00:05.000Z' });
    expect(tool?.inferred).toEqual(['result', 'success', 'kind', 'startedAt', 'endedAt', 'durationMs']);
    expect(tool?.body).toEqual({
      callId: 'c',
      name: 'invokeSubAgent',
      kind: 'other',
      mcpServer: null,
      arguments: { subAgentName: 'finder', prompt: 'Find c' },
      result: 'Found by r',
      success: true,
      exitCode: null,
      startedAt: '1970-01-01T00:00:02.000Z',
      endedAt: '1970-01-01T00:00:05.000Z',
      durationMs: 3000,
      approval: null,
      subAgent: { id: 'c', name: 'finder' },
    });
  });

  test('are told when the response is final, and not before', () => {
    expect(gist([call('c')], RUNNING)).toEqual([]);
    expect(gist([call('c'), response('r', { actionState: 'Running', output: {} })], RUNNING)).toEqual([]);
    expect(gist([call('c'), response('r')], RUNNING)).toEqual([['invokeSubAgent', 'c', 'Found by r']]);
  });

  test('are told as failed when the response says so', () => {
    const [tool] = toolsOf([call('c'), response('r', { actionState: 'Error', errorMessage: 'Timed out', output: {} })]);
    expect(tool?.body).toMatchObject({ success: false, result: { errorMessage: 'Timed out' } });
  });

  test('that follow one another are told in pairs', () => {
    expect(
      gist([call('c1'), response('r1'), call('c2'), response('r2', { input: { response: 'In' }, output: {} })]),
    ).toEqual([
      ['invokeSubAgent', 'c1', 'Found by r1'],
      ['invokeSubAgent', 'c2', 'In'],
    ]);
  });

  test('of several at once stay apart, because nothing in the file says whose a response is', () => {
    expect(gist([call('c1'), call('c2'), response('r2'), response('r1'), call('c3'), response('r3')])).toEqual([
      ['invokeSubAgent', 'c1', null],
      ['invokeSubAgent', 'c2', null],
      ['subagent_response', 'r2', 'Found by r2'],
      ['subagent_response', 'r1', 'Found by r1'],
      ['invokeSubAgent', 'c3', 'Found by r3'],
    ]);
  });

  test('stay apart when the call was answered in place, never was, or was after the turn’s end', () => {
    expect(gist([call('c', { output: { response: 'Here' } }), response('r')])).toEqual([
      ['invokeSubAgent', 'c', 'Here'],
      ['subagent_response', 'r', 'Found by r'],
    ]);
    expect(gist([call('c')])).toEqual([['invokeSubAgent', 'c', null]]);
    expect(gist([call('c'), response('r', { emittedAt: 10_000 })])).toEqual([
      ['invokeSubAgent', 'c', null],
      ['subagent_response', 'r', 'Found by r'],
    ]);
    expect(gist([response('r')])).toEqual([['subagent_response', 'r', 'Found by r']]);
  });
});
