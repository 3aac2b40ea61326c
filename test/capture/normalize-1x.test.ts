import { describe, expect, test } from '@jest/globals';
import type { Fact } from '../../src/capture/fact.ts';
import { reduce } from '../../src/capture/normalize-1x.ts';
import { BOUNDS, initialState, type NormalizerState } from '../../src/capture/normalizer-state-1x.ts';
import { parseSessionRecord } from '../../src/kiro/session-records-1x.ts';

/** Seconds on one morning. */
const at = (second: number) => new Date(Date.UTC(2026, 8, 1, 10, 0, second)).toISOString();

/** Runs payloads, each a second after the one before, named by their place. */
function run(payloads: object[]): { facts: Fact[]; unknown: string[]; state: NormalizerState } {
  let state = initialState();
  const facts: Fact[] = [];
  const unknown: string[] = [];
  for (const [index, { id = `r${index}`, time = at(index), ...payload }] of (
    payloads as { id?: string; time?: string }[]
  ).entries()) {
    const record = parseSessionRecord(JSON.stringify({ id, timestamp: time, payload }));
    if (record === null) throw new Error('no record');
    const step = reduce(state, record, index + 1);
    state = step.state;
    facts.push(...step.facts);
    unknown.push(...step.unknown);
  }
  return { facts, unknown, state };
}

const user = (content: unknown, more = {}) => ({ type: 'user', content, ...more });
const start = (executionId = 't1') => ({ type: 'turn_start', executionId });
const end = (executionId = 't1', stopReason = 'end_turn') => ({ type: 'turn_end', executionId, stopReason });
const say = (content: string, executionId?: string) => ({
  type: 'assistant',
  content,
  operationType: 'Say',
  executionId,
});
const call = (toolCallId: string, more = {}) => ({
  type: 'tool_call',
  toolCallId,
  toolName: 'read_file',
  args: {},
  executionId: 't1',
  ...more,
});
const result = (toolCallId: string, more = {}) => ({
  type: 'tool_result',
  toolCallId,
  content: 'ok',
  success: true,
  executionId: 't1',
  ...more,
});
const asked = (toolCallId: string, more = {}) => ({
  type: 'pending_interaction',
  interactionType: 'tool_approval',
  toolCallId,
  ...more,
});
const answered = (toolCallId: string, selectedOption: string) => ({
  type: 'interaction_resolved',
  toolCallId,
  selectedOption,
});

const told = (facts: Fact[]) =>
  facts.map((fact) => [fact.kind, fact.turn?.index ?? null, 'text' in fact.body ? fact.body.text : null]);
const tools = (facts: Fact[]) =>
  facts.flatMap((fact) => (fact.kind === 'tool.invoked' ? [{ ...fact.body, turn: fact.turn, time: fact.time }] : []));
const ends = (facts: Fact[]) => facts.filter((fact) => fact.kind === 'turn.ended');

describe('prompts', () => {
  test('typed during a turn, after the agent acted and without a mark, belong to the next turn', () => {
    const { facts } = run([user('one'), start(), say('a', 't1'), user('two'), end(), start('t2')]);
    expect(told(facts)).toEqual([
      ['prompt.submitted', 1, 'one'],
      ['agent.responded', 1, 'a'],
      ['turn.ended', 1, null],
      ['prompt.submitted', 2, 'two'],
    ]);
  });

  test('of several blocks are one text, and what is not text is an attachment', () => {
    const { facts } = run([
      start(),
      user(
        [
          { type: 'text', text: 'a' },
          { type: 'image', mimeType: 'image/png', data: 'x' },
          { type: 'text', text: 'b' },
        ],
        {
          images: [{ name: 'shot.png', size: 12 }],
          documents: ['odd'],
        },
      ),
    ]);
    expect(facts[0]?.body).toEqual({
      text: 'a\nb',
      source: null,
      attachments: [
        { name: 'shot.png', type: 'image', bytes: 12 },
        { name: null, type: 'document', bytes: null },
        { name: null, type: 'image/png', bytes: null },
      ],
    });
  });

  test('come from session_start only if it is not forced and no user record is in the first turn', () => {
    const opening = (forcedRole: boolean) => ({ type: 'session_start', content: 'opening', forcedRole });
    const texts = (payloads: object[]) =>
      run(payloads).facts.flatMap((fact) => (fact.kind === 'prompt.submitted' ? [fact.body.text] : []));
    expect(texts([opening(false), start(), say('a', 't1'), end()])).toEqual(['opening']);
    expect(texts([opening(false), start(), user('real'), say('a', 't1'), end()])).toEqual(['real']);
    expect(texts([opening(true), start(), say('a', 't1'), end()])).toEqual([]);
    expect(texts([start(), say('a', 't1'), end(), opening(false)])).toEqual(['opening']);
    expect(texts([user('real'), start(), say('a', 't1'), end(), opening(false)])).toEqual(['real']);
    expect(texts([start(), end(), start('t2'), end('t2'), opening(false)])).toEqual([]);
    expect(texts([opening(false), start(), end()])).toEqual(['opening']);
  });
});

describe('turns', () => {
  test('that crashed stay the old turn when their end is added after a new one began', () => {
    const { facts } = run([
      user('one'),
      start(),
      say('a', 't1'),
      user('two'),
      start('t2'),
      end('t1', 'cancelled'),
      say('b', 't2'),
      end('t2'),
    ]);
    expect(told(facts).slice(2)).toEqual([
      ['prompt.submitted', 2, 'two'],
      ['turn.ended', 1, null],
      ['agent.responded', 2, 'b'],
      ['turn.ended', 2, null],
    ]);
  });

  test('that are restarted keep their number, and each end is a fact of its own', () => {
    const twice = end();
    const { facts } = run([
      start(),
      { ...twice, id: 't1-turn-end' },
      start(),
      say('more', 't1'),
      { ...twice, id: 't1-turn-end' },
    ]);
    expect(told(facts).map(([, index]) => index)).toEqual([1, 1, 1]);
    expect(new Set(ends(facts).map((fact) => fact.key)).size).toBe(2);
  });

  test('end once, however often the end is written', () => {
    expect(ends(run([start(), end(), end(), end()]).facts)).toHaveLength(1);
  });

  test('whose beginning we have not seen are numbered, and their length is not known', () => {
    const { facts } = run([say('a', 't9'), end('t9')]);
    expect(facts.map((fact) => fact.turn)).toEqual([
      { id: 't9', index: 1 },
      { id: 't9', index: 1 },
    ]);
    expect(ends(facts)[0]?.body).toMatchObject({ durationMs: null });
  });

  test('take records that name no execution while they run, and those that name an ended one go to that', () => {
    const { facts } = run([start(), say('a'), end(), say('late', 't1'), say('outside')]);
    expect(told(facts)).toEqual([
      ['agent.responded', 1, 'a'],
      ['turn.ended', 1, null],
      ['agent.responded', 1, 'late'],
      ['agent.responded', null, 'outside'],
    ]);
  });

  test('add up credits of all summaries, and know none without any', () => {
    const summary = (...usage: object[]) => ({
      type: 'usage_summary',
      executionId: 't1',
      promptTurnSummaries: usage,
      elapsedTime: 5,
    });
    const credits = (...usage: object[]) => {
      const [ended] = run([start(), summary(...usage), end()]).facts;
      return ended?.kind === 'turn.ended' ? ended.body.credits : undefined;
    };
    expect(credits({ unit: 'credit', usage: 0.5 }, { unit: 'credit', usage: 0.25 }, { unit: 'token', usage: 9 })).toBe(
      0.75,
    );
    expect(credits()).toBeNull();
  });
});

describe('tool calls', () => {
  test('without a result are told as unfinished when their turn ends', () => {
    const { facts } = run([start(), call('c1'), end()]);
    expect(tools(facts)).toMatchObject([
      { callId: 'c1', success: null, result: null, endedAt: null, durationMs: null, time: at(1) },
    ]);
    expect(ends(facts)[0]?.body).toMatchObject({ counts: { tools: 1, toolFailures: 0 } });
  });

  test('of a crashed turn are told as unfinished when the next turn begins, and a result after that is only counted', () => {
    const { facts, unknown } = run([start(), call('c1'), start('t2'), result('c1')]);
    expect(tools(facts)).toMatchObject([{ callId: 'c1', success: null, turn: { id: 't1', index: 1 } }]);
    expect(unknown).toEqual(['tool_result (late)']);
  });

  test('written more than once are one call, as it was last', () => {
    const { facts } = run([
      start(),
      call('c1', { status: 'pending' }),
      call('c1', { args: { path: 'x' } }),
      result('c1'),
    ]);
    expect(tools(facts)).toMatchObject([{ arguments: { path: 'x' }, startedAt: at(2) }]);
  });

  test('that were told are not told again by records that come twice', () => {
    const { facts, unknown } = run([start(), call('c1'), result('c1'), result('c1'), call('c1'), end()]);
    expect(tools(facts)).toHaveLength(1);
    expect(unknown).toEqual(['tool_result (late)', 'tool_call (late)']);
  });

  test('whose record is lost are told from their result', () => {
    expect(tools(run([start(), result('c1')]).facts)).toMatchObject([
      { callId: 'c1', name: 'unknown', arguments: null, result: 'ok' },
    ]);
  });

  test('start at the latest moment known to be before them', () => {
    const startOf = (...payloads: object[]) => tools(run([start(), ...payloads]).facts)[0]?.startedAt;
    expect(startOf(call('c1', { time: at(5) }), result('c1', { time: at(5) }))).toBe(at(0));
    expect(startOf(call('c1', { time: at(3) }), result('c1', { time: at(5) }))).toBe(at(3));
    expect(
      startOf(asked('c1'), answered('c1', 'accept'), call('c1', { time: at(5) }), result('c1', { time: at(5) })),
    ).toBe(at(2));
    expect(startOf(call('c1'), asked('c1'), answered('c1', 'accept'), result('c1', { time: at(9) }))).toBe(at(3));
  });

  test.each([
    ['accept', 'accepted'],
    ['always-accept', 'accepted'],
    ['reject', 'rejected'],
    ['always-reject', 'rejected'],
    ['something-new', null],
    ['constructor', null],
  ])('answered with %s are %s', (option, approval) => {
    expect(
      tools(run([start(), asked('c1'), answered('c1', option), call('c1'), result('c1')]).facts)[0]?.approval,
    ).toBe(approval);
  });

  test('are approved together by one answer about their files', () => {
    const files = { _meta: { kiro: { files: [{ toolCallId: 'c1' }, { toolCallId: 'c2' }, { odd: true }] } } };
    const { facts } = run([
      start(),
      asked('turn_approval_1', files),
      answered('turn_approval_1', 'accept'),
      ...['c1', 'c2', 'c3'].flatMap((id) => [call(id), result(id)]),
    ]);
    expect(tools(facts).map(({ approval }) => approval)).toEqual(['accepted', 'accepted', null]);
  });

  test('are refused when Kiro says so without a question', () => {
    expect(
      tools(run([start(), call('c1', { status: 'denied' }), result('c1', { success: false })]).facts)[0],
    ).toMatchObject({
      approval: 'rejected',
      startedAt: null,
    });
  });

  test.each([
    ['Output:\nok\n\nExit Code: 0', 0, true],
    ['Output:\n\nExit Code: 127\n', 127, false],
    ['Output:\n\nExit Code: -1', null, true],
    ['Exit Code: 3', 3, false],
    ['says Exit Code: 3', null, true],
    ['Exit Code: 3\nand more', null, true],
  ])('of commands that say %j have exit code %s', (content, exitCode, success) => {
    const { facts } = run([start(), call('c1', { kind: 'execute' }), result('c1', { content })]);
    expect(tools(facts)[0]).toMatchObject({ exitCode, success });
  });

  test('that are no commands have no exit code, whatever they read', () => {
    expect(
      tools(run([start(), call('c1', { kind: 'read' }), result('c1', { content: 'Exit Code: 3' })]).facts)[0],
    ).toMatchObject({
      exitCode: null,
      success: true,
    });
  });

  test('started at once by sub-agents are told apart by their prompts, and not guessed without', () => {
    const agent = (subSessionId: string, subAgentName: string, prompt: string) => ({
      type: 'sub_agent_start',
      subSessionId,
      subAgentName,
      prompt,
      parentExecutionId: 't1',
    });
    const calling = (id: string, args: object) => call(id, { toolName: 'invoke_sub_agent', args });
    const { facts } = run([
      start(),
      calling('c1', { name: 'explorer', prompt: 'left' }),
      calling('c2', { name: 'explorer', prompt: 'right' }),
      calling('c3', { name: 'explorer', prompt: 'down' }),
      agent('s2', 'explorer', 'right'),
      agent('s1', 'explorer', 'left'),
      agent('s8', 'explorer', 'other'),
      agent('s9', 'explorer', 'another'),
      ...['c1', 'c2', 'c3'].map((id) => result(id)),
    ]);
    expect(tools(facts).map(({ subAgent }) => subAgent)).toEqual([
      { id: 's1', name: 'explorer' },
      { id: 's2', name: 'explorer' },
      null,
    ]);
  });
});

test('what is remembered is bounded, and what falls out is told rather than lost', () => {
  const calls = Array.from({ length: 100 }, (_, n) => call(`c${n}`));
  const { facts, state } = run([start(), ...calls]);
  expect(state.calls).toHaveLength(BOUNDS.calls);
  expect(tools(facts).map(({ callId }) => callId)).toEqual(Array.from({ length: 36 }, (_, n) => `c${n}`));
  const prompts = run(Array.from({ length: 30 }, (_, n) => user(`p${n}`)));
  expect(told(prompts.facts)).toEqual(Array.from({ length: 14 }, (_, n) => ['prompt.submitted', null, `p${n}`]));
  const turns = run(Array.from({ length: 50 }, (_, n) => start(`t${n}`)));
  expect([turns.state.open.length, turns.state.ended.length, turns.state.turns]).toEqual([
    BOUNDS.open,
    BOUNDS.ended,
    50,
  ]);
});
