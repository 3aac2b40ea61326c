import { describe, expect, test } from '@jest/globals';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { eventsOf, flat, type GivenCli, gist, givenCli, ID, LATER, value } from './given-cli.ts';
import { ofKind } from './given-session.ts';

const WITH_META = ['rewind', 'tool-call', 'finished', 'live', 'thinking'];

/** The session as it stands on disk, minutes after its last change. */
async function readFlat(name: string): Promise<{ cli: GivenCli; events: CapsuleEvent[]; skipped: number }> {
  const cli = givenCli();
  cli.write('.jsonl', flat(`${name}.jsonl`));
  if (WITH_META.includes(name)) cli.write('.json', flat(`${name}.json`));
  cli.setTime(LATER);
  const steps = await cli.sweep();
  return { cli, events: eventsOf(steps), skipped: steps.reduce((sum, { read }) => sum + read.skippedLines, 0) };
}

async function readDatabase(name: string) {
  const cli = givenCli();
  cli.put(ID, value(name), Date.UTC(2026, 6, 9, 4, 30, 24));
  cli.setTime(LATER);
  const steps = await cli.sweep();
  return { events: eventsOf(steps), skipped: steps.reduce((sum, { read }) => sum + read.skippedLines, 0) };
}

/** What a person reads in each file, line by line. Without metadata the folder is not known, so that no text leaves. */
const FLAT = {
  rewind: [
    '14:33:56.738 - session.started',
    '14:33:57.000 1 prompt.submitted Reply with exactly the word: one',
    '14:33:57.000 1 agent.responded one',
    '14:33:58.748 1 turn.ended end_turn',
    '14:34:03.000 2 prompt.submitted Reply with exactly the word: two',
    '14:34:03.000 2 agent.responded two',
    '14:34:06.977 2 turn.ended end_turn',
    '14:34:22.000 3 prompt.submitted Reply with exactly the word: three',
    '14:34:22.000 3 agent.responded three',
    '14:34:22.000 3 turn.ended unknown',
  ],
  'tool-call': [
    '01:52:02.000 - session.started',
    "01:52:02.000 1 prompt.submitted Run the shell command 'echo hello' using",
    '01:52:02.000 1 tool.invoked shell 0 true',
    '01:52:02.000 1 agent.responded done',
    '01:52:06.180 1 turn.ended end_turn',
  ],
  'queued-message': [
    '01:19:41.000 - session.started',
    '01:19:41.000 1 prompt.submitted null',
    '01:19:41.000 1 tool.invoked shell 0 true',
    '01:19:41.000 1 agent.responded null',
    '01:19:41.000 1 turn.ended unknown',
    '01:19:55.000 2 prompt.submitted null',
    '01:19:55.000 2 agent.responded null',
    '01:19:55.000 2 turn.ended unknown',
  ],
  'permission-prompt': [
    '02:35:14.000 - session.started',
    '02:35:14.000 1 prompt.submitted null',
    '02:35:14.000 1 tool.invoked write null true',
    '02:35:14.000 1 agent.responded null',
    '02:35:14.000 1 turn.ended unknown',
  ],
  finished: [
    '04:31:17.091 - session.started',
    '04:31:22.000 1 prompt.submitted Reply with exactly the word READY. My ke',
    '04:31:22.000 1 agent.responded READY',
    '04:31:25.256 1 turn.ended end_turn',
  ],
  live: [
    '10:01:00.000 - session.started',
    '12:41:00.000 1 prompt.submitted quick summary of this project',
    '12:41:00.000 1 agent.responded It is a Go tool.',
    '12:41:00.000 1 turn.ended unknown',
  ],
  malformed: [
    '12:41:40.000 - session.started',
    '12:41:40.000 1 prompt.submitted null',
    '12:41:40.000 1 agent.responded null',
    '12:41:40.000 1 turn.ended unknown',
  ],
  thinking: [
    '10:00:00.000 - session.started',
    '10:00:00.000 1 prompt.submitted Run ls',
    '10:00:00.000 1 agent.reasoned I will list files.',
    '10:00:00.000 1 tool.invoked shell 2 false',
    '10:00:00.000 1 agent.responded done',
    '10:00:08.000 1 turn.ended end_turn',
  ],
};

describe('the flat sessions of Kiro CLI 2.x', () => {
  test.each(Object.entries(FLAT))('%s gives each of its facts once, in order', async (name, expected) => {
    const { cli, events, skipped } = await readFlat(name);
    expect(events.map(gist)).toEqual(expected);
    expect(skipped).toBe(name === 'malformed' ? 1 : 0);
    const ordinals = events.map((event) => event.source.ordinal);
    expect(ordinals).toEqual([...new Set(ordinals)].sort((a, b) => a - b));
    expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
    expect(await cli.sweep()).toEqual([]);
  });

  test('say where it happened and which Kiro wrote it', async () => {
    const { events } = await readFlat('finished');
    for (const event of events) {
      expect(event).toMatchObject({
        session: { id: ID, generation: 'cli-2', title: 'Reply READY', mode: 'kiro_default', model: 'auto' },
        workspace: { path: '/home/dev/project', name: 'project' },
        source: { store: 'cli-2', content: 'redacted' },
      });
    }
  });

  test('end a turn with what Kiro measured', async () => {
    const { events } = await readFlat('tool-call');
    expect(ofKind(events, 'turn.ended').map(({ body, source }) => ({ ...body, inferred: source.inferred }))).toEqual([
      {
        reason: 'end_turn',
        durationMs: 3188,
        credits: 0.01592209950248756 + 0.01589020232172471,
        contextUsage: 4.5914063,
        counts: { prompts: 1, responses: 1, reasonings: 0, tools: 1, toolFailures: 0 },
        inferred: [],
      },
    ]);
  });

  test('give a call with its arguments, its result and its exit status, and name what is derived', async () => {
    const [tool] = ofKind((await readFlat('tool-call')).events, 'tool.invoked');
    expect(tool?.body).toEqual({
      callId: 'tooluse_ugruPoC676BPub6bllIw4o',
      name: 'shell',
      kind: 'execute',
      mcpServer: null,
      arguments: { command: 'echo hello', __tool_use_purpose: 'Execute shell command to echo hello' },
      result: { exit_status: 'exit status: 0', stdout: 'hello\n', stderr: '' },
      success: true,
      exitCode: 0,
      startedAt: null,
      endedAt: null,
      durationMs: null,
      approval: null,
      subAgent: null,
    });
    expect(tool?.source).toMatchObject({ record: 'c12a7a50-d3da-42d2-8c6d-d903c4401060', inferred: ['time', 'kind'] });
  });

  test('say that a command failed although the tool worked', async () => {
    const [tool] = ofKind((await readFlat('thinking')).events, 'tool.invoked');
    expect(tool?.body).toMatchObject({ success: false, exitCode: 2 });
    expect(tool?.source.inferred).toContain('success');
  });
});

const DATABASE = {
  'tool-calls.json': [
    '04:30:16.000 - session.started',
    '04:30:16.195 1 prompt.submitted Create a file hello.txt containing exact',
    '04:30:19.852 1 tool.invoked fs_write null true',
    '04:30:22.175 1 tool.invoked execute_bash 0 true',
    '04:30:24.336 1 agent.responded Done. `hello.txt` is created alongside `',
    '04:30:24.336 1 turn.ended end_turn',
  ],
  'unanswered-call.json': [
    '10:00:00.000 - session.started',
    '10:00:00.000 1 prompt.submitted Build the Kiro parser',
    '10:00:10.000 1 agent.responded I can do that.',
    '10:00:10.000 1 turn.ended end_turn',
    '10:00:20.000 2 prompt.submitted Read the source first',
    '10:00:30.000 2 tool.invoked execute_bash null null',
    '10:00:30.000 2 turn.ended unknown',
  ],
  'one-answer.json': [
    '11:00:00.000 - session.started',
    '11:00:00.000 1 prompt.submitted Current store should win',
    '11:00:10.000 1 agent.responded Using the SQLite version.',
    '11:00:10.000 1 turn.ended end_turn',
  ],
  'cut-off.txt': [],
};

describe('conversations in the database of Kiro CLI', () => {
  test.each(Object.entries(DATABASE))('%s gives each of its facts once, in order', async (name, expected) => {
    const { events, skipped } = await readDatabase(name);
    // Two of them are older than the row they are put into: that the row was made later says nothing.
    expect(events.map(gist).map((line, at) => (at === 0 ? line.replace(/^\S+/, '') : line))).toEqual(
      expected.map((line, at) => (at === 0 ? line.replace(/^\S+/, '') : line)),
    );
    expect(skipped).toBe(name === 'cut-off.txt' ? 1 : 0);
    const ordinals = events.map((event) => event.source.ordinal);
    expect(ordinals).toEqual([...new Set(ordinals)].sort((a, b) => a - b));
  });

  test('bound a call by the answer that asked for it and the request that took its result along', async () => {
    const [, tool] = ofKind((await readDatabase('tool-calls.json')).events, 'tool.invoked');
    expect(tool?.body).toMatchObject({
      startedAt: '2026-07-09T04:30:22.055Z',
      endedAt: '2026-07-09T04:30:22.175Z',
      durationMs: 120,
      result: { exit_status: '0', stdout: 'README.md\nhello.txt\n', stderr: '' },
    });
    expect(tool?.source.inferred).toEqual(['time', 'kind', 'startedAt', 'endedAt', 'durationMs']);
  });

  test('end a turn with its last answer, and say that this is derived', async () => {
    const [ended] = ofKind((await readDatabase('tool-calls.json')).events, 'turn.ended');
    expect(ended?.body).toMatchObject({ durationMs: 8141, credits: null, contextUsage: 1.3503001 });
    expect(ended?.source.inferred).toEqual(['reason', 'durationMs']);
  });
});
