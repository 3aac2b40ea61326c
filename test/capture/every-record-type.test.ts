import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { SessionRead } from '../../src/capture/read-session.ts';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { DOT_KIRO, EMPTY_INVENTORY, EVERY_TYPE, givenContext, givenSession, ofKind, readAll } from './given-session.ts';

const MCP_SERVER = {
  name: 'github',
  scope: 'user',
  transport: 'stdio',
  command: 'npx',
  commandSha256: null,
  origin: null,
  disabled: false,
  autoApprove: [],
  envNames: [],
  headerNames: [],
} as const;

/** Turn, kind, what, and what else is worth seeing, by a person's reading of the session with all record types. */
const EXPECTED = [
  [null, 'session.started', ''],
  [1, 'prompt.submitted', 'Add a /health route and run the tests.'],
  [1, 'agent.reasoned', null],
  [1, 'tool.invoked', 'update_session_information'],
  [1, 'agent.responded', "I'll read the server file."],
  [1, 'tool.invoked', 'read_file'],
  [1, 'tool.invoked', 'execute_bash'],
  [1, 'tool.invoked', 'mcp_github_get_issue'],
  [1, 'tool.invoked', 'disclose_context'],
  [1, 'tool.invoked', 'todo_list'],
  [1, 'tool.invoked', 'fs_write'],
  [1, 'tool.invoked', 'invoke_sub_agent'],
  [1, 'agent.responded', 'Added the route. One test fails.'],
  [1, 'agent.reasoned', null],
  [1, 'turn.ended', 'end_turn'],
  [2, 'prompt.submitted', 'Also add a readiness probe'],
  [2, 'prompt.submitted', 'Keep it small'],
  [2, 'tool.invoked', 'execute_bash'],
  [2, 'tool.invoked', 'execute_bash'],
  [2, 'turn.ended', 'cancelled'],
  [3, 'prompt.submitted', 'Finish up.'],
  [3, 'agent.responded', 'Printed text.'],
  [3, 'agent.responded', 'All done.'],
  [3, 'turn.ended', 'end_turn'],
  // What the sub-agent said and did, from its own record.
  [1, 'agent.responded', 'Looking.'],
  [1, 'tool.invoked', 'read_file'],
];

function gist({ kind, body }: CapsuleEvent): string | null {
  if (kind === 'tool.invoked') return body.name;
  if (kind === 'turn.ended') return body.reason;
  return 'text' in body ? body.text : '';
}

describe('the session with all record types', () => {
  let read: SessionRead;
  const tool = (callId: string) => {
    const event = ofKind(read.events, 'tool.invoked').find(({ body }) => body.callId === callId);
    if (event === undefined) throw new Error(`no call ${callId}`);
    return { ...event.body, inferred: event.source.inferred, time: event.time };
  };
  beforeAll(async () => {
    const { host } = givenSession();
    const folder = { id: 'sess_3', path: EVERY_TYPE, messages: path.join(EVERY_TYPE, 'messages.jsonl') };
    const inventory = async () => ({
      ...EMPTY_INVENTORY,
      mcpServers: [{ ...MCP_SERVER, autoApprove: [], envNames: [], headerNames: [] }],
    });
    read = await readAll({ host, folder }, null, givenContext({ inventory }));
  });

  test('gives each of its facts once, in its turn', () => {
    expect(read.events.map((event) => [event.turn?.index ?? null, event.kind, gist(event)])).toEqual(EXPECTED);
  });

  test('counts what became no event by its name', () => {
    expect(read).toMatchObject({
      unknown: { future_payload: 1, 'assistant Summary': 1 },
      skippedLines: 0,
    });
  });

  test('tells a sub-agent’s call as its own, between its start and what follows', () => {
    const subAgent = { id: '55555555-0000-4000-8000-000000000001', name: 'context-gatherer' };
    expect(tool('tooluse_s1')).toMatchObject({ name: 'read_file', subAgent, result: 'ok', success: true });
    const ordinalOf = (callId: string) =>
      ofKind(read.events, 'tool.invoked').find(({ body }) => body.callId === callId)?.source.ordinal ?? 0;
    const records = readFileSync(path.join(EVERY_TYPE, 'messages.jsonl'), 'utf8');
    expect(ordinalOf('tooluse_s1')).toBeGreaterThan(1 + records.indexOf('{"id":"sub-1"'));
    expect(ordinalOf('tooluse_s1')).toBeLessThan(1 + records.indexOf('{"id":"sub-2"'));
    expect(ordinalOf('tooluse_s1')).toBeLessThan(ordinalOf('tooluse_8'));
  });

  test('tells what a sub-agent said as its own, and what the agent said without a mark', () => {
    const said = ofKind(read.events, 'agent.responded').map(({ body }) => [body.text, body.subAgent]);
    const subAgent = { id: '55555555-0000-4000-8000-000000000001', name: 'context-gatherer' };
    expect(said).toContainEqual(['Looking.', subAgent]);
    expect(said).toContainEqual(['All done.', undefined]);
  });

  test('tells a failed command although Kiro says that the tool worked', () => {
    expect(tool('run_command_tooluse_3')).toMatchObject({
      success: false,
      exitCode: 1,
      approval: 'accepted',
      startedAt: '2026-09-01T10:00:07.640Z',
      durationMs: 6000,
      inferred: ['startedAt', 'durationMs', 'success'],
    });
  });

  test('takes a recorded duration as it is and infers only the start', () => {
    expect(tool('tooluse_7')).toMatchObject({
      durationMs: 41,
      startedAt: '2026-09-01T10:00:17.599Z',
      endedAt: '2026-09-01T10:00:17.640Z',
      inferred: ['startedAt'],
    });
  });

  test('names the MCP server that is configured', () => {
    expect(tool('tooluse_4')).toMatchObject({ mcpServer: 'github', inferred: expect.arrayContaining(['mcpServer']) });
    expect(tool('tooluse_5').mcpServer).toBeNull();
  });

  test('joins a sub-agent to the call that started it', () => {
    const subAgent = { id: '55555555-0000-4000-8000-000000000001', name: 'context-gatherer' };
    expect(tool('tooluse_8')).toMatchObject({ subAgent, durationMs: 4000, result: 'Found it' });
  });

  test('tells a refused call as one that did not run', () => {
    expect(tool('tooluse_9')).toMatchObject({
      approval: 'rejected',
      success: false,
      startedAt: null,
      durationMs: null,
      result: 'Tool call denied by user.',
      inferred: [],
    });
  });

  test('does not take a result that Kiro made up for the call’s end', () => {
    expect(tool('tooluse_10')).toMatchObject({
      success: false,
      result: null,
      startedAt: null,
      endedAt: null,
      durationMs: null,
      time: '2026-09-01T10:00:36.600Z',
    });
  });

  test('tells where a prompt came from', () => {
    expect(ofKind(read.events, 'prompt.submitted').map(({ body }) => body.source)).toEqual([
      null,
      'chat',
      'steer',
      null,
    ]);
  });

  test('ends each turn with its own numbers', () => {
    const ends = ofKind(read.events, 'turn.ended').map(({ body, source }) => ({ ...body, inferred: source.inferred }));
    expect(ends).toEqual([
      {
        reason: 'end_turn',
        durationMs: 21_000,
        credits: 0.31,
        contextUsage: 2.25,
        counts: { prompts: 1, responses: 2, reasonings: 2, tools: 8, toolFailures: 1 },
        error: 'Transient failure',
        inferred: [],
      },
      {
        reason: 'cancelled',
        durationMs: 9_200,
        credits: null,
        contextUsage: null,
        counts: { prompts: 2, responses: 0, reasonings: 0, tools: 2, toolFailures: 2 },
        error: 'The model request failed.',
        inferred: ['durationMs'],
      },
      {
        reason: 'end_turn',
        durationMs: 21_000,
        credits: null,
        contextUsage: null,
        counts: { prompts: 1, responses: 2, reasonings: 0, tools: 0, toolFailures: 0 },
        inferred: [],
      },
    ]);
  });
});

test('a session without turns or folder tells its prompt and answer outside of any turn', async () => {
  const { host } = givenSession();
  const place = path.join(DOT_KIRO, 'sessions', '_global', 'sess_77777777-7777-4777-8777-777777777777');
  const folder = { id: 'sess_7', path: place, messages: path.join(place, 'messages.jsonl') };
  const { events } = await readAll({ host, folder });
  expect(events.map(({ kind, turn, workspace }) => ({ kind, turn, workspace }))).toEqual(
    ['session.started', 'prompt.submitted', 'agent.responded'].map((kind) => ({ kind, turn: null, workspace: null })),
  );
});
