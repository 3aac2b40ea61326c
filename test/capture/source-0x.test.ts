import { mkdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createRedactor } from '../../src/capture/redact.ts';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { hashName } from '../../src/kiro/places-0x.ts';
import { givenContext, ofKind } from './given-session.ts';
import { everyAction, givenStore, unmark, WORKSPACE } from './given-store-0x.ts';

const CHAT = '11111111-1111-4111-8111-111111111111';
const clock = (time: string) => time.slice(11, 19);

function gist({ kind, body }: CapsuleEvent): string {
  if (kind === 'tool.invoked') return `${body.name} ${body.success}`;
  if (kind === 'turn.ended') return body.reason;
  return 'text' in body ? (body.text ?? '') : '';
}

const TURN_1 = [
  [1, '00:00:00', 'prompt.submitted', 'Add a /health route and run the tests.'],
  [1, '00:00:03', 'agent.reasoned', 'The server file decides where the route goes.'],
  [1, '00:00:04', 'agent.responded', "I'll read the server file first."],
  [1, '00:00:05', 'tool.invoked', 'readFiles true'],
  [1, '00:00:06', 'tool.invoked', 'readCode true'],
  [1, '00:00:07', 'tool.invoked', 'create true'],
  [1, '00:00:08', 'tool.invoked', 'replace true'],
  [1, '00:00:09', 'tool.invoked', 'append true'],
  [1, '00:00:10', 'tool.invoked', 'search true'],
  [1, '00:00:11', 'tool.invoked', 'file_search true'],
  [1, '00:00:12', 'tool.invoked', 'getDiagnostics true'],
  [1, '00:00:13', 'tool.invoked', 'runCommand false'],
  [1, '00:00:14', 'tool.invoked', 'controlProcess true'],
  [1, '00:00:15', 'tool.invoked', 'getProcessOutput true'],
  [1, '00:00:16', 'tool.invoked', 'remote_web_search true'],
  [1, '00:00:17', 'tool.invoked', 'webFetch true'],
  [1, '00:00:18', 'tool.invoked', 'get_issue true'],
  [1, '00:00:20', 'tool.invoked', 'invokeSubAgent true'],
  [1, '00:00:21', 'tool.invoked', 'discloseContext true'],
  [1, '00:00:22', 'tool.invoked', 'specAgent true'],
  [1, '00:00:23', 'tool.invoked', 'userInput true'],
  [1, '00:00:25', 'tool.invoked', 'someFutureAction true'],
  [1, '00:00:26', 'agent.responded', 'Added the route. One test fails.'],
  [1, '00:00:27', 'turn.ended', 'end_turn'],
];
/** Whose actions carry the first turn's times: the file was made so. */
const REST = [
  [2, '00:00:01', 'agent.responded', 'Spec written.'],
  [2, '00:00:40', 'turn.ended', 'end_turn'],
  [3, '00:01:00', 'prompt.submitted', 'Now delete the old file.'],
  [3, '00:00:01', 'agent.responded', 'Deleting.'],
  [4, '00:01:30', 'prompt.submitted', 'Not linked from history.'],
  [4, '00:00:01', 'tool.invoked', 'runCommand false'],
  [4, '00:01:31', 'turn.ended', 'cancelled'],
];

describe('the store with every action', () => {
  const sweepAll = () => givenStore(true).sweep();

  test('gives each of its facts once, chat by chat, and nothing on the next look', async () => {
    const store = givenStore(true);
    const { events } = await store.sweep();
    const ofChat = events.filter(({ session }) => session.id === CHAT);
    expect(ofChat.map((event) => [event.turn?.index ?? null, clock(event.time), event.kind, gist(event)])).toEqual([
      [null, '00:00:00', 'session.started', ''],
      ...TURN_1,
      ...REST,
    ]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    expect((await store.sweep()).reads).toEqual([]);
  });

  test('has ordinals that rise within a chat', async () => {
    const ordinals = (await sweepAll()).events
      .filter(({ session }) => session.id === CHAT)
      .map(({ source }) => source.ordinal);
    expect(ordinals).toEqual(ordinals.toSorted((a, b) => a - b));
    expect(ordinals.every(Number.isSafeInteger)).toBe(true);
  });

  test('says where it happened, and that the version comes from elsewhere', async () => {
    for (const event of (await sweepAll()).events.filter(({ session }) => session.id === CHAT)) {
      expect(event).toMatchObject({
        session: { generation: 'ide-0.x', title: 'Add a health route', mode: 'vibe', model: 'claude-sonnet-4.5' },
        workspace: { path: WORKSPACE, name: 'demo-app' },
        agent: { name: 'kiro', version: null },
        source: { store: 'ide-0.x', content: 'redacted' },
      });
    }
  });

  test('gives a prompt with its message’s id and what was attached', async () => {
    const [first, second] = ofKind((await sweepAll()).events, 'prompt.submitted');
    expect(first).toMatchObject({
      source: { record: 'm-1', inferred: ['time'] },
      body: {
        source: null,
        attachments: [
          { name: '#server.ts', type: 'mention', bytes: null },
          { name: null, type: 'imageUrl', bytes: null },
        ],
      },
    });
    expect(second?.source.record).toBe('m-3');
  });

  test('gives plain-text reasoning', async () => {
    const [reasoned] = ofKind((await sweepAll()).events, 'agent.reasoned');
    expect(reasoned?.body).toEqual({ text: 'The server file decides where the route goes.', withheld: false });
  });

  test('gives exit codes as numbers, and a command that failed as failed', async () => {
    const command = ofKind((await sweepAll()).events, 'tool.invoked').find(({ body }) => body.name === 'runCommand');
    expect(command?.body).toEqual({
      callId: 'run_command_tooluse_113',
      name: 'runCommand',
      kind: 'execute',
      mcpServer: null,
      arguments: { command: 'npm test', cwd: WORKSPACE, explanation: 'Run tests' },
      result: '1 failing\n',
      success: false,
      exitCode: 1,
      startedAt: '2026-01-01T00:00:12.000Z',
      endedAt: '2026-01-01T00:00:13.000Z',
      durationMs: 1000,
      approval: null,
      subAgent: null,
    });
    expect(command?.source.inferred).toEqual(['kind', 'startedAt', 'endedAt', 'durationMs']);
  });

  test('knows the MCP server of a call exactly, and the sub-agent that was asked', async () => {
    const tools = ofKind((await sweepAll()).events, 'tool.invoked');
    expect(tools.find(({ body }) => body.mcpServer !== null)?.body).toMatchObject({
      name: 'get_issue',
      mcpServer: 'github',
      arguments: { number: 1 },
      result: '{"title":"x"}',
    });
    expect(tools.find(({ body }) => body.name === 'invokeSubAgent')?.body).toMatchObject({
      subAgent: { id: 'tooluse_119', name: 'context-gatherer' },
      arguments: { subAgentName: 'context-gatherer', prompt: 'Look', explanation: 'why' },
      result: 'Found it',
      startedAt: '2026-01-01T00:00:19.000Z',
      durationMs: 1000,
    });
  });

  test('gives an edit as the model sent it, and both contents only where nothing else tells it', async () => {
    const tools = ofKind((await sweepAll()).events, 'tool.invoked');
    const args = (name: string) => tools.find(({ body }) => body.name === name)?.body.arguments;
    expect(args('replace')).toEqual({
      file: 'src/server.ts',
      oldStr: 'export const app = 1',
      newStr: "import './health'\nexport const app = 1",
    });
    expect(args('append')).toEqual({ file: 'README.md', originalContent: 'a\n', modifiedContent: 'a\nb\n' });
  });

  test('ends a turn with what Kiro measured, and with the error it showed', async () => {
    const ends = ofKind((await sweepAll()).events, 'turn.ended').filter(({ session }) => session.id === CHAT);
    expect(ends[0]?.body).toEqual({
      reason: 'end_turn',
      durationMs: 27_000,
      credits: 0.42,
      contextUsage: 7.4,
      counts: { prompts: 1, responses: 2, reasonings: 1, tools: 19, toolFailures: 1 },
    });
    expect(ends[2]?.body).toMatchObject({ reason: 'cancelled', credits: null, error: 'The request failed.' });
  });

  test('does not repeat the prompt for an execution that another one started', async () => {
    const prompts = ofKind((await sweepAll()).events, 'prompt.submitted');
    expect(prompts.filter(({ turn }) => turn?.index === 2)).toEqual([]);
  });

  test('counts a file that ends in the middle, once it is plain that nobody writes it', async () => {
    expect(await sweepAll()).toMatchObject({ skipped: 1, openTurn: null });
  });

  test('reads a snapshot of older builds as a session of its own, without what Kiro wrote in the user’s name', async () => {
    const chat = (await sweepAll()).events.filter(({ session }) => session.id === 'legacy-0001');
    expect(chat.map((event) => [event.kind, gist(event)])).toEqual([
      ['session.started', ''],
      ['prompt.submitted', '## Included Rules (product.md)\n...\n\nWhat does this do?'],
      ['agent.responded', 'It serves HTTP.'],
      ['tool.invoked', 'readFile null'],
      ['turn.ended', 'unknown'],
    ]);
    const [call] = ofKind(chat, 'tool.invoked');
    expect(call).toMatchObject({
      session: { model: 'claude-sonnet-4' },
      workspace: { path: WORKSPACE },
      turn: { id: 'legacy-0001', index: null },
      source: { record: null, inferred: ['time', 'result'] },
      body: { arguments: { path: 'a.ts' }, result: 'file text' },
    });
  });

  test('gives nothing of what happened in 0.x after the chat was moved to 1.x', async () => {
    const store = givenStore(true);
    const late = { ...everyAction(), executionId: 'late', startTime: Date.parse('2026-07-01'), endTime: 0 };
    store.write(late, new Date('2026-09-01'));
    const { events } = await store.sweep();
    expect(events.filter(({ turn }) => turn?.id === 'late')).toEqual([]);
    unmark(store);
    const unmarked = givenStore(true);
    unmark(unmarked);
    unmarked.write(late, new Date('2026-09-01'));
    expect((await unmarked.sweep()).events.filter(({ turn }) => turn?.id === 'late').length).toBeGreaterThan(0);
  });
});

/** An execution that runs: its first actions, then with the given ones final. */
function growing(actions: object[], more: object = {}) {
  return {
    executionId: 'exec-1',
    chatSessionId: 'chat-1',
    status: 'running',
    startTime: 1_000_000,
    endTime: 0,
    input: { data: { userPrompt: 'Go', workspacePaths: [WORKSPACE] } },
    actions,
    ...more,
  };
}
const say = (id: string, text: string) => ({
  actionId: id,
  actionType: 'say',
  actionState: 'Success',
  emittedAt: 1_001_000,
  output: { message: text },
});
const command = (id: string, state: string) => ({
  actionId: id,
  actionType: 'runCommand',
  actionState: state,
  emittedAt: 1_002_000,
  input: { command: 'make' },
  output: state === 'Running' ? undefined : { output: 'ok', exitCode: 0 },
});
const kinds = (events: readonly CapsuleEvent[]) => events.map(({ kind }) => kind);

describe('a turn that goes on', () => {
  test('is told piece by piece, each as soon as it is final, and is open until its end', async () => {
    const store = givenStore();
    store.write(growing([say('a', 'Hi')]));
    const first = await store.sweep();
    expect(kinds(first.events)).toEqual(['session.started', 'prompt.submitted', 'agent.responded']);
    expect(first.openTurn).toEqual({ id: 'exec-1', since: '1970-01-01T00:16:40.000Z' });

    store.write(growing([say('a', 'Hi'), command('b', 'Running'), say('c', 'Meanwhile')]));
    expect(kinds((await store.sweep()).events)).toEqual(['agent.responded']);

    const done = [say('a', 'Hi'), command('b', 'Success'), say('c', 'Meanwhile')];
    store.write(growing(done, { status: 'succeed', endTime: 1_009_000 }));
    const last = await store.sweep();
    expect(kinds(last.events)).toEqual(['tool.invoked', 'turn.ended']);
    expect(ofKind(last.events, 'turn.ended')[0]?.body.counts).toMatchObject({ responses: 2, tools: 1 });
    expect(last.openTurn).toBeNull();
    expect((await store.sweep()).events).toEqual([]);
  });

  test('tells what is added after its end', async () => {
    const store = givenStore();
    const ended = { status: 'succeed', endTime: 1_009_000 };
    store.write(growing([say('a', 'Hi')], ended));
    await store.sweep();
    store.write(growing([say('a', 'Hi'), say('b', 'Late')], ended));
    store.writeIndex([{ executionId: 'exec-1', status: 'succeed', startTime: 1_000_000, endTime: 1_009_000 }]);
    expect(kinds((await store.sweep()).events)).toEqual(['agent.responded']);
  });

  test('tells a call that never became final as unfinished when the turn ends', async () => {
    const store = givenStore();
    store.write(growing([command('b', 'Running')], { status: 'aborted', endTime: 1_009_000 }));
    const [call] = ofKind((await store.sweep()).events, 'tool.invoked');
    expect(call?.body).toMatchObject({ success: null, result: null, exitCode: null, endedAt: null, durationMs: null });
  });

  test('is looked at again while its file is half written, and loses nothing', async () => {
    const store = givenStore();
    const file = store.write(growing([say('a', 'Hi')], { status: 'succeed', endTime: 1_009_000 }));
    const whole = readFileSync(file);
    truncateSync(file, whole.length - 20);
    utimesSync(file, store.host.now(), store.host.now());
    const torn = await store.sweep();
    expect(torn).toMatchObject({ events: [], skipped: 0 });
    expect(torn.openTurn).not.toBeNull();
    writeFileSync(file, whole);
    expect(kinds((await store.sweep()).events)).toEqual([
      'session.started',
      'prompt.submitted',
      'agent.responded',
      'turn.ended',
    ]);
  });

  test('waits for its chat’s file, which may be half written too', async () => {
    const store = givenStore();
    store.writeSession('chat-1', { title: 'Named', history: [] });
    const file = path.join(path.dirname(path.dirname(store.saves)), 'workspace-sessions', 'L2hvbWUvZGV2L2RlbW8tYXBw');
    truncateSync(path.join(file, 'chat-1.json'), 5);
    store.write(growing([]));
    expect((await store.sweep()).events).toEqual([]);
    store.writeSession('chat-1', { title: 'Named', history: [] });
    expect((await store.sweep()).events[0]?.session.title).toBe('Named');
  });

  test('is found by a ring that names its folder, although nothing changed since the last look', async () => {
    const store = givenStore();
    store.write(growing([]));
    await store.sweep();
    expect((await store.sweep({ cwd: '/elsewhere' })).reads).toEqual([]);
    expect((await store.sweep({ cwd: WORKSPACE })).openTurn).toMatchObject({ id: 'exec-1' });
    const key = hashName(WORKSPACE);
    const read = await store.source.read(key, store.cursors.get('ide-0.x', key), givenContext());
    expect(read).toMatchObject({ events: [], openTurn: { id: 'exec-1' }, more: false });
  });

  test('does not count as running for ever: Kiro writes no end after a crash', async () => {
    const store = givenStore();
    store.write(growing([]), new Date('2026-09-01'));
    expect((await store.sweep()).openTurn).toBeNull();
    expect((await store.sweep({ cwd: WORKSPACE })).reads).toEqual([]);
  });
});

describe('prompts', () => {
  const asked = async (history: object[], data: object) => {
    const store = givenStore();
    store.writeSession('chat-1', { workspaceDirectory: WORKSPACE, history });
    store.write(growing([], { input: { data } }));
    const [prompt] = ofKind((await store.sweep()).events, 'prompt.submitted');
    return prompt?.body.text;
  };
  const user = (content: unknown, more: object = {}) => ({ message: { role: 'user', id: 'm', content, ...more } });
  const answer = { message: { role: 'assistant', id: 'n', content: 'On it.' }, executionId: 'exec-1' };

  test('come from the chat’s history, else from the execution', async () => {
    const data = { userPrompt: 'two', messages: [{ role: 'user', content: 'three' }] };
    expect(await asked([user('one'), answer], data)).toBe('one');
    expect(await asked([user('one')], data)).toBe('two');
    expect(await asked([], { ...data, userPrompt: null })).toBe('three');
    expect(await asked([], {})).toBeUndefined();
  });

  test('are not what Kiro wrote itself after compaction, nor another execution’s', async () => {
    const summary = '# Conversation Summary\n\n## TASK 1';
    expect(await asked([user(summary, { isHidden: true }), answer], { userPrompt: 'told before' })).toBeUndefined();
    expect(await asked([], { userPrompt: summary })).toBeUndefined();
    expect(await asked([], { userPrompt: 'x', messagesFromExecutionId: 'exec-0' })).toBeUndefined();
  });
});

describe('turn numbers', () => {
  test('count a chat’s executions by their starts, those from before us too', async () => {
    const store = givenStore();
    const of = (n: number) => ({ executionId: `exec-${n}`, chatSessionId: 'chat-1', status: 'succeed', startTime: n });
    const history = [1, 2, 3].map((n) => ({
      message: { role: 'assistant', content: 'On it.' },
      executionId: `exec-${n}`,
    }));
    store.writeSession('chat-1', { workspaceDirectory: WORKSPACE, history });
    store.writeIndex([3, 1, 2].map((n) => of(n)));
    for (const n of [1, 2]) store.write(of(n), new Date('2026-09-01'));
    for await (const { sessionId, cursor } of store.source.baseline()) store.cursors.set(sessionId, cursor);
    store.write(of(3));
    const { events } = await store.sweep();
    expect(events.map(({ kind, turn, source }) => [kind, turn?.index ?? null, source.inferred])).toEqual([
      ['session.started', null, ['time']],
      ['turn.ended', 3, ['time']],
    ]);
  });
});

describe('a baseline', () => {
  const set = async (store: ReturnType<typeof givenStore>) => {
    for await (const { sessionId, cursor } of store.source.baseline()) store.cursors.set(sessionId, cursor);
  };

  test('leaves out what is there, and of a turn that runs what it has done so far', async () => {
    const store = givenStore(true);
    store.write(growing([say('a', 'Before')]));
    await set(store);
    expect((await store.sweep()).events).toEqual([]);
    store.write(growing([say('a', 'Before'), say('b', 'After')]));
    expect((await store.sweep()).events.map(gist)).toEqual(['', 'After']);
  });

  test('is filled in from its moment on with the same events as if they had been told', async () => {
    const store = givenStore(true);
    const told = (await givenStore(true).sweep()).events;
    for (const name of ['849d564b958ce45cd11778c7b0fbdd96', '81bcdd7150f2ed7ffb7b56072084a2b7'])
      utimesSync(path.join(store.saves, name), new Date('2026-09-01'), new Date('2026-09-01'));
    await set(store);
    const key = hashName(WORKSPACE);
    const fill = async (since: string) => {
      const events: CapsuleEvent[] = [];
      for (let cursor = store.source.backfill?.(store.cursors.get('ide-0.x', key), since) ?? null; cursor !== null; ) {
        const read = await store.source.read(key, cursor, givenContext());
        events.push(...(read?.events ?? []));
        cursor = read?.more ? read.cursor : null;
      }
      return events.map(({ id }) => id).sort();
    };
    expect(await fill('2020-01-01T00:00:00.000Z')).toEqual(told.map(({ id }) => id).sort());
    expect(await fill('2026-08-30T00:00:00.000Z')).toEqual(
      told
        .filter(({ session }) => session.id === 'legacy-0001')
        .map(({ id }) => id)
        .sort(),
    );
  });
});

describe('levels', () => {
  test('nothing is told of a workspace that is off, also later', async () => {
    const store = givenStore(true);
    expect((await store.sweep({}, givenContext({ levelFor: () => 'off' }))).events).toEqual([]);
    expect((await store.sweep()).events).toEqual([]);
  });

  test('a chat whose folder no file names leaves without its texts', async () => {
    const store = givenStore();
    store.write(growing([say('a', 'Secret plan')], { input: { data: { userPrompt: 'Go' } } }));
    const { events } = await store.sweep();
    expect(JSON.stringify(events)).not.toContain('Secret plan');
    expect(events[0]).toMatchObject({ workspace: null, source: { content: 'metadata' } });
  });

  test('secrets are taken out', async () => {
    const store = givenStore();
    const token = ['ghp', 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8'].join('_');
    store.write(growing([say('a', `It is ${token}`)]));
    const redact = createRedactor({ key: Buffer.alloc(32, 1) });
    const { events } = await store.sweep({}, givenContext({ redact }));
    expect(JSON.stringify(events)).not.toContain(token);
  });
});

describe('odd stores', () => {
  test('that are not there, empty, or full of other things are no trouble', async () => {
    const store = givenStore();
    writeFileSync(path.join(store.saves, 'note.txt'), 'x');
    mkdirSync(path.join(store.saves, hashName('a folder')));
    expect(await store.sweep()).toMatchObject({ events: [], unknown: { 'file that is no execution': 1 } });
    store.write(growing([]));
    expect(await store.sweep()).toMatchObject({ unknown: {} });
    rmSync(path.join(store.userData, 'User'), { recursive: true });
    expect((await store.sweep()).reads).toEqual([]);
    expect(await store.source.read('sess_1', null, givenContext())).toBeUndefined();
  });

  test('with an index that is torn lose nothing', async () => {
    const store = givenStore(true);
    const index = path.join(path.dirname(store.saves), hashName('KIRO::EXECUTION::METADATA'));
    truncateSync(index, 100);
    expect((await store.sweep()).events.length).toBeGreaterThan(30);
  });
});
