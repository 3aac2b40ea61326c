import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseChatSnapshot } from '../../src/kiro/chat-snapshot-0x.ts';
import { parseExecution } from '../../src/kiro/execution-0x.ts';
import { parseExecutionIndex } from '../../src/kiro/execution-index-0x.ts';
import { createFileMemory } from '../../src/kiro/file-memory.ts';
import { migratedAt } from '../../src/kiro/migration-0x.ts';
import { agentStorage, hashName } from '../../src/kiro/places-0x.ts';
import { parseSessionFile } from '../../src/kiro/session-file-0x.ts';
import { findWorkspacePath, parseSessionList } from '../../src/kiro/session-list-0x.ts';
import { executionIdIn, readExecutionId, readWhole, stampOf } from '../../src/kiro/whole-file-0x.ts';
import { findWorkspaceFolders } from '../../src/kiro/workspace-folders-0x.ts';
import { tempFolder } from '../helpers/temp-home.ts';

describe('names', () => {
  test.each([
    ['d:\\Projects\\DotNet\\CsCodeMap', '16277c8d93232c28e753d255666b7b69'],
    ['KIRO::EXECUTION::SAVES', '414d1636299d2b9e4ce7e17fb11f63e9'],
    ['KIRO::EXECUTION::METADATA', 'f62de366d0006e17ea00a01f6624aabf'],
  ])('are hashes: %s', (text, name) => {
    expect(hashName(text)).toBe(name);
  });

  test('of workspaces in the system’s own folder do not depend on where that is', async () => {
    const folders = [tempFolder(), tempFolder()];
    for (const folder of folders) mkdirSync(path.join(agentStorage(folder), hashName('/w')), { recursive: true });
    const [own, other] = await findWorkspaceFolders(folders, createFileMemory(), () => {});
    expect(own).toMatchObject({ id: hashName('/w'), key: hashName('/w') });
    expect(other?.id).toBe(hashName('/w'));
    expect(other?.key).not.toBe(own?.key);
  });

  test('of folders are looked up in the lists of chats', async () => {
    const sessions = tempFolder();
    mkdirSync(path.join(sessions, 'whatever'));
    const list = [{ sessionId: 's', workspaceDirectory: '/home/dev/demo' }, { sessionId: 't' }, 'odd'];
    writeFileSync(path.join(sessions, 'whatever', 'sessions.json'), JSON.stringify(list));
    expect(await findWorkspacePath(sessions, hashName('/home/dev/demo'))).toBe('/home/dev/demo');
    expect(await findWorkspacePath(sessions, hashName('/home/dev/other'))).toBeNull();
  });
});

const PARSERS = [parseExecution, parseExecutionIndex, parseSessionFile, parseSessionList, parseChatSnapshot];

describe('every parser', () => {
  test('answers for any text at all', () => {
    fc.assert(fc.property(fc.string(), (text) => PARSERS.forEach((parse) => void parse(text))));
  });

  test('answers for any JSON, and takes no more of it than it knows', () => {
    const odd = fc.dictionary(
      fc.constantFrom('executionId', 'actions', 'chat', 'history', 'message', 'input', 'startTime', 'executions'),
      fc.jsonValue(),
    );
    fc.assert(fc.property(odd, (value) => PARSERS.forEach((parse) => void parse(JSON.stringify(value)))));
  });

  test('takes no part of a text for the whole', () => {
    const whole = JSON.stringify({ executionId: 'e', actions: [{ actionType: 'say' }], chat: [], history: [] });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (end) => {
        for (const parse of PARSERS) expect(parse(whole.slice(0, end))).toBeNull();
      }),
    );
  });
});

describe('an execution’s file', () => {
  const parse = (value: object) => parseExecution(JSON.stringify({ executionId: 'e', ...value }));

  test('loses an odd field, not the file', () => {
    const odd = {
      status: 7,
      startTime: 'soon',
      endTime: 0,
      actions: [3, { actionType: 'say', emittedAt: -1, input: [] }],
    };
    expect(parse(odd)).toMatchObject({
      status: null,
      start: null,
      end: null,
      actions: [{ id: null, type: 'say', state: null, at: null, input: [] }],
    });
  });

  test('takes times as numbers, numbers in a text, and ISO 8601', () => {
    expect(parse({ startTime: '1767225600000', endTime: '2026-01-01T00:00:01.000Z' })).toMatchObject({
      start: 1_767_225_600_000,
      end: 1_767_225_601_000,
    });
  });

  test('sums credits, and knows no others', () => {
    const usageSummary = [
      { unit: 'credit', usage: 0.5 },
      { unit: 'credit', usage: 0.25 },
      { unit: 'token', usage: 9 },
    ];
    expect(parse({ usageSummary })?.credits).toBe(0.75);
    expect(parse({ usageSummary: {} })?.credits).toBeNull();
  });

  test('takes no id that leads out of its folder', () => {
    for (const id of ['../x', 'a/b', 'a\\b', '', '.x', 'x'.repeat(201)])
      expect(parse({ chatSessionId: id })?.sessionId).toBeNull();
  });
});

describe('a file that Kiro rewrites', () => {
  const json = (text: string) => (text.endsWith('}') ? text : null);

  test('is whole, torn, too large or not there', async () => {
    const file = path.join(tempFolder(), 'f');
    expect(await readWhole(file, json)).toEqual({ found: 'absent' });
    expect(await stampOf(file)).toBeNull();
    writeFileSync(file, '{}');
    expect(await readWhole(file, json)).toMatchObject({ found: 'whole', value: '{}', stamp: await stampOf(file) });
    expect(await readWhole(file, json, 1)).toMatchObject({ found: 'too-large' });
    writeFileSync(file, '{');
    expect(await readWhole(file, json)).toMatchObject({ found: 'torn' });
  });

  test('says in its first KiB which execution it is about', async () => {
    const file = path.join(tempFolder(), 'f');
    writeFileSync(file, `{"workflowType": "act",\n "executionId" : "exec-1", "x": "${'y'.repeat(5000)}`);
    expect(await readExecutionId(file)).toBe('exec-1');
    writeFileSync(file, `{"x": "${'y'.repeat(5000)}", "executionId": "exec-1"}`);
    expect(await readExecutionId(file)).toBeNull();
    expect(executionIdIn('')).toBeNull();
  });
});

describe('the mark of a moved chat', () => {
  test.each(['._migration-s.json', '.migrated-s.json'])('is found under the name %s', async (name) => {
    const userData = tempFolder();
    const folder = path.join(agentStorage(userData), 'workspace-sessions', 'any');
    mkdirSync(folder, { recursive: true });
    expect(await migratedAt([userData], 's')).toBeNull();
    writeFileSync(path.join(folder, name), '{"migratedAt": "2026-06-18T08:00:00.000Z", "v2SessionId": "s"}');
    expect(await migratedAt([tempFolder(), userData], 's')).toBe(Date.parse('2026-06-18T08:00:00.000Z'));
    writeFileSync(path.join(folder, name), '');
    utimesSync(path.join(folder, name), 5, 5);
    expect(await migratedAt([userData], 's')).toBe(5000);
  });
});
