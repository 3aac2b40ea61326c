import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { factHash } from '../../src/capture/read-execution-0x.ts';
import { turnFacts } from '../../src/capture/turn-0x.ts';
import { parseExecution } from '../../src/kiro/execution-0x.ts';
import { runs } from '../helpers/fuzz.ts';

const TYPES = ['say', 'reasoning', 'runCommand', 'mcp', 'replace', 'model', 'someFutureAction'];
/** When each of an execution's actions becomes final, as the number of the rewriting it is final in. */
const action = fc.record({ type: fc.constantFrom(...TYPES), named: fc.boolean(), finalIn: fc.nat(4) });

function rewriting(actions: readonly { type: string; named: boolean; finalIn: number }[], now: number) {
  return JSON.stringify({
    executionId: 'exec',
    chatSessionId: 'chat',
    status: now === 4 ? 'succeed' : 'running',
    startTime: 1000,
    endTime: now === 4 ? 9000 : 0,
    input: { data: { userPrompt: 'Go' } },
    actions: actions.map(({ type, named, finalIn }, at) => ({
      ...(named ? { actionId: `a${at}` } : {}),
      actionType: type,
      actionState: finalIn <= now ? 'Success' : 'Running',
      emittedAt: 2000 + at,
      input: { x: at },
      ...(finalIn <= now ? { output: { message: `done ${at}` } } : {}),
    })),
  });
}

function factsOf(json: string) {
  const execution = parseExecution(json);
  if (execution === null) throw new Error('not an execution');
  return turnFacts({ execution, index: 1, prompt: { record: null, text: 'Go', attachments: [] } }).facts;
}

describe('an execution that Kiro rewrites again and again', () => {
  test('tells each fact once, as it stands in the end, whichever of the rewritings are seen', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 8 }), fc.subarray([0, 1, 2, 3]), (actions, seen) => {
        const told = new Map<string, unknown>();
        for (const now of [...seen, 4]) {
          for (const fact of factsOf(rewriting(actions, now)))
            if (!told.has(factHash(fact))) told.set(factHash(fact), fact);
        }
        const final = factsOf(rewriting(actions, 4));
        expect(new Map(final.map((fact) => [factHash(fact), fact]))).toEqual(told);
        expect(told.size).toBe(final.length);
      }),
      runs(200),
    );
  });

  test('never tells an action that is not final while the execution runs', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 8 }), fc.nat(3), (actions, now) => {
        const tools = factsOf(rewriting(actions, now)).filter(({ kind }) => kind !== 'prompt.submitted');
        const records = actions.filter(({ type, finalIn }) => type !== 'model' && finalIn <= now);
        expect(tools).toHaveLength(records.length);
      }),
      runs(200),
    );
  });

  test('has ordinals that rise in the order of the file', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 8 }), (actions) => {
        const ordinals = factsOf(rewriting(actions, 4)).map(({ ordinal }) => ordinal);
        expect(ordinals).toEqual([...new Set(ordinals)].sort((a, b) => a - b));
      }),
      runs(100),
    );
  });
});

describe('one action that stands twice in the file', () => {
  test('is one action, as it was written last', () => {
    const twice = (state: string, output?: object) => ({
      actionId: 'a',
      actionType: 'runCommand',
      actionState: state,
      emittedAt: 2000,
      ...(output === undefined ? {} : { output }),
    });
    const json = JSON.stringify({
      executionId: 'exec',
      status: 'running',
      actions: [twice('Running'), twice('Success', { output: 'ok', exitCode: 0 })],
    });
    expect(factsOf(json).filter(({ kind }) => kind === 'tool.invoked')).toMatchObject([
      { body: { callId: 'a', success: true, result: 'ok', exitCode: 0 } },
    ]);
  });
});
