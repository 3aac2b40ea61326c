import { utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { freshLedger, type Ledger } from '../../src/capture/ledger-0x.ts';
import { findChangedAgain } from '../../src/capture/round-0x.ts';
import { createFileMemory } from '../../src/kiro/file-memory.ts';
import { agentStorage, hashName } from '../../src/kiro/places-0x.ts';
import { findWorkspaceFolders } from '../../src/kiro/workspace-folders-0x.ts';
import { ofKind } from './given-session.ts';
import { givenStore, WORKSPACE } from './given-store-0x.ts';

const NOW = Date.parse('2026-09-10T12:00:00.000Z');
const MINUTE = 60_000;

/** A store whose clock the test moves, with executions that ended long ago; more than stay followed. */
function givenEnded(count: number) {
  let ms = NOW;
  const store = givenStore(false, { now: () => new Date(ms) });
  const of = (n: number, texts: string[], more: object = {}) => ({
    executionId: `exec-${n}`,
    chatSessionId: 'chat-1',
    status: 'succeed',
    startTime: NOW - 60 * MINUTE + n * 1000,
    endTime: NOW - 60 * MINUTE + n * 1000 + 500,
    input: { data: { workspacePaths: [WORKSPACE] } },
    actions: texts.map((message, at) => ({
      ...{ actionId: `a${at}`, actionType: 'say', actionState: 'Success', output: { message } },
      emittedAt: NOW - 60 * MINUTE + n * 1000 + (at === 0 ? 100 : 70 * MINUTE),
    })),
    ...more,
  });
  for (let n = 0; n < count; n++) store.write(of(n, ['First']), new Date(NOW - 50 * MINUTE));
  return {
    ...store,
    of,
    wait(minutes: number) {
      ms += minutes * MINUTE;
    },
    now: () => new Date(ms),
    texts: async () => ofKind((await store.sweep()).events, 'agent.responded').map(({ body }) => body.text),
    ledger: () => store.cursors.get('ide-0.x', hashName(WORKSPACE)) as Ledger,
  };
}

describe('an execution that Kiro changes when it is done with for long', () => {
  test('is read again when its turn in the round comes, and only it', async () => {
    const store = givenEnded(30);
    expect(await store.texts()).toHaveLength(30);
    expect(Object.keys(store.ledger().followed)).not.toContain(hashName('exec-3'));
    store.wait(5);
    store.write(store.of(3, ['First', 'Late']), store.now());
    expect(await store.texts()).toEqual([]);
    store.wait(5);
    expect(await store.texts()).toEqual(['First', 'Late']);
    // Once more at most, because it changed after the round began; then no more.
    store.wait(10);
    await store.texts();
    store.wait(10);
    expect(await store.texts()).toEqual([]);
  });

  test('gives the facts that were told the same ids', async () => {
    const store = givenEnded(30);
    store.writeIndex(Array.from({ length: 30 }, (_, n) => store.of(n, [])));
    const before = (await store.sweep()).events.filter(({ turn }) => turn?.id === 'exec-3');
    store.wait(5);
    store.write(store.of(3, ['First', 'Late']), store.now());
    store.wait(6);
    const after = (await store.sweep()).events;
    const ids = new Set(after.map(({ id }) => id));
    expect(before.every(({ id }) => ids.has(id))).toBe(true);
    expect(after).toHaveLength(before.length + 1);
    expect(after.map(({ turn }) => turn?.index)).toEqual(after.map(() => before[0]?.turn?.index));
  });

  test('is read again at once when the index says that it ended just now', async () => {
    const store = givenEnded(30);
    store.writeIndex(Array.from({ length: 30 }, (_, n) => store.of(n, [])));
    await store.sweep();
    store.wait(2);
    store.write(store.of(3, ['First', 'Late']), store.now());
    const later = { endTime: store.now().getTime() };
    store.writeIndex(Array.from({ length: 30 }, (_, n) => store.of(n, [], n === 3 ? later : {})));
    expect(await store.texts()).toEqual(['First', 'Late']);
  });

  test('is told from our beginning on when it was there before us', async () => {
    const store = givenEnded(30);
    for await (const { sessionId, cursor } of store.source.baseline()) store.cursors.set(sessionId, cursor);
    expect(await store.texts()).toEqual([]);
    store.wait(11);
    store.write(store.of(3, ['First', 'Late'], { endTime: store.now().getTime() }), store.now());
    store.wait(11);
    const { events } = await store.sweep();
    expect(events.map(({ kind }) => kind)).toEqual(['session.started', 'agent.responded', 'turn.ended']);
    expect(ofKind(events, 'agent.responded')[0]?.body.text).toBe('Late');
  });

  test('is found among more than one part holds, whichever it is', async () => {
    const store = givenEnded(0);
    const files = Array.from({ length: 1002 }, (_, n) => hashName(`exec-${n}`)).sort();
    for (const file of files) writeFileSync(path.join(store.saves, file), '');
    for (const file of [files[0], files[999], files[1000]])
      utimesSync(path.join(store.saves, file ?? ''), new Date(NOW + MINUTE), new Date(NOW + MINUTE));
    const [place] = await findWorkspaceFolders([store.userData], createFileMemory(), () => {});
    if (place === undefined) throw new Error('no workspace');
    let round: Ledger['round'] = { since: NOW, began: NOW, looked: NOW, next: '' };
    const look = async (minute: number) => {
      const found = await findChangedAgain(place, { ...freshLedger(), round }, [], NOW + minute * MINUTE);
      round = found.round;
      return found.files.map(([file]) => file);
    };
    for (const file of files.slice(1, 999).concat(files[1001] ?? ''))
      utimesSync(path.join(store.saves, file), new Date(1), new Date(1));
    expect(await look(9)).toEqual([]);
    expect(await look(10)).toEqual([files[0], files[999]]);
    expect(await look(15)).toEqual([]);
    expect(await look(20)).toEqual([files[1000]]);
    // The next round has nothing new: all that changed did so before the last one began to look at it.
    expect([...(await look(30)), ...(await look(40))].length).toBeLessThanOrEqual(3);
    expect([...(await look(50)), ...(await look(60))]).toEqual([]);
  });
});

describe('fields that no Kiro known to us writes', () => {
  test('are counted by name, in every file, once a file or once a workspace', async () => {
    const store = givenStore();
    const execution = {
      executionId: 'exec-1',
      chatSessionId: 'chat-1',
      status: 'succeed',
      endTime: NOW,
      mood: 'good',
      input: { data: { workspacePaths: [WORKSPACE], temperature: 1 } },
      actions: [{ actionType: 'say', tint: 1 }, { actionType: 'say', tint: 2 }, { noType: true }, 'text'],
      usageSummary: [{ unit: 'credit', usage: 1, rebate: 2 }],
    };
    store.write(execution);
    store.writeIndex([{ executionId: 'exec-1', shard: 3 }]);
    const history = [{ message: { role: 'user', content: 'x', tone: 'y' }, rank: 1 }, { message: 7 }];
    store.writeSession('chat-1', { workspaceDirectory: WORKSPACE, theme: 'dark', history });
    store.writeSession('sessions', [{ sessionId: 'chat-1', workspaceDirectory: WORKSPACE, pinned: true }, 3]);
    const chat = path.join(agentStorage(store.userData), hashName(WORKSPACE), 'a.chat');
    store.writeRaw(chat, {
      executionId: 'old',
      era: 1,
      chat: [{ role: 'human', content: 'x', hue: 1 }, { role: 'elf' }],
    });
    expect((await store.sweep()).unknown).toEqual({
      'execution.mood': 1,
      'execution.input.data.temperature': 1,
      'execution.actions.tint': 2,
      'execution.actions.noType': 1,
      'execution.actions (unreadable)': 2,
      'execution.usageSummary.rebate': 1,
      'index.executions.shard': 1,
      'session.theme': 1,
      'session.history.rank': 1,
      'session.history.message.tone': 1,
      'session.history.message (unreadable)': 1,
      'session.history (unreadable)': 1,
      'sessions.pinned': 1,
      'sessions (unreadable)': 1,
      '.chat.era': 1,
      '.chat.chat.hue': 1,
      '.chat.chat (unreadable)': 1,
    });
    store.writeSession('chat-1', { workspaceDirectory: WORKSPACE, theme: 'light', history: [], size: 1 });
    expect((await store.sweep()).unknown).toEqual({ 'session.size': 1 });
  });
});
