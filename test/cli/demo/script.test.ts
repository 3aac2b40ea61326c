import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cutIntoTurns, type DemoRecord, sessionFolder, stageSession, toLines } from '../../../src/cli/demo/script.ts';
import { readTextAsset } from '../../../src/core/assets.ts';

const NOW = new Date('2026-11-24T12:00:00.000Z');
const record = (type: string, n: number): DemoRecord => ({
  id: `r-${n}`,
  timestamp: '2026-09-01T10:00:00.000Z',
  payload: { type },
});
const cut = (...types: string[]) =>
  cutIntoTurns(types.map(record)).map(({ before, after }) => [
    before.map(({ payload }) => payload.type),
    after.map(({ payload }) => payload.type),
  ]);

describe('a record is cut into turns', () => {
  test('where the hook runs, and where the next prompt stands', () => {
    expect(
      cut('user', 'turn_start', 'assistant', 'usage_summary', 'turn_end', 'user', 'assistant', 'turn_end'),
    ).toEqual([
      [
        ['user', 'turn_start', 'assistant'],
        ['usage_summary', 'turn_end'],
      ],
      [['user', 'assistant'], ['turn_end']],
    ]);
  });

  test('with what Kiro adds behind an end left with that end', () => {
    expect(cut('user', 'turn_end', 'session_metadata', 'user')).toEqual([
      [['user'], ['turn_end', 'session_metadata']],
      [['user'], []],
    ]);
  });

  test('without losing a record or its place', () => {
    const type = fc.constantFrom('user', 'turn_start', 'assistant', 'tool_result', 'usage_summary', 'turn_end');
    fc.assert(
      fc.property(fc.array(type), (types) => {
        const records = types.map(record);
        const turns = cutIntoTurns(records);
        expect(turns.flatMap(({ before, after }) => [...before, ...after])).toEqual(records);
      }),
    );
  });
});

describe.each(['recorded', 'written'])('the %s session', (name) => {
  const workspace = '/home/dev/projects/demo “2”';
  const session = stageSession(
    readTextAsset(`installer-assets/demo/${name}-session.json`),
    readTextAsset(`installer-assets/demo/${name}-messages.jsonl`),
    workspace,
    NOW,
  );
  const records = session.turns.flatMap(({ before, after }) => [...before, ...after]);

  test('ends now, in order, and each turn has its end', () => {
    const times = records.map(({ timestamp }) => Date.parse(timestamp));
    expect(Math.max(...times)).toBe(NOW.getTime());
    for (const { before, after } of session.turns) {
      expect(before[0]?.payload.type).toBe('user');
      expect(after.filter(({ payload }) => payload.type === 'turn_end').length).toBe(1);
    }
  });

  test('is in the demo’s workspace, and nowhere else', () => {
    expect(JSON.parse(session.meta)).toMatchObject({
      id: session.id,
      workspacePaths: [workspace],
      rootPaths: [workspace],
    });
    // What a terminal printed stays as it was printed: its prompt begins with a capital C.
    expect(/\/home\/dev\/demo-app|c:\\+Users\\+dev/.test(toLines(records))).toBe(false);
    expect(sessionFolder('/tmp/home', session)).toBe(path.join('/tmp/home', '.kiro/sessions/demo-bucket', session.id));
  });
});
