import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { reduce } from '../../src/capture/normalize-1x.ts';
import { initialState } from '../../src/capture/normalizer-state-1x.ts';
import type { SessionCursor } from '../../src/capture/session-cursor.ts';
import { parseSessionRecord } from '../../src/kiro/session-records-1x.ts';
import { runs } from '../helpers/fuzz.ts';
import {
  EVERY_TYPE,
  type GivenSession,
  givenContext,
  givenSession,
  RECORDED,
  readAll,
  variant,
} from './given-session.ts';

// What is split is the record: redaction, event by event, would only cost time.
const context = givenContext({ levelFor: () => 'full' });
const read = (session: GivenSession, cursor: SessionCursor | null = null) => readAll(session, cursor, context);
const every = readFileSync(path.join(EVERY_TYPE, 'messages.jsonl'));
const recorded = readFileSync(path.join(RECORDED, 'messages.jsonl'));
const files = [every, recorded, variant('crlf'), variant('session-start-is-prompt'), variant('user-after-turn-start')];

describe('however the file grows', () => {
  test('the same events come out, with the same ids', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }),
        async (file, cuts) => {
          const whole = await read(givenSession(file));
          const session = givenSession();
          let { cursor } = await read(session);
          const events = [];
          const places = cuts.map((cut) => Math.floor(cut * file.length)).toSorted((a, b) => a - b);
          for (const [from, to] of [0, ...places].map((place, index) => [place, places[index] ?? file.length])) {
            session.append(file.subarray(from, to));
            // The cursor goes through the database as JSON.
            const part = await read(session, JSON.parse(JSON.stringify(cursor)));
            events.push(...part.events);
            cursor = part.cursor;
          }
          expect(events).toEqual(whole.events);
          expect(cursor).toEqual({ ...whole.cursor, inode: cursor.inode });
        },
      ),
      runs(25),
    );
  });

  test('no text of the user’s is in the cursor, wherever reading stops', async () => {
    const lines = every.toString('utf8').split(/(?<=\n)/);
    const session = givenSession();
    let { cursor } = await read(session);
    for (const line of lines) {
      session.append(line);
      ({ cursor } = await read(session, cursor));
      expect(JSON.stringify(cursor)).not.toMatch(/health route|readiness|npm test|Transient|Found it|Keep it small/);
    }
  });
});

/** Record lines of the fixture, in any order and number, with odd ones between them. */
const anyLines = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...every.toString('utf8').trim().split('\n')) },
    { weight: 1, arbitrary: fc.json() },
    {
      weight: 2,
      arbitrary: fc
        .record({
          id: fc.option(fc.string()),
          timestamp: fc.anything(),
          payload: fc.record(
            {
              type: fc.constantFrom(
                'user',
                'tool_call',
                'tool_result',
                'turn_end',
                'session_metadata',
                'assistant',
                '__proto__',
              ),
              toolCallId: fc.constantFrom('tooluse_1', 'x', '__proto__'),
              executionId: fc.constantFrom('a', 'b', 'constructor'),
              toolName: fc.constant('t'),
              content: fc.anything(),
              args: fc.anything(),
              value: fc.anything(),
            },
            { requiredKeys: ['type'] },
          ),
        })
        .map((record) =>
          JSON.stringify(record, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
        ),
    },
  ),
  { maxLength: 60 },
);

describe('whatever the order of records', () => {
  test('the reducer never throws, keeps its state small and plain, and numbers turns from 1', () => {
    fc.assert(
      fc.property(anyLines, (lines) => {
        let state = initialState();
        for (const [index, line] of lines.entries()) {
          const record = parseSessionRecord(line);
          if (record === null) continue;
          const before = JSON.stringify(state);
          const step = reduce(state, record, index + 1);
          expect(JSON.stringify(state)).toBe(before);
          expect(JSON.parse(JSON.stringify(step.state))).toEqual(step.state);
          for (const fact of step.facts) expect(fact.turn === null || (fact.turn.index ?? 0) >= 1).toBe(true);
          state = step.state;
        }
        expect(state.open.length).toBeLessThanOrEqual(8);
        expect(state.calls.length).toBeLessThanOrEqual(64);
        const waiting = state.prompts.length + state.calls.length + state.open.length + 1;
        expect(Object.keys(state.held).length).toBeLessThanOrEqual(waiting);
      }),
      runs(150),
    );
  });
});
