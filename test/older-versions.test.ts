/** What version 0.1.0 left on a machine, or is still running there, and what a later version will: both must do. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DaemonState } from '../src/cli/daemon-state.ts';
import type { Failure } from '../src/core/failure.ts';
import { ownPathsIn } from '../src/core/host.ts';
import { readRecord } from '../src/kiro/attachment-record.ts';
import { isOurDispatcher } from '../src/kiro/dispatcher-file.ts';
import { openSqliteStore } from '../src/portal/store/sqlite/open.ts';
import { readCredential } from '../src/relay/credential.ts';
import { readEndpoint } from '../src/relay/local-client.ts';
import { openOutbox } from '../src/relay/open-outbox.ts';
import { readTold } from '../src/relay/read-told.ts';
import { parseRing } from '../src/relay/ring.ts';
import { tempFolder, tempHost } from './helpers/temp-home.ts';

const old = (name: string) => readFileSync(new URL(`fixtures/version-0.1.0/${name}`, import.meta.url), 'utf8');
const now = () => new Date('2026-09-03T12:00:00.000Z');
const NEVER_YET = 10_000;

/** A database as that version left it. */
function leave(name: 'agent' | 'attachments' | 'portal', version?: number): string {
  const folder = tempFolder();
  const database = new DatabaseSync(path.join(folder, `${name}.db`));
  // Rows stand in the order of their tables, not of what refers to what.
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA foreign_keys = OFF; ${old(`${name}.sql`)}`);
  if (version !== undefined) database.exec(`PRAGMA user_version = ${version}`);
  database.close();
  return folder;
}

const attachmentsOf = (folder: string) => readRecord({ ...tempHost(), own: ownPathsIn(folder) });

describe('a database of version 0.1.0', () => {
  test('of the agent still holds its events, cursors and facts', () => {
    const outbox = openOutbox(path.join(leave('agent'), 'agent.db'), now);
    try {
      expect(outbox.next(10, 1e6).map(({ json }) => (JSON.parse(json) as { id: string }).id)).toEqual([
        '1'.padStart(32, '0'),
        '2'.padStart(32, '0'),
      ]);
      expect(outbox.cursor('ide-1.x', 'sess_1')).toEqual({ offset: 7 });
      expect([outbox.fact('inventory'), outbox.damage]).toEqual(['x', null]);
    } finally {
      outbox.close();
    }
  });

  test('of the agent still tells what it sent and what was refused, before a later daemon has opened it and after', () => {
    const file = path.join(leave('agent'), 'agent.db');
    const database = new DatabaseSync(file);
    database.exec(`INSERT INTO sent (kind, session, time, answer, bytes, json) VALUES ('probe', 's', 't', 'accepted', 2, '{}');
      INSERT INTO rejected VALUES ('r', 'no', 'no', '2026-09-03T12:00:00.000Z', '{}')`);
    database.close();
    const sent = { time: 't', answer: 'accepted', destination: 'portal', json: '{}' };
    for (const what of ['sent', 'captured'] as const) expect(readTold(file, what, { last: 9 })).toContainEqual(sent);
    const outbox = openOutbox(file, now);
    try {
      expect(outbox.told('sent', { last: 9 })).toEqual([sent]);
      expect(outbox.depth('portal')).toMatchObject({ events: 2, rejected: 1 });
      outbox.want(['portal', 'otlp']);
      expect(outbox.depth('otlp')).toMatchObject({ events: 0, rejected: 0 });
    } finally {
      outbox.close();
    }
  });

  test('of the attachments still knows how to undo them', () => {
    expect(attachmentsOf(leave('attachments'))).toMatchObject([
      { kind: 'dispatcher', file: '/home/dev/.kiro/scripts/capsule-dispatch.sh', state: 'made', before: null },
    ]);
  });

  test('of the portal still holds its organisations, agents and events', async () => {
    const store = openSqliteStore(leave('portal'));
    try {
      expect(await store.value('address')).toBe('https://capsule.example');
      const { id } = await store.organisation('acme', now().toISOString());
      expect(JSON.stringify(await store.agents.get(id, 'one'))).toContain('laptop');
      expect(await store.events.get(id, '1'.padStart(32, '0'))).toBeDefined();
    } finally {
      await store.close();
    }
  });
});

test.each<[string, (folder: string) => unknown, 'agent' | 'attachments' | 'portal']>([
  ['agent', (folder) => openOutbox(path.join(folder, 'agent.db'), now), 'agent'],
  ['attachments', attachmentsOf, 'attachments'],
  ['portal', openSqliteStore, 'portal'],
])('a database of a newer version is left as it is, and said to be one: %s', (_, open, name) => {
  const folder = leave(name, NEVER_YET);
  const before = readFileSync(path.join(folder, `${name}.db`));
  let failure: Failure | undefined;
  try {
    open(folder);
  } catch (error) {
    failure = error as Failure;
  }
  expect(failure).toMatchObject({ code: 'database-unusable', hint: expect.stringContaining('newer version') });
  expect(readFileSync(path.join(folder, `${name}.db`)).equals(before)).toBe(true);
});

describe('a daemon of version 0.1.0', () => {
  test('is found by its endpoint, and its status is understood', () => {
    const own = ownPathsIn(tempFolder());
    writeFileSync(own.endpoint, old('endpoint.json'));
    expect(readEndpoint(own)).toMatchObject({ version: '0.1.0', pid: 4242 });
    expect(DaemonState.parse(JSON.parse(old('status.json')))).toMatchObject({ version: '0.1.0' });
  });

  test('is found alive by today’s dispatcher, which reads the number in the second line', () => {
    const [first, second = ''] = old('endpoint.json').split('\n');
    expect([first, second.trim().split(/\s+/)]).toEqual(['{', ['"pid":', '4242,']]);
  });
});

test('a credential of version 0.1.0 is read, and lacks only the key for upgrades', () => {
  const own = ownPathsIn(tempFolder());
  mkdirSync(own.home, { recursive: true });
  writeFileSync(own.credential, old('credential.json'));
  expect(readCredential(own)).toMatchObject({ org: 'default' });
  expect(readCredential(own)).not.toHaveProperty('upgradeKey');
});

describe('a ring', () => {
  test.each(['ring-env.json', 'ring-stdin.json'])('of the dispatcher of version 0.1.0 is one: %s', (name) => {
    expect(parseRing(name, old(name), now().toISOString())).toMatchObject({ cwd: '/home/dev/demo' });
  });

  test('of a later dispatcher, with fields and values nobody knows yet, is one all the same', () => {
    const later = fc.dictionary(
      fc.string().filter((name) => !['from', 'session_id', 'cwd', 'payload'].includes(name)),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(later, fc.string(), (more, from) => {
        const text = JSON.stringify({ ...more, from, session_id: 'sess_1', cwd: '/home/dev/demo' });
        expect(parseRing('x', text, now().toISOString())).toMatchObject({ sessionId: 'sess_1', cwd: '/home/dev/demo' });
      }),
    );
  });
});

test('the dispatchers of version 0.1.0 are known as ours, so that they are replaced and taken away', () => {
  expect(['capsule-dispatch.sh', 'capsule-dispatch.cmd'].map((name) => isOurDispatcher(old(name)))).toEqual([
    true,
    true,
  ]);
});
