import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { parseConversation } from '../../src/kiro/conversation-cli2.ts';
import { listConversations, readConversation } from '../../src/kiro/conversations-cli2.ts';
import { moment } from '../../src/kiro/fields-cli2.ts';
import { parseFlatRecord } from '../../src/kiro/flat-record-cli2.ts';
import { kiroPaths } from '../../src/kiro/paths.ts';
import { parseCliSessionMeta, readCliSessionMeta } from '../../src/kiro/session-meta-cli2.ts';
import { flat } from '../capture/given-cli.ts';
import { runs } from '../helpers/fuzz.ts';
import { tempFolder } from '../helpers/temp-home.ts';

describe('where Kiro CLI keeps its sessions', () => {
  const places = (platform: 'linux' | 'darwin' | 'win32', env: Record<string, string> = {}) => {
    const { cliSessions, cliDatabases } = kiroPaths({ home: '/home/dev', env, platform }, DEFAULT_SETTINGS);
    return [...cliSessions, ...cliDatabases];
  };

  test.each([
    ['linux', {}, ['/home/dev/.kiro/sessions/cli', '/home/dev/.local/share/kiro-cli/data.sqlite3']],
    ['linux', { XDG_DATA_HOME: '/data' }, ['/home/dev/.kiro/sessions/cli', '/data/kiro-cli/data.sqlite3']],
    ['darwin', {}, ['/home/dev/.kiro/sessions/cli', '/home/dev/Library/Application Support/kiro-cli/data.sqlite3']],
    [
      'win32',
      { LOCALAPPDATA: '/local', APPDATA: '/roaming' },
      ['/home/dev/.kiro/sessions/cli', '/local/Kiro-Cli/data.sqlite3', '/roaming/Kiro-Cli/data.sqlite3'],
    ],
  ] as const)('on %s with %j', (platform, env, expected) => {
    expect(places(platform, env)).toEqual(expected);
  });

  test('in KIRO_HOME as well, when that is a whole path', () => {
    expect(places('linux', { KIRO_HOME: '/srv/kiro' })).toContain('/srv/kiro/sessions/cli');
    expect(places('linux', { KIRO_HOME: 'kiro' })).toHaveLength(2);
  });
});

test.each([
  [1_784_126_037, '2026-07-15T14:33:57.000Z'],
  [1_783_571_416_209, '2026-07-09T04:30:16.209Z'],
  ['2026-07-09T10:00:16.195641701+05:30', '2026-07-09T04:30:16.195Z'],
  ['soon', null],
  [null, null],
  [1e300, null],
])('the moment %p is %p', (stamp, expected) => {
  expect(moment(stamp)).toBe(expected);
});

describe('a session’s metadata', () => {
  test('are read with times in seconds and without turns', () => {
    expect(parseCliSessionMeta(flat('metadata-in-seconds.json'))).toMatchObject({
      title: 'test conversation',
      mode: 'arize-traced',
      model: 'claude-sonnet-4',
      cwd: '/tmp/test-project',
      createdAt: '2026-05-08T18:56:09.000Z',
      exported: false,
      turns: [{ reason: 'end_turn', durationMs: 10_152, endedAt: '2026-05-08T18:58:52.356Z' }],
    });
    expect(parseCliSessionMeta(flat('metadata-without-turns.json'))).toMatchObject({ turns: [], createdAt: null });
  });

  test('tell a failed turn with its error, and leave a word for its end as it is when they do not know it', () => {
    const turns = [
      { message_ids: ['a', null], end_reason: 'Error', result: { Err: { kind: 'throttled' } } },
      { message_ids: ['b'], end_reason: 'Paused', turn_duration: null },
    ];
    const json = JSON.stringify({ session_state: { conversation_metadata: { user_turn_metadatas: turns } } });
    expect(parseCliSessionMeta(json)?.turns).toMatchObject([
      { messageIds: ['a'], reason: 'error', error: '{"kind":"throttled"}' },
      { messageIds: ['b'], reason: 'Paused', durationMs: null, error: null },
    ]);
  });

  test('are none when they are missing, a folder, or no JSON', async () => {
    const folder = tempFolder();
    expect(await readCliSessionMeta(path.join(folder, 'none.json'))).toBeNull();
    expect(await readCliSessionMeta(folder)).toBeNull();
    writeFileSync(path.join(folder, 'torn.json'), '{"cwd":');
    expect(await readCliSessionMeta(path.join(folder, 'torn.json'))).toBeNull();
  });
});

test('no text makes a parser throw', () => {
  const json = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .constantFrom('Prompt', 'ToolResults')
      .map((kind) => `{"kind":"${kind}","data":{"content":[{"kind":"toolUse","data":null}]}}`),
  );
  fc.assert(
    fc.property(json, (text) => {
      parseFlatRecord(text, 'x');
      parseCliSessionMeta(text);
      parseConversation(text);
      parseConversation(`{"history":[${text}]}`);
    }),
    runs(300),
  );
});

describe('the database', () => {
  function aDatabase(): string {
    const file = path.join(tempFolder(), 'data.sqlite3');
    const database = new DatabaseSync(file);
    database.exec(`
      CREATE TABLE auth_kv (key TEXT PRIMARY KEY, value TEXT);
      INSERT INTO auth_kv VALUES ('token', 'credential');
      CREATE VIEW conversations_v2 AS SELECT 'k' AS key, value AS conversation_id, value, 1 AS created_at, 1 AS updated_at FROM auth_kv`);
    database.close();
    return file;
  }

  test('is refused when the conversations are only a view of what is not to be read', () => {
    const file = aDatabase();
    expect(() => listConversations(file)).toThrow(/prohibited|not authorized/);
    expect(() => readConversation(file, { id: 'credential', cwd: 'k' })).toThrow(/prohibited|not authorized/);
  });

  test('that is not there is not made', () => {
    expect(() => listConversations(path.join(tempFolder(), 'none.sqlite3'))).toThrow();
  });
});
