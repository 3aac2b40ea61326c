import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { historyFacts, itemsOf, withoutEarly } from '../../src/capture/history-0x.ts';
import { agentStorage, hashName } from '../../src/kiro/places-0x.ts';
import type { HistoryEntry } from '../../src/kiro/session-file-0x.ts';
import { runs } from '../helpers/fuzz.ts';
import { givenContext } from './given-session.ts';
import { everyAction, type GivenStore, givenStore, WORKSPACE } from './given-store-0x.ts';

const NOW = Date.parse('2026-09-10T12:00:00.000Z');
const MINUTE = 60_000;

/** A store whose clock the test moves. */
function givenClock() {
  let ms = NOW;
  const store = givenStore(false, { now: () => new Date(ms) });
  const chats = path.join(agentStorage(store.userData), 'workspace-sessions', 'L2hvbWUvZGV2L2RlbW8tYXBw');
  return {
    ...store,
    wait(minutes: number) {
      ms += minutes * MINUTE;
    },
    /** The chat's file as Kiro rewrites it now. */
    chat(history: object[], id = 'chat-1') {
      store.writeSession(id, { title: 'A chat', workspaceDirectory: WORKSPACE, history });
      utimesSync(path.join(chats, `${id}.json`), new Date(ms), new Date(ms));
    },
    chats,
  };
}
const user = (id: string, content: unknown, more: object = {}) => ({ message: { role: 'user', id, content, ...more } });
const answer = (id: string, content: string, executionId?: string, more: object = {}) => ({
  message: { role: 'assistant', id, content },
  ...(executionId === undefined ? {} : { executionId }),
  ...more,
});
const execution = (executionId: string, more: object = {}) => ({
  executionId,
  chatSessionId: 'chat-1',
  status: 'succeed',
  startTime: NOW,
  endTime: NOW + 1000,
  input: { data: { userPrompt: 'Go', workspacePaths: [WORKSPACE] } },
  actions: [say('a', 'Done.')],
  ...more,
});
const say = (actionId: string, message: string) => ({
  actionId,
  actionType: 'say',
  actionState: 'Success',
  emittedAt: NOW + 500,
  output: { message },
});
const gist = async (store: Pick<GivenStore, 'sweep'>) =>
  (await store.sweep()).events.map(({ kind, turn, source, body }) => [
    kind,
    turn?.id ?? null,
    source.record,
    'text' in body ? body.text : '',
  ]);

describe('what a chat’s history alone holds', () => {
  test('is told once nothing else told it for ten minutes: an answer without an execution', async () => {
    const store = givenClock();
    store.chat([user('m1', 'Why?'), answer('m2', 'Because.')]);
    expect(await gist(store)).toEqual([]);
    store.wait(9);
    expect(await gist(store)).toEqual([]);
    store.wait(1);
    const { events } = await store.sweep();
    expect(events.map(({ kind, time, turn, source, body }) => ({ kind, time, turn, source, body })).slice(1)).toEqual([
      {
        kind: 'prompt.submitted',
        time: '2026-09-10T12:00:00.000Z',
        turn: null,
        source: { store: 'ide-0.x', content: 'redacted', record: 'm1', ordinal: NOW * 1000 + 1, inferred: ['time'] },
        body: { text: 'Why?', source: null, attachments: [] },
      },
      {
        kind: 'agent.responded',
        time: '2026-09-10T12:00:00.000Z',
        turn: null,
        source: { store: 'ide-0.x', content: 'redacted', record: 'm2', ordinal: NOW * 1000 + 2, inferred: ['time'] },
        body: { text: 'Because.' },
      },
    ]);
    expect(events[0]).toMatchObject({ kind: 'session.started', session: { id: 'chat-1', title: 'A chat' } });
    expect((await store.sweep()).reads).toEqual([]);
  });

  test('is told in the time it waited, however often the chat’s file changes meanwhile', async () => {
    const store = givenClock();
    const history = [user('m1', 'Why?'), answer('m2', 'Because.')];
    for (let minute = 0; minute < 10; minute++) {
      store.chat(history);
      expect(await gist(store)).toEqual([]);
      store.wait(1);
    }
    store.chat(history);
    expect((await gist(store)).map(([kind]) => kind)).toEqual([
      'session.started',
      'prompt.submitted',
      'agent.responded',
    ]);
  });

  test('is told of a workspace that has no folder of executions at all', async () => {
    const store = givenClock();
    rmSync(path.dirname(store.saves), { recursive: true });
    store.chat([user('m1', 'Why?'), answer('m2', 'Because.')]);
    store.wait(11);
    const { events } = await store.sweep();
    expect(events.map(({ kind, workspace }) => [kind, workspace?.path])).toEqual([
      ['session.started', WORKSPACE],
      ['prompt.submitted', WORKSPACE],
      ['agent.responded', WORKSPACE],
    ]);
  });

  test('is not told when an execution tells it, whether or not the history names that', async () => {
    const store = givenClock();
    store.chat([user('m1', 'Go'), answer('m2', 'On it.', 'exec-1'), user('m3', 'On')]);
    store.write(execution('exec-1'));
    store.write(execution('exec-2', { input: { data: { userPrompt: 'On', workspacePaths: [WORKSPACE] } } }));
    const told = (await gist(store)).filter(([kind]) => kind === 'prompt.submitted');
    expect(told.toSorted()).toEqual([
      ['prompt.submitted', 'exec-1', 'm1', 'Go'],
      ['prompt.submitted', 'exec-2', null, 'On'],
    ]);
    store.wait(30);
    expect(await gist(store)).toEqual([]);
    rmSync(path.join(store.saves, hashName('exec-1')));
    store.chat([user('m1', 'Go'), answer('m2', 'On it.', 'exec-1'), user('m3', 'On')]);
    store.wait(30);
    expect(await gist(store)).toEqual([]);
  });

  test('has the stub of an execution never told, and what older builds kept beside it told', async () => {
    const store = givenClock();
    const logs = (...completions: string[]) => ({ promptLogs: completions.map((completion) => ({ completion })) });
    store.chat([
      user('m1', 'One'),
      answer('m2', 'On it.', 'gone-1', logs('')),
      user('m3', 'Two'),
      answer('m4', 'On it.', 'gone-2', logs('The real answer.')),
    ]);
    store.wait(11);
    expect((await gist(store)).slice(1)).toEqual([
      ['prompt.submitted', 'gone-1', 'm1', 'One'],
      ['prompt.submitted', 'gone-2', 'm3', 'Two'],
      ['agent.responded', 'gone-2', 'm4', 'The real answer.'],
    ]);
  });

  test('is placed before the next turn that is known, and after none', async () => {
    const store = givenClock();
    store.wait(60);
    store.chat([user('m1', 'Why?'), answer('m2', 'Because.'), user('m3', 'Go'), answer('m4', 'On it.', 'exec-1')]);
    store.write(execution('exec-1'));
    store.writeIndex([execution('exec-1')]);
    store.wait(11);
    const { events } = await store.sweep();
    const told = events
      .filter(({ kind }) => kind !== 'session.started')
      .toSorted((a, b) => a.source.ordinal - b.source.ordinal);
    expect(told.map(({ kind, time }) => [kind, Date.parse(time) - NOW])).toEqual([
      ['prompt.submitted', -1],
      ['agent.responded', -1],
      ['prompt.submitted', 0],
      ['agent.responded', 500],
      ['turn.ended', 1000],
    ]);
  });
});

describe('an execution that appears after its chat’s history was told', () => {
  test('tells its prompt under the same id, and no text a second time', async () => {
    const store = givenClock();
    const history = [user('m1', 'Go'), answer('m2', 'Done.', 'exec-1')];
    store.chat(history);
    store.wait(11);
    const early = (await store.sweep()).events;
    expect(early.map(({ kind }) => kind)).toEqual(['session.started', 'prompt.submitted', 'agent.responded']);
    store.write(execution('exec-1', { actions: [say('a', 'Done.'), say('b', 'And more.')] }));
    const late = (await store.sweep()).events;
    expect(late.map(({ kind, body }) => [kind, 'text' in body ? body.text : ''])).toEqual([
      ['agent.responded', 'And more.'],
      ['turn.ended', ''],
    ]);
    const alone = givenClock();
    alone.chat(history);
    alone.write(execution('exec-1'));
    const prompt = (await alone.sweep()).events.find(({ kind }) => kind === 'prompt.submitted');
    expect(prompt?.id).toBe(early[1]?.id);
  });

  test('does not repeat a prompt that no answer had named yet', async () => {
    const store = givenClock();
    store.chat([user('m1', 'Go')]);
    store.wait(11);
    expect(await gist(store)).toContainEqual(['prompt.submitted', null, 'm1', 'Go']);
    store.chat([user('m1', 'Go'), answer('m2', 'On it.', 'exec-1')]);
    store.write(execution('exec-1'));
    expect((await gist(store)).map(([kind]) => kind)).toEqual(['agent.responded', 'turn.ended']);
    store.wait(30);
    expect(await gist(store)).toEqual([]);
  });
});

describe('a chat that was there before us', () => {
  test('is told from now on, and filled in with what it held', async () => {
    const store = givenClock();
    store.chat([user('m1', 'Old?'), answer('m2', 'Old.')]);
    for await (const { sessionId, cursor } of store.source.baseline()) store.cursors.set(sessionId, cursor);
    store.wait(11);
    expect(await gist(store)).toEqual([]);
    store.chat([user('m1', 'Old?'), answer('m2', 'Old.'), user('m3', 'New?'), answer('m4', 'New.')]);
    store.wait(11);
    expect((await gist(store)).map(([, , record]) => record)).toEqual([null, 'm3', 'm4']);
    const key = hashName(WORKSPACE);
    const fill = async (since: string) => {
      const cursor = store.source.backfill?.(store.cursors.get('ide-0.x', key), since) ?? null;
      const read = cursor === null ? undefined : await store.source.read(key, cursor, givenContext());
      return read?.events.map(({ source }) => source.record);
    };
    expect(await fill('2026-09-01T00:00:00.000Z')).toEqual([null, 'm1', 'm2']);
    expect(await fill('2026-12-01T00:00:00.000Z')).toEqual([]);
  });

  test('is not told either when its file was being written at our beginning', async () => {
    const store = givenClock();
    const old = [user('m1', 'Old?'), answer('m2', 'Old.')];
    store.chat(old);
    store.writeSession('sessions', [{ sessionId: 'chat-1', workspaceDirectory: WORKSPACE }]);
    const file = path.join(store.chats, 'chat-1.json');
    writeFileSync(file, '{"history": [');
    utimesSync(file, new Date(NOW), new Date(NOW));
    for await (const { sessionId, cursor } of store.source.baseline()) store.cursors.set(sessionId, cursor);
    store.chat(old);
    await store.sweep();
    store.wait(11);
    store.chat([...old, user('m3', 'New?')]);
    store.wait(11);
    expect((await gist(store)).map(([, , record]) => record)).toEqual([null, 'm3']);
  });

  test('and was moved to 1.x is not told for what came after', async () => {
    const store = givenClock();
    store.chat([user('m1', 'Before?'), answer('m2', 'Before.')]);
    store.wait(1);
    const mark = { migratedAt: new Date(NOW + MINUTE).toISOString(), v2SessionId: 'chat-1' };
    writeFileSync(path.join(store.chats, '._migration-chat-1.json'), JSON.stringify(mark));
    await store.sweep();
    store.wait(1);
    store.chat([user('m1', 'Before?'), answer('m2', 'Before.'), user('m3', 'After?')]);
    store.wait(11);
    expect((await gist(store)).map(([, , record]) => record)).toEqual([null, 'm1', 'm2']);
  });
});

test('a chat’s file that stays broken is counted once, and read when it changes', async () => {
  const store = givenClock();
  store.chat([user('m1', 'Why?'), answer('m2', 'Because.')]);
  await store.sweep();
  const file = path.join(store.chats, 'chat-1.json');
  writeFileSync(file, '{"history": [');
  utimesSync(file, new Date(NOW + MINUTE), new Date(NOW + MINUTE));
  store.wait(5);
  expect((await store.sweep()).skipped).toBe(0);
  store.wait(10);
  expect((await store.sweep()).skipped).toBe(1);
  store.wait(10);
  expect((await store.sweep()).skipped).toBe(0);
  store.chat([user('m1', 'Why?'), answer('m2', 'Because.')]);
  store.wait(11);
  expect((await gist(store)).map(([, , record]) => record)).toEqual([null, 'm1', 'm2']);
});

test('an entry that was passed over takes nothing from the execution that tells it', async () => {
  const store = givenClock();
  const mark = { migratedAt: new Date(NOW - MINUTE).toISOString(), v2SessionId: 'chat-1' };
  writeFileSync(path.join(store.chats, '._migration-chat-1.json'), JSON.stringify(mark));
  store.chat([user('m1', 'Go'), answer('m2', 'On it.', 'exec-1')]);
  store.wait(11);
  expect(await gist(store)).toEqual([]);
  store.write(execution('exec-1', { startTime: NOW - 2 * MINUTE }));
  expect((await gist(store)).map(([kind]) => kind)).toEqual([
    'session.started',
    'prompt.submitted',
    'agent.responded',
    'turn.ended',
  ]);
});

const entry = fc.record({
  role: fc.constantFrom('user', 'assistant', 'tool'),
  id: fc.option(fc.constantFrom('m1', 'm2', 'm3', 'm4')),
  content: fc.oneof(fc.constantFrom('Go', 'On it.', '', '# Conversation Summary'), fc.jsonValue()),
  hidden: fc.boolean(),
  executionId: fc.option(fc.constantFrom('e1', 'e2', 'message')),
  contextItems: fc.constant<unknown[]>([]),
  completions: fc.array(fc.constantFrom('', 'said'), { maxLength: 2 }),
});
const histories = fc.array<HistoryEntry>(entry, { maxLength: 12 });
const factsOf = (history: HistoryEntry[]) => historyFacts(itemsOf(history).map((item) => ({ item, ms: 1000 })));
const idsOf = (history: HistoryEntry[]) => factsOf(history).map(({ kind, key }) => `${kind} ${key}`);

describe('any history', () => {
  test('tells each fact under a key of its own, in its order', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const facts = factsOf(history);
        expect(new Set(idsOf(history)).size).toBe(facts.length);
        const ordinals = facts.map(({ ordinal }) => ordinal);
        expect(ordinals).toEqual(ordinals.toSorted((a, b) => a - b));
      }),
      runs(300),
    );
  });

  test('that goes on keeps the marks of what it held', () => {
    fc.assert(
      fc.property(histories, histories, (history, more) => {
        const before = itemsOf(history).map(({ mark }) => mark);
        expect(
          itemsOf([...history, ...more])
            .map(({ mark }) => mark)
            .slice(0, before.length),
        ).toEqual(before);
      }),
      runs(200),
    );
  });

  test('that was told takes from an execution nothing but prompts and answers with its own texts', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const marks = itemsOf(history).map(({ mark }) => mark);
        const facts = factsOf(history);
        expect(withoutEarly(facts, 'e1', history, [])).toEqual(facts);
        const end = { ...everyAction(), kind: 'turn.ended' } as never;
        expect(withoutEarly([end], 'e1', history, marks)).toEqual([end]);
      }),
      runs(100),
    );
  });
});

describe('an answer that names no execution, in a turn that has one', () => {
  const turn = [user('m1', 'Go'), answer('m2', 'On it.', 'e-1'), answer('m3', 'Done.')];

  test('is not told when the execution said the same', async () => {
    const store = givenClock();
    store.write(execution('e-1'), new Date(NOW));
    store.chat(turn);
    expect((await gist(store)).map(([kind, , record]) => [kind, record])).toEqual([
      ['session.started', null],
      ['prompt.submitted', 'm1'],
      ['agent.responded', 'a'],
      ['turn.ended', 'e-1'],
    ]);
    store.wait(11);
    expect(await gist(store)).toEqual([]);
  });

  test('is told when it said something else, or the same stands in another turn', async () => {
    const store = givenClock();
    store.write(execution('e-1'), new Date(NOW));
    store.chat([...turn.slice(0, 2), answer('m3', 'And more.'), user('m4', 'Again'), answer('m5', 'Done.')]);
    await gist(store);
    store.wait(11);
    expect(await gist(store)).toEqual([
      ['agent.responded', null, 'm3', 'And more.'],
      ['prompt.submitted', null, 'm4', 'Again'],
      ['agent.responded', null, 'm5', 'Done.'],
    ]);
  });
});

test('messages that are neither the user’s nor the model’s are counted by their role, once', async () => {
  const store = givenClock();
  const tool = { message: { role: 'tool', id: 't', content: 'a result' } };
  store.chat([user('m1', 'Go'), tool, { ...tool, message: { ...tool.message, id: 'u' } }]);
  expect((await store.sweep()).unknown).toEqual({ 'message tool': 2 });
  store.wait(11);
  store.chat([user('m1', 'Go'), tool]);
  expect((await store.sweep()).unknown).toEqual({});
});

test('what Kiro’s mark of a moved chat holds that is not known is counted once', async () => {
  const store = givenClock();
  const mark = {
    migratedAt: NOW + MINUTE,
    v2SessionId: 'v',
    workspaceHash: 'h',
    v1WorkspaceDirectory: '/w',
    markerVersion: 2,
  };
  store.writeRaw(path.join(store.chats, '._migration-chat-1.json'), { ...mark, tail: 'new' });
  store.chat([user('m1', 'Go')]);
  store.write(execution('e-1'), new Date(NOW));
  expect((await store.sweep()).unknown).toEqual({ 'migration.tail': 1 });
  store.write(execution('e-2', { startTime: NOW + 2 * MINUTE }), new Date(NOW));
  expect(await store.sweep()).toMatchObject({ events: [], unknown: {} });
});

describe('an execution that another one is about to start', () => {
  const START = { actionId: 's', actionType: 'specAgent', actionState: 'Running', emittedAt: NOW + 10 };
  const starter = (actions: object[], more: object = {}) =>
    execution('e-1', { status: 'running', endTime: 0, actions, ...more });
  const started = execution('e-2', { startTime: NOW + 20, endTime: NOW + 900 });
  const givenBoth = () => {
    const store = givenClock();
    for (const each of [starter([START]), started]) store.write(each, new Date(NOW));
    store.writeIndex([starter([]), started]);
    return store;
  };
  const kinds = async (store: GivenStore) =>
    (await store.sweep()).events.map(({ kind, turn, body }) => [
      kind,
      turn?.id ?? null,
      'counts' in body ? body.counts.prompts : '',
    ]);

  test('tells no prompt of its own once the other one names it', async () => {
    const store = givenBoth();
    expect(await kinds(store)).toEqual([
      ['session.started', null, ''],
      ['prompt.submitted', 'e-1', ''],
      ['agent.responded', 'e-2', ''],
    ]);
    store.wait(1);
    store.write(starter([{ ...START, output: { executionId: 'e-2' } }]), new Date(NOW + MINUTE));
    expect(await kinds(store)).toEqual([]);
    expect(await kinds(store)).toEqual([['turn.ended', 'e-2', 0]]);
  });

  test.each([
    [
      'ends without naming one',
      async (store: ReturnType<typeof givenClock>) => {
        store.write(starter([START], { status: 'succeed', endTime: NOW + 950 }), new Date(NOW + MINUTE));
        await store.sweep();
      },
    ],
    ['says nothing more for ten minutes', async (store: ReturnType<typeof givenClock>) => store.wait(11)],
  ])('tells it when the other one %s', async (_, then) => {
    const store = givenBoth();
    await store.sweep();
    store.wait(1);
    await then(store);
    expect(await kinds(store)).toEqual([
      ['prompt.submitted', 'e-2', ''],
      ['turn.ended', 'e-2', 1],
    ]);
    expect(await kinds(store)).toEqual([]);
  });
});
