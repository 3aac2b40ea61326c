import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { givenSession, ofKind, RECORDED, readAll } from './given-session.ts';

/** What a person reads in the recorded session of Kiro IDE 1.0.411, line by line. */
const EXPECTED = [
  ['12:00:00.000', 'session.started', ''],
  ['12:00:00.000', 'prompt.submitted', 'Please summarise thi'],
  ['12:00:03.279', 'agent.reasoned', ''],
  ['12:00:03.294', 'tool.invoked', 'read_file'],
  ['12:00:07.743', 'tool.invoked', 'todo_list'],
  ['12:00:07.746', 'agent.reasoned', ''],
  ['12:00:11.737', 'agent.responded', 'The README describes'],
  ['12:00:12.176', 'agent.reasoned', ''],
  ['12:00:14.525', 'tool.invoked', 'fs_write'],
  ['12:00:17.647', 'agent.reasoned', ''],
  ['12:00:34.087', 'tool.invoked', 'execute_pwsh'],
  ['12:00:37.332', 'agent.responded', 'Output is `Hello Wor'],
  ['12:00:38.392', 'tool.invoked', 'todo_list'],
  ['12:00:38.394', 'agent.reasoned', ''],
  ['12:00:41.455', 'agent.responded', 'Now modifying the fi'],
  ['12:00:42.095', 'agent.reasoned', ''],
  ['12:00:45.965', 'agent.reasoned', ''],
  ['12:00:46.978', 'tool.invoked', 'execute_pwsh'],
  ['12:00:49.356', 'tool.invoked', 'str_replace'],
  ['12:00:52.064', 'agent.responded', 'Output is `Hello Uni'],
  ['12:00:52.831', 'tool.invoked', 'todo_list'],
  ['12:00:52.836', 'agent.reasoned', ''],
  ['12:00:55.674', 'agent.responded', 'Now deleting the fil'],
  ['12:00:56.363', 'agent.reasoned', ''],
  ['12:00:58.813', 'tool.invoked', 'delete_file'],
  ['12:01:03.874', 'tool.invoked', 'list_directory'],
  ['12:01:03.878', 'agent.reasoned', ''],
  ['12:01:07.359', 'agent.responded', '`hello.py` is gone. '],
  ['12:01:07.883', 'tool.invoked', 'todo_list'],
  ['12:01:07.892', 'agent.reasoned', ''],
  ['12:01:11.817', 'agent.responded', 'All three tasks are '],
  ['12:01:11.817', 'agent.reasoned', ''],
  ['12:01:11.847', 'turn.ended', 'end_turn'],
];

/** Name, kind, approval, start, duration. The start is the approval where there is one, else the record before. */
const TOOLS = [
  ['read_file', 'read', null, '12:00:03.279', 15],
  ['todo_list', 'other', null, '12:00:03.294', 4449],
  ['fs_write', 'edit', 'accepted', '12:00:14.514', 11],
  ['execute_pwsh', 'execute', 'accepted', '12:00:22.708', 11379],
  ['todo_list', 'other', null, '12:00:37.332', 1060],
  ['execute_pwsh', 'execute', null, '12:00:45.965', 1013],
  ['str_replace', 'edit', 'accepted', '12:00:49.345', 11],
  ['todo_list', 'other', null, '12:00:52.064', 767],
  ['delete_file', 'delete', 'accepted', '12:00:58.803', 10],
  ['list_directory', 'search', null, '12:00:58.813', 5061],
  ['todo_list', 'other', null, '12:01:07.359', 524],
];

const clock = (time: string | null) => time?.slice(11, -1) ?? null;

function gist({ kind, body }: CapsuleEvent): string {
  if (kind === 'tool.invoked') return body.name;
  if (kind === 'turn.ended') return body.reason;
  return 'text' in body ? (body.text ?? '').slice(0, 20) : '';
}

describe('the recorded session of Kiro IDE 1.0.411', () => {
  let events: CapsuleEvent[] = [];
  let openTurn: unknown;
  let cursor: { state: { held: number[] }; offset: number };
  beforeAll(async () => {
    const { host } = givenSession();
    const folder = { id: 'sess_0a1b2c3d', path: RECORDED, messages: path.join(RECORDED, 'messages.jsonl') };
    ({ events, openTurn, cursor } = await readAll({ host, folder }));
  });

  test('gives each of its facts once, in order', () => {
    expect(events.map((event) => [clock(event.time), event.kind, gist(event)])).toEqual(EXPECTED);
  });

  test('gives every tool call with its approval and the best-known start', () => {
    const tools = ofKind(events, 'tool.invoked');
    expect(
      tools.map(({ body }) => [body.name, body.kind, body.approval, clock(body.startedAt), body.durationMs]),
    ).toEqual(TOOLS);
    for (const { body, source, time } of tools) {
      expect(body).toMatchObject({ success: true, exitCode: null, endedAt: time, mcpServer: null, subAgent: null });
      expect(source.inferred).toEqual(['startedAt', 'durationMs']);
    }
  });

  test('restores arrays in arguments and drops options that were not given', () => {
    const [read, todo] = ofKind(events, 'tool.invoked');
    expect(read?.body.arguments).toEqual({ path: 'c:\\Users\\dev\\workspace\\demo\\README.md' });
    expect(todo?.body.arguments).toMatchObject({
      command: 'create',
      tasks: [
        { task_description: "Create hello.py with 'Hello World' and execute it" },
        { task_description: "Modify hello.py to print 'Hello Universe' and execute it" },
        { task_description: 'Delete hello.py and verify it is gone' },
      ],
    });
  });

  test('tells the result as Kiro keeps it, and none where Kiro keeps none', () => {
    const tools = ofKind(events, 'tool.invoked');
    const result = (name: string) => tools.find(({ body }) => body.name === name)?.body.result;
    expect(result('fs_write')).toBe('Created the c:\\Users\\dev\\workspace\\demo\\hello.py file.');
    expect(result('execute_pwsh')).toMatch(/Hello World[\s\S]*Exit Code: -1$/);
    expect(result('delete_file')).toBeNull();
    expect(result('list_directory')).toBeNull();
  });

  test('says that the model reasoned and that Kiro withheld the text', () => {
    const reasonings = ofKind(events, 'agent.reasoned');
    expect(reasonings).toHaveLength(12);
    for (const { body } of reasonings) expect(body).toEqual({ text: null, withheld: true });
  });

  test('ends the turn with what Kiro measured', () => {
    expect(ofKind(events, 'turn.ended').map(({ body, source }) => ({ ...body, inferred: source.inferred }))).toEqual([
      {
        reason: 'end_turn',
        durationMs: 71_830,
        credits: 0.7029686111111112,
        contextUsage: 2.502699851989746,
        counts: { prompts: 1, responses: 7, reasonings: 12, tools: 11, toolFailures: 0 },
        inferred: [],
      },
    ]);
    expect(openTurn).toBeNull();
  });

  test('says where it happened', () => {
    for (const event of events) {
      expect(event).toMatchObject({
        session: { id: 'sess_0a1b2c3d', title: 'Create and Modify Hello World Python', mode: 'vibe', model: 'auto' },
        workspace: { path: 'c:\\Users\\dev\\workspace\\demo', name: 'demo' },
        agent: { name: 'kiro', version: '1.0.411' },
        source: { store: 'ide-1.x', content: 'redacted' },
      });
      const turn = { id: '00000002-0000-4000-8000-000000000002', index: 1 };
      expect(event.turn).toEqual(event.kind === 'session.started' ? null : turn);
    }
  });

  test('has ordinals that rise and ids that differ', () => {
    const ordinals = events.map((event) => event.source.ordinal);
    expect(ordinals).toEqual(ordinals.toSorted((a, b) => a - b));
    expect(new Set(ordinals).size).toBe(events.length);
    expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
  });

  test('never lets Kiro’s own prompt out', () => {
    expect(JSON.stringify(events)).not.toContain('system prompt');
  });

  test('is read to its last byte, and nothing of it is kept in the cursor', () => {
    const size = readFileSync(path.join(RECORDED, 'messages.jsonl')).length;
    expect(cursor.offset).toBe(size);
    expect(cursor.state.held).toEqual([]);
  });
});
