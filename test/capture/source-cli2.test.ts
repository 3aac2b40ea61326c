import { spawnSync } from 'node:child_process';
import { renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import { CHANGED, CREATED_AT, eventsOf, flat, type GivenCli, gist, givenCli, ID, LATER, value } from './given-cli.ts';
import { givenContext, ofKind } from './given-session.ts';

const line = (kind: string, data?: object) => `${JSON.stringify({ version: 'v1', kind, ...(data && { data }) })}\n`;
const prompt = (id: string, text: string, seconds = 1_788_436_800) =>
  line('Prompt', { message_id: id, content: [{ kind: 'text', data: text }], meta: { timestamp: seconds } });
const answer = (id: string, ...content: object[]) => line('AssistantMessage', { message_id: id, content });
const text = (data: string) => ({ kind: 'text', data });
const call = (toolUseId: string, name = 'shell') => ({
  kind: 'toolUse',
  data: { toolUseId, name, input: { command: `run ${toolUseId}` } },
});
const results = (id: string, callId: string, more: object = {}) =>
  line('ToolResults', {
    message_id: id,
    content: [{ kind: 'toolResult', data: { toolUseId: callId, content: [text('ok')], status: 'success' } }],
    results: {},
    ...more,
  });
const meta = (given: object = {}, turns: object[] = []) =>
  JSON.stringify({
    session_id: ID,
    cwd: '/home/dev/project',
    created_at: '2026-09-03T11:00:00.000Z',
    title: 'A title',
    session_state: { conversation_metadata: { user_turn_metadatas: turns }, agent_name: 'kiro_default' },
    ...given,
  });
const turnEnd = (ids: string[], given: object = {}) => ({
  message_ids: ids,
  end_reason: 'UserTurnEnd',
  end_timestamp: '2026-09-03T12:00:10.000Z',
  turn_duration: { secs: 9, nanos: 500_000_000 },
  ...given,
});
const kinds = async (cli: GivenCli) => eventsOf(await cli.sweep()).map(({ kind }) => kind);
const texts = async (cli: GivenCli) =>
  eventsOf(await cli.sweep()).flatMap(({ body }) => ('text' in body && body.text !== null ? [body.text] : []));

async function baseline(cli: GivenCli): Promise<void> {
  for await (const { sessionId, cursor } of cli.source.baseline()) cli.cursors.set(sessionId, structuredClone(cursor));
}

describe('a flat session that grows', () => {
  test('tells what is there, and the end of the turn when the metadata have it', async () => {
    const cli = givenCli();
    cli.write('.lock', '42');
    cli.write('.json', meta());
    cli.write('.jsonl', prompt('p1', 'Hello') + answer('a1', call('c1')));
    const [first] = await cli.sweep();
    expect(first?.read.events.map(({ kind }) => kind)).toEqual(['session.started', 'prompt.submitted']);
    expect(first?.read.openTurn).toEqual({ id: 'p1', since: '2026-09-03T12:00:00.000Z' });
    cli.append(results('r1', 'c1') + answer('a2', text('Done')));
    expect(await kinds(cli)).toEqual(['tool.invoked', 'agent.responded']);
    cli.write('.json', meta({}, [turnEnd(['p1', 'a1', 'r1', 'a2'])]));
    const [last] = await cli.sweep();
    expect(last?.read.events.map(({ kind }) => kind)).toEqual(['turn.ended']);
    expect(last?.read.openTurn).toBeNull();
    expect(await cli.sweep()).toEqual([]);
  });

  test('does not end a turn before everything that Kiro counts to it has been read', async () => {
    const cli = givenCli();
    cli.write('.json', meta({}, [turnEnd(['p1', 'a1'])]));
    cli.write('.jsonl', prompt('p1', 'Hello'));
    expect(await kinds(cli)).toEqual(['session.started', 'prompt.submitted']);
    cli.append(answer('a1', text('Hi')));
    expect(await kinds(cli)).toEqual(['agent.responded', 'turn.ended']);
  });

  test('waits for a turn’s end while the CLI has the session open, and gives it up once it is closed and quiet', async () => {
    const cli = givenCli();
    cli.write('.lock', String(process.pid));
    cli.write('.json', meta());
    cli.write('.jsonl', prompt('p1', 'Hello') + answer('a1', text('Hi'), call('c1')));
    await cli.sweep();
    cli.setTime(LATER);
    expect(await kinds(cli)).toEqual([]);
    cli.remove('.lock');
    const events = eventsOf(await cli.sweep());
    expect(events.map(gist)).toEqual([
      '12:00:00.000 1 tool.invoked shell null null',
      '12:00:00.000 1 turn.ended unknown',
    ]);
    expect(ofKind(events, 'tool.invoked')[0]?.body.arguments).toEqual({ command: 'run c1' });
  });

  test('gives a turn up whose CLI has crashed and left its lock', async () => {
    const cli = givenCli();
    // A child that has ended: its number is nobody's.
    cli.write('.lock', String(spawnSync(process.execPath, ['--version']).pid));
    cli.write('.json', meta());
    cli.write('.jsonl', prompt('p1', 'Hello') + answer('a1', text('Hi')));
    expect(await kinds(cli)).toEqual(['session.started', 'prompt.submitted', 'agent.responded']);
    cli.setTime(LATER);
    expect(eventsOf(await cli.sweep()).map(gist)).toEqual(['12:00:00.000 1 turn.ended unknown']);
    expect(await cli.sweep()).toEqual([]);
  });

  test('a torn line waits for its rest, and a torn metadata file for its next writing', async () => {
    const cli = givenCli();
    const whole = prompt('p1', 'Hello');
    cli.write('.json', meta().slice(0, 40));
    cli.write('.jsonl', whole + answer('a1', text('Hi')).slice(0, 30));
    const [torn] = await cli.sweep();
    expect(torn?.read).toMatchObject({ events: [], openTurn: { id: null } });
    cli.write('.json', meta());
    expect(await texts(cli)).toEqual(['Hello']);
    cli.append(answer('a1', text('Hi')).slice(30));
    expect(await texts(cli)).toEqual(['Hi']);
  });

  test('after a rewind tells only what is new, in a turn of its own', async () => {
    const cli = givenCli();
    cli.write('.json', meta());
    const start = prompt('p1', 'one') + answer('a1', text('1'));
    cli.write('.jsonl', start + prompt('p2', 'two') + answer('a2', text('2')));
    await cli.sweep();
    cli.append(line('ResetTo', { target_index: 2 }) + start + answer('a3', text('again')) + prompt('p3', 'three'));
    expect(eventsOf(await cli.sweep()).map(gist)).toEqual([
      '12:00:00.000 2 turn.ended unknown',
      '12:00:00.000 1 agent.responded again',
      '12:00:00.000 3 prompt.submitted three',
    ]);
  });

  test('knows a prompt that was taken back, a cleared conversation and a compaction, and counts what it does not know', async () => {
    const cli = givenCli();
    cli.write('.json', meta());
    cli.write(
      '.jsonl',
      prompt('p1', 'one') +
        line('CancelledPrompt') +
        prompt('p2', 'two') +
        line('Clear') +
        line('Compaction', { summary: 'secret summary', messages_snapshot: [] }) +
        line('Hologram', {}) +
        answer('a9', { kind: 'hologram', data: 1 }),
    );
    const steps = await cli.sweep();
    expect(eventsOf(steps).map(gist).slice(1)).toEqual([
      '12:00:00.000 1 prompt.submitted one',
      '12:00:00.000 1 turn.ended cancelled',
      '12:00:00.000 2 prompt.submitted two',
      '12:00:00.000 2 turn.ended unknown',
    ]);
    expect(steps.at(-1)?.read.unknown).toEqual({ Hologram: 1, 'content hologram': 1 });
    expect(JSON.stringify(steps)).not.toContain('secret summary');
  });

  test('names the server of an MCP tool, withheld thoughts, and images without their content', async () => {
    const cli = givenCli();
    cli.write('.json', meta());
    const image = { kind: 'image', data: { format: 'png', source: { kind: 'bytes', data: [1, 2, 3] } } };
    const thought = { kind: 'thinking', data: { modelId: 'm', text: '', signature: 'sig', redactedContent: 'xyz' } };
    const tool = { tool: { kind: { Mcp: { server_name: 'github', tool_name: 'get' } } }, result: 'Cancelled' };
    cli.write(
      '.jsonl',
      line('Prompt', { message_id: 'p1', content: [text('Look'), image], meta: { timestamp: 1_788_436_800 } }) +
        answer('a1', thought, call('c1', 'get')) +
        results('r1', 'c1', { results: { c1: tool } }),
    );
    const events = eventsOf(await cli.sweep());
    expect(ofKind(events, 'prompt.submitted')[0]?.body.attachments).toEqual([{ name: null, type: 'png', bytes: null }]);
    expect(ofKind(events, 'agent.reasoned')[0]?.body).toEqual({ text: null, withheld: true });
    expect(ofKind(events, 'tool.invoked')[0]?.body).toMatchObject({ name: 'get', kind: null, mcpServer: 'github' });
    expect(JSON.stringify(events)).not.toMatch(/xyz|sig"/);
  });

  test('keeps no text in its cursor', async () => {
    const cli = givenCli();
    cli.write('.json', meta({ title: 'hushhush title' }));
    cli.write('.jsonl', prompt('p1', 'hushhush') + answer('a1', text('hushhush'), call('hushhush-id')));
    await cli.sweep();
    expect(JSON.stringify([...cli.cursors]).replaceAll('hushhush-id', '')).not.toContain('hushhush');
  });

  test('that was replaced by a shorter one tells what is new in it, and nothing twice', async () => {
    const cli = givenCli();
    cli.write('.json', meta());
    cli.write('.jsonl', prompt('p1', 'one') + answer('a1', text('1')) + answer('a2', text('2')));
    await cli.sweep();
    cli.write('.jsonl', prompt('p1', 'one') + answer('a3', text('3')));
    expect(await texts(cli)).toEqual(['3']);
  });

  test('behind a symbolic link, or with a name that leads elsewhere, is not there', async () => {
    const cli = givenCli();
    const outside = path.join(cli.host.home, 'outside.jsonl');
    writeFileSync(outside, prompt('p1', 'x'));
    symlinkSync(outside, cli.log);
    expect(await cli.sweep()).toEqual([]);
    expect(await cli.source.read(ID, null, givenContext())).toBeUndefined();
    expect(await cli.source.read('../../outside', null, givenContext())).toBeUndefined();
  });
});

describe('where the workspace’s level decides', () => {
  test('nothing of an excluded folder is told, and everything after it is no longer excluded', async () => {
    const cli = givenCli();
    cli.write('.json', meta({ cwd: '/private' }));
    cli.write('.jsonl', prompt('p1', 'one'));
    const levelFor = (folder: string | null) => (folder === '/private' ? 'off' : 'redacted');
    expect(eventsOf(await cli.sweep(givenContext({ levelFor })))).toEqual([]);
    cli.append(prompt('p2', 'two'));
    expect(await kinds(cli)).toEqual(['session.started', 'turn.ended', 'prompt.submitted']);
  });

  test('secrets are taken out', async () => {
    const cli = givenCli();
    cli.write('.json', meta());
    cli.write('.jsonl', prompt('p1', `my key is ${['AKIA', 'IOSFODNN7', 'ABCDEFG'].join('')}`));
    const [submitted] = ofKind(eventsOf(await cli.sweep()), 'prompt.submitted');
    expect(submitted?.body.text).toMatch(/^my key is \[redacted:/);
    expect(submitted?.redactions).toHaveLength(1);
  });
});

describe('what was there before us', () => {
  test('is not told, but its turns count', async () => {
    const cli = givenCli();
    cli.write('.json', meta({}, [turnEnd(['p1', 'a1'])]));
    cli.write('.jsonl', prompt('p1', 'old') + answer('a1', text('old')));
    cli.put('db', value('tool-calls.json'), Date.UTC(2026, 6, 9, 4, 30, 24, 336));
    await baseline(cli);
    expect(await cli.sweep()).toEqual([]);
    cli.append(prompt('p2', 'new', 1_788_436_900));
    const events = eventsOf(await cli.sweep());
    expect(events.map(gist)).toEqual(['12:01:40.000 - session.started', '12:01:40.000 2 prompt.submitted new']);
    expect(events[0]?.source.inferred).toEqual(['time']);
  });

  test('is not told of a conversation in the database either, even if it answers an old call', async () => {
    const cli = givenCli();
    const conversation = JSON.parse(value('tool-calls.json')) as { history: object[] };
    const until = (entries: number) =>
      JSON.stringify({ ...conversation, history: conversation.history.slice(0, entries) });
    cli.put(ID, until(1), Date.UTC(2026, 6, 9, 4, 30, 19, 730));
    await baseline(cli);
    cli.put(ID, until(3), Date.UTC(2026, 6, 9, 4, 30, 24, 336));
    const events = eventsOf(await cli.sweep());
    expect(events.map(({ kind }) => kind)).toEqual([
      'session.started',
      'tool.invoked',
      'tool.invoked',
      'agent.responded',
      'turn.ended',
    ]);
    expect(ofKind(events, 'tool.invoked')[0]).toMatchObject({
      turn: { index: 1 },
      body: { name: 'fs_write', success: true },
    });
  });
});

describe('the database', () => {
  const conversation = (history: object[]) => JSON.stringify({ conversation_id: ID, history });
  const entry = (id: string, said: string, given: object = {}) => ({
    user: { content: { Prompt: { prompt: said } }, timestamp: '2026-09-03T11:59:00.000Z', ...given },
    assistant: { Response: { message_id: id, content: `re: ${said}` } },
    request_metadata: { request_start_timestamp_ms: CREATED_AT, stream_end_timestamp_ms: CREATED_AT + 1000 },
  });

  test('is asked only for conversations that changed, and tells only what is new in them', async () => {
    const cli = givenCli();
    cli.put(ID, conversation([entry('a1', 'one')]), 1000);
    expect(await texts(cli)).toEqual(['one', 're: one']);
    expect(await cli.sweep()).toEqual([]);
    cli.put('other', conversation([entry('b1', 'elsewhere')]), 1500);
    cli.put(ID, conversation([entry('a1', 'one'), entry('a2', 'two')]), 2000);
    expect(await texts(cli)).toEqual(['elsewhere', 're: elsewhere', 'two', 're: two']);
  });

  test('counts turns on when Kiro dropped the oldest to make room', async () => {
    const cli = givenCli();
    cli.put(ID, conversation([entry('a1', 'one'), entry('a2', 'two')]), 1000);
    await cli.sweep();
    cli.put(ID, conversation([entry('a2', 'two'), entry('a3', 'three')]), 2000);
    expect(eventsOf(await cli.sweep()).map(({ turn }) => turn?.index)).toEqual([3, 3, 3]);
  });

  test('takes a prompt that cancelled calls for a prompt, and what it cost from beside the history', async () => {
    const cli = givenCli();
    const cancelled = {
      user: {
        content: {
          CancelledToolUses: {
            prompt: 'no, stop',
            tool_use_results: [{ tool_use_id: 'c1', content: [{ Text: 'cancelled by the user' }], status: 'Error' }],
          },
        },
      },
      assistant: { Response: { message_id: 'a2', content: 'Stopped.' } },
    };
    const asked = {
      user: { content: { Prompt: { prompt: 'go' } }, images: [{ format: 'Png', source: { Bytes: [1, 2, 3] } }] },
      assistant: { ToolUse: { message_id: 'a1', content: '', tool_uses: [{ id: 'c1', name: 'fs_read', args: {} }] } },
    };
    const usage = {
      usage_info: [
        { value: 0.5, unit: 'credit' },
        { value: 0.25, unit: 'credit' },
      ],
    };
    cli.put(
      ID,
      JSON.stringify({ history: [[asked.user, asked.assistant], cancelled], user_turn_metadata: usage }),
      1000,
    );
    const events = eventsOf(await cli.sweep());
    expect(events.map(({ kind, turn }) => `${kind} ${turn?.index}`).slice(1)).toEqual([
      'prompt.submitted 1',
      'tool.invoked 1',
      'turn.ended 1',
      'prompt.submitted 2',
      'agent.responded 2',
      'turn.ended 2',
    ]);
    expect(ofKind(events, 'prompt.submitted')[0]?.body.attachments).toEqual([{ name: null, type: 'png', bytes: 3 }]);
    expect(ofKind(events, 'tool.invoked')[0]?.body).toMatchObject({ success: false, result: 'cancelled by the user' });
    expect(ofKind(events, 'turn.ended').map(({ body }) => body.credits)).toEqual([null, 0.75]);
  });

  test('keeps apart two answers without an id that say the same', async () => {
    const cli = givenCli();
    const bare = { user: { content: { Prompt: { prompt: 'hi' } } }, assistant: { Response: { content: 'hi' } } };
    cli.put(ID, conversation([bare, bare]), 1000);
    const events = eventsOf(await cli.sweep());
    expect(events).toHaveLength(7);
    expect(new Set(events.map(({ id }) => id)).size).toBe(7);
  });

  test('that is locked, damaged or of another make costs nothing else, and is asked again', async () => {
    const cli = givenCli();
    cli.write('.json', meta());
    cli.write('.jsonl', prompt('p1', 'flat'));
    writeFileSync(cli.database, 'no database at all');
    expect(await texts(cli)).toEqual(['flat']);
    writeFileSync(cli.database, '');
    expect(await texts(cli)).toEqual([]);
    cli.put(ID.replace('a', 'b'), conversation([entry('a1', 'one')]), 1000);
    const other = new DatabaseSync(cli.database);
    other.exec('BEGIN EXCLUSIVE');
    expect(await texts(cli)).toEqual([]);
    other.exec('ROLLBACK');
    other.close();
    expect(await texts(cli)).toEqual(['one', 're: one']);
  });
});

describe('a conversation that is in both stores', () => {
  const history = (n: number) =>
    JSON.stringify({ history: (JSON.parse(value('tool-calls.json')) as { history: object[] }).history.slice(0, n) });
  /** As Kiro copies it: the answers keep their ids, everything else gets a new one. */
  const copied =
    prompt('new-1', 'Create a file', 1_783_571_416) +
    answer('msg-tooluse-0001', call('tooluse_AAAA0001', 'fs_write')) +
    results('new-2', 'tooluse_AAAA0001') +
    answer('msg-tooluse-0002', call('tooluse_BBBB0002', 'execute_bash')) +
    results('new-3', 'tooluse_BBBB0002') +
    answer('msg-response-0003', text('Done.'));

  test('is told once when the copy is found first', async () => {
    const cli = givenCli();
    cli.put(ID, history(3), 1000);
    cli.write('.json', meta({ exported_from_v1: true }));
    cli.write('.jsonl', copied);
    expect(await kinds(cli)).toEqual([
      'session.started',
      'prompt.submitted',
      'tool.invoked',
      'tool.invoked',
      'agent.responded',
    ]);
    expect(await kinds(cli)).toEqual([]);
  });

  test('is told once when it was told from the database before, and goes on in the copy', async () => {
    const cli = givenCli();
    cli.put(ID, history(3), 1000);
    const before = eventsOf(await cli.sweep());
    expect(before.map(({ kind }) => kind)).toContain('turn.ended');
    cli.write('.json', meta({ exported_from_v1: true }));
    cli.write('.jsonl', copied);
    expect(await kinds(cli)).toEqual([]);
    cli.append(prompt('new-4', 'More'));
    const after = eventsOf(await cli.sweep());
    expect(after.map(gist)).toEqual(['12:00:00.000 2 prompt.submitted More']);
    expect(after[0]?.source.ordinal).toBeGreaterThan(before.at(-1)?.source.ordinal ?? Number.POSITIVE_INFINITY);
  });

  test('is not told when it was there before us and is copied only then', async () => {
    const cli = givenCli();
    cli.put(ID, history(3), CREATED_AT + 60_000);
    await baseline(cli);
    cli.write('.json', meta({ exported_from_v1: true }));
    cli.write('.jsonl', copied);
    expect(await kinds(cli)).toEqual([]);
    cli.append(prompt('new-4', 'More'));
    expect(eventsOf(await cli.sweep()).map(gist)).toEqual([
      '12:00:00.000 - session.started',
      '12:00:00.000 2 prompt.submitted More',
    ]);
  });

  test('has in the copy a prompt behind results, which a session of its own has not', async () => {
    const said = {
      content: [{ kind: 'toolResult', data: { toolUseId: 'c1', content: [], status: 'error' } }, text('no')],
    };
    const log = prompt('p1', 'go') + answer('a1', call('c1')) + line('ToolResults', { message_id: 'r1', ...said });
    const own = givenCli();
    own.write('.json', meta());
    own.write('.jsonl', log);
    const steps = await own.sweep();
    expect(steps.at(-1)?.read.unknown).toEqual({ 'ToolResults text': 1 });
    const copy = givenCli();
    copy.write('.json', meta({ exported_from_v1: true }));
    copy.write('.jsonl', log);
    expect(
      eventsOf(await copy.sweep())
        .map(gist)
        .at(-1),
    ).toBe('12:00:00.000 2 prompt.submitted no');
  });
});

describe('switched off', () => {
  test('nothing is read, and nothing is there', async () => {
    const cli = givenCli();
    cli.write('.jsonl', flat('malformed.jsonl'));
    cli.put(ID, value('tool-calls.json'), 1000);
    cli.switch(false);
    expect(cli.source.isOn?.()).toBe(false);
    expect(await cli.sweep()).toEqual([]);
    expect(await cli.source.read(ID, null, givenContext())).toBeUndefined();
    await baseline(cli);
    expect(cli.cursors.size).toBe(0);
  });
});

test('one session can be read by its id from either store', async () => {
  const cli = givenCli();
  cli.write('.json', meta());
  cli.write('.jsonl', prompt('p1', 'flat'));
  cli.put('db', value('one-answer.json'), 1000);
  const flatRead = await cli.source.read(ID, null, givenContext());
  expect(flatRead?.events.map(({ kind }) => kind)).toEqual(['session.started', 'prompt.submitted']);
  const stored = await cli.source.read('db', null, givenContext());
  expect(stored?.events).toHaveLength(4);
  expect((await cli.source.read('db', stored?.cursor ?? null, givenContext()))?.events).toEqual([]);
});

test('a log that is moved away while it is read is simply gone', async () => {
  const cli = givenCli();
  cli.write('.json', meta());
  cli.write('.jsonl', prompt('p1', 'one'));
  await cli.sweep();
  renameSync(cli.log, `${cli.log}.old`);
  utimesSync(`${cli.log}.old`, CHANGED, CHANGED);
  expect(await cli.sweep()).toEqual([]);
});
