import { appendFileSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SessionCursor } from '../../src/capture/session-cursor.ts';
import { baselineCursor } from '../../src/capture/session-cursor.ts';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { runs } from '../helpers/fuzz.ts';
import { type GivenSession, givenContext, givenSession, line, ofKind, readAll } from './given-session.ts';

const at = (second: number) => new Date(Date.UTC(2026, 8, 1, 10, 0, second)).toISOString();
const call = (id: string, execution: string, second: number, tool = 'read_file') =>
  line(`${id}-call`, { type: 'tool_call', toolCallId: id, toolName: tool, executionId: execution }, at(second));
const result = (id: string, execution: string, second: number, content = 'ok') =>
  line(
    `${id}-result`,
    { type: 'tool_result', toolCallId: id, content, success: true, executionId: execution },
    at(second),
  );
const START = line('t1-start', { type: 'turn_start', executionId: 't1' }, at(0));
const SUB_START = line(
  'sub-start',
  { type: 'sub_agent_start', parentExecutionId: 't1', subSessionId: 'sub1', subAgentName: 'gatherer', prompt: 'Look' },
  at(2),
);
const PARENT_DONE = call('p1', 't1', 20, 'subagent_gatherer') + result('p1', 't1', 20);
const END = line('t1-end', { type: 'turn_end', executionId: 't1', stopReason: 'end_turn' }, at(21));
const say = (id: string, text: string, second: number, operationType = 'Say') =>
  line(id, { type: 'assistant', content: text, operationType, executionId: 'x' }, at(second));
const SUB = call('s1', 'x', 3) + result('s1', 'x', 4) + call('s2', 'x', 5) + result('s2', 'x', 6);

function subFile({ folder }: GivenSession, id = 'sub1'): string {
  const place = path.join(folder.path, 'sub-executions');
  mkdirSync(place, { recursive: true });
  return path.join(place, `${id}.jsonl`);
}

const tools = (events: readonly CapsuleEvent[]) =>
  ofKind(events, 'tool.invoked')
    .toSorted((a, b) => a.source.ordinal - b.source.ordinal)
    .map(({ body, turn }) => [body.callId, body.subAgent?.name ?? null, turn?.index ?? null]);

describe('what a sub-agent did', () => {
  test('is told as its calls, in the turn that started it, before the call that waited for it', async () => {
    const session = givenSession(START + SUB_START + PARENT_DONE + END);
    writeFileSync(subFile(session), SUB);
    const { events, more } = await readAll(session);
    expect(more).toBe(false);
    expect(tools(events)).toEqual([
      ['s1', 'gatherer', 1],
      ['s2', 'gatherer', 1],
      ['p1', 'gatherer', 1],
    ]);
    const [end] = ofKind(events, 'turn.ended');
    expect(end?.body.counts.tools).toBe(1);
  });

  test('is told as what it said and thought, marked as its own, in order, and not counted in the turn', async () => {
    const session = givenSession(START + SUB_START + PARENT_DONE + END);
    const asked = line('u', { type: 'user', content: 'Look', executionId: 'x' }, at(3));
    const end = line('e', { type: 'turn_end', executionId: 'x', stopReason: 'end_turn' }, at(9));
    writeFileSync(subFile(session), asked + say('r', '...', 3, 'Reasoning') + SUB + say('a', 'Found it', 7) + end);
    const { events, unknown } = await readAll(session);
    const subAgent = { id: 'sub1', name: 'gatherer' };
    const own = events.filter(({ body }) => 'subAgent' in body && body.subAgent?.id === 'sub1');
    expect(
      own
        .toSorted((a, b) => a.source.ordinal - b.source.ordinal)
        .map(({ kind, body, turn }) => [kind, 'text' in body ? body.text : '', turn?.index]),
    ).toEqual([
      ['agent.reasoned', null, 1],
      ['tool.invoked', '', 1],
      ['tool.invoked', '', 1],
      ['agent.responded', 'Found it', 1],
      ['tool.invoked', '', 1],
    ]);
    expect(ofKind(events, 'agent.reasoned')).toMatchObject([{ body: { text: null, withheld: true, subAgent } }]);
    expect(ofKind(events, 'turn.ended')[0]?.body.counts).toMatchObject({ responses: 0, reasonings: 0 });
    // What it was asked stands in the call that started it; its end is not the turn's.
    expect(unknown).toEqual({ 'sub-agent prompt.submitted': 1, 'sub-agent turn.ended': 1 });
  });

  test('said alike by two of them gives two events, and the mark stays where no text may leave', async () => {
    const other = line(
      'sub-start-2',
      { type: 'sub_agent_start', parentExecutionId: 't1', subSessionId: 'sub2', subAgentName: 'other' },
      at(2),
    );
    const session = givenSession(START + SUB_START + other + END);
    for (const id of ['sub1', 'sub2']) writeFileSync(subFile(session, id), say('same', 'Done', 5));
    const { events } = await readAll(session, null, givenContext({ levelFor: () => 'metadata' }));
    const said = ofKind(events, 'agent.responded');
    expect(new Set(said.map(({ id }) => id)).size).toBe(2);
    expect(said.map(({ body }) => body)).toEqual([
      { text: null, subAgent: { id: 'sub1', name: 'gatherer' } },
      { text: null, subAgent: { id: 'sub2', name: 'other' } },
    ]);
  });

  test('comes out the same, each once, however both records grow', async () => {
    const main = START + SUB_START + PARENT_DONE + END;
    const whole = givenSession(main);
    const told = say('r', '...', 3, 'Reasoning') + SUB + say('a', 'Found it', 7);
    writeFileSync(subFile(whole), told);
    const expected = (await readAll(whole)).events.map((event) => JSON.stringify(event)).toSorted();
    const cut = fc.double({ min: 0, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { maxLength: 4 }), fc.array(cut, { maxLength: 4 }), async (early, late) => {
        const session = givenSession();
        const file = subFile(session);
        // As Kiro writes: the start, then the sub-agent's record, then the rest.
        const first = START + SUB_START;
        const parts: [string, string][] = [
          ...cutUp(first, early).map((part): [string, string] => [session.folder.messages, part]),
          ...cutUp(told, late).map((part): [string, string] => [file, part]),
          ...cutUp(PARENT_DONE + END, early).map((part): [string, string] => [session.folder.messages, part]),
        ];
        let cursor: SessionCursor | null = null;
        const events: CapsuleEvent[] = [];
        for (const [target, part] of parts) {
          appendFileSync(target, part);
          const read = await readAll(session, cursor);
          events.push(...read.events);
          cursor = JSON.parse(JSON.stringify(read.cursor));
        }
        expect(events.map((event) => JSON.stringify(event)).toSorted()).toEqual(expected);
      }),
      runs(15),
    );
  });

  test('whose result never comes is told as unfinished once its turn is over', async () => {
    const session = givenSession(START + SUB_START);
    writeFileSync(subFile(session), call('s1', 'x', 3));
    const open = await readAll(session);
    expect(tools(open.events)).toEqual([]);
    session.append(END);
    const over = await readAll(session, open.cursor);
    expect(ofKind(over.events, 'tool.invoked')).toMatchObject([
      { body: { callId: 's1', success: null, result: null } },
    ]);
  });

  test('that the user was asked about in the session’s own record has the answer', async () => {
    const ask = { type: 'pending_interaction', toolCallId: 's1', executionId: 't1' };
    const answer = { type: 'interaction_resolved', toolCallId: 's1', selectedOption: 'accept', executionId: 't1' };
    const session = givenSession(START + SUB_START + line('q', ask, at(3)) + line('r', answer, at(3)));
    writeFileSync(subFile(session), SUB);
    const { events } = await readAll(session);
    expect(ofKind(events, 'tool.invoked').map(({ body }) => [body.callId, body.approval])).toEqual([
      ['s1', 'accepted'],
      ['s2', null],
    ]);
  });

  test('that no record names waits for the turn’s end, and is told outside of any turn', async () => {
    const session = givenSession(START);
    writeFileSync(subFile(session, 'stray'), SUB);
    const during = await readAll(session);
    expect(tools(during.events)).toEqual([]);
    session.append(END);
    const { events } = await readAll(session, during.cursor);
    expect(
      ofKind(events, 'tool.invoked').map(({ body, turn, source }) => [body.subAgent, turn, source.ordinal < 32]),
    ).toEqual([
      [{ id: 'stray', name: null }, null, true],
      [{ id: 'stray', name: null }, null, true],
    ]);
  });

  test('before us is not told, what follows is', async () => {
    const session = givenSession(START + SUB_START);
    writeFileSync(subFile(session), call('s1', 'x', 3) + result('s1', 'x', 4));
    const cursor = await baselineCursor(session.folder);
    appendFileSync(subFile(session), call('s2', 'x', 5) + result('s2', 'x', 6));
    session.append(END);
    expect(tools((await readAll(session, cursor)).events).map(([id]) => id)).toEqual(['s2']);
  });

  test('is not read behind a link, and a file of another name is none', async () => {
    const session = givenSession(START + SUB_START + END);
    const elsewhere = path.join(session.host.home, 'elsewhere.jsonl');
    writeFileSync(elsewhere, SUB);
    symlinkSync(elsewhere, subFile(session));
    writeFileSync(`${subFile(session, 'other')}.bak`, SUB);
    expect(tools((await readAll(session)).events)).toEqual([]);
  });

  test('is remembered for a while, so that the cursor of a long session stays small', async () => {
    let main = START;
    const session = givenSession();
    for (let n = 0; n < 60; n++) {
      const id = `sub${n}`;
      main += line(`start-${n}`, { type: 'sub_agent_start', parentExecutionId: 't1', subSessionId: id }, at(2));
      writeFileSync(subFile(session, id), call(`c${n}`, 'x', 3) + result(`c${n}`, 'x', 4));
      const written = new Date(Date.UTC(2026, 8, 1, 10, n));
      utimesSync(subFile(session, id), written, written);
    }
    session.append(main + END);
    const { events, cursor } = await readAll(session);
    expect(tools(events)).toHaveLength(60);
    expect(Object.keys(cursor.subs.files)).toHaveLength(11);
    expect((await readAll(session, cursor)).events).toEqual([]);
  });
});

function cutUp(text: string, cuts: readonly number[]): string[] {
  const places = cuts.map((cut) => Math.floor(cut * text.length)).toSorted((a, b) => a - b);
  return [0, ...places].map((from, index) => text.slice(from, places[index] ?? text.length));
}
