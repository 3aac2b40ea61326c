/** Kiro CLI runs no hook of ours: what it writes is heard. With the real program. */
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { aMachine, until } from '../helpers/machine.ts';
import { installAt, runPortal } from '../helpers/running-portal.ts';

const FIXTURES = path.join(import.meta.dirname, '..', 'fixtures', 'kiro-cli');
const read = (...name: string[]) => readFileSync(path.join(FIXTURES, ...name), 'utf8');
const ID = 'e36d6e16-bf0a-4982-91e1-68e63be0fa60';
const CONVERSATION = 'cccccccc-3333-4f7f-860e-000000000003';

const facts = (events: readonly CapsuleEvent[]) => events.map(({ kind }) => kind).sort();
const TURN = ['agent.responded', 'prompt.submitted', 'session.started', 'tool.invoked', 'turn.ended'];

test('a session that Kiro CLI writes arrives without a ring, each fact once, also when the daemon is killed; switched off, nothing does', async () => {
  const machine = aMachine();
  const portal = await runPortal(machine);
  const sessions = path.join(machine.home, '.kiro', 'sessions', 'cli');
  const file = (suffix: string, id = ID) => path.join(sessions, `${id}${suffix}`);
  const meta = (id: string) => {
    // As Kiro does: beside it, then renamed.
    writeFileSync(file('.json.tmp', id), read('flat', 'tool-call.json'));
    renameSync(file('.json.tmp', id), file('.json', id));
  };
  // It was there before us: nothing of it is told.
  mkdirSync(sessions, { recursive: true });
  writeFileSync(file('.jsonl', 'before'), read('flat', 'finished.jsonl'));
  writeFileSync(file('.json', 'before'), read('flat', 'finished.json'));
  await installAt(machine, portal);

  const [prompt = '', ...rest] = read('flat', 'tool-call.jsonl').split(/(?<=\n)/);
  writeFileSync(file('.lock'), '1');
  meta(ID);
  writeFileSync(file('.jsonl'), prompt);
  await until(async () => (await portal.events(ID)).length === 2, 'the prompt is at the portal');
  await machine.killDaemon();
  appendFileSync(file('.jsonl'), rest.join(''));
  meta(ID);
  await machine.must(['start']);
  await until(async () => (await portal.events(ID)).length >= TURN.length, 'the turn is at the portal');

  putConversation(path.join(machine.home, '.local', 'share', 'kiro-cli'));
  await until(async () => (await portal.events(CONVERSATION)).length >= 6, 'the conversation is at the portal');

  const log = () => readFileSync(machine.own.log, 'utf8');
  await machine.must(['config', 'set', 'capture.cli', 'false']);
  await until(() => log().includes('"captured":false'), 'it is switched off');
  writeFileSync(file('.jsonl', 'hidden'), read('flat', 'finished.jsonl'));
  writeFileSync(file('.json', 'hidden'), read('flat', 'finished.json'));
  const before = log().length;
  await machine.must(['config', 'set', 'capture.cli', 'true']);
  await until(() => log().includes('"captured":true', before), 'it is switched on again');
  meta('after');
  writeFileSync(file('.jsonl', 'after'), read('flat', 'tool-call.jsonl'));
  await until(async () => (await portal.events('after')).length > 0, 'a session since then is at the portal');

  expect(facts(await portal.events(ID))).toEqual(TURN);
  expect(facts(await portal.events(CONVERSATION))).toEqual(['tool.invoked', ...TURN].sort());
  expect(await portal.events('before')).toEqual([]);
  expect(await portal.events('hidden')).toEqual([]);
  expect((await portal.events(ID))[0]).toMatchObject({ session: { generation: 'cli-2' }, source: { store: 'cli-2' } });
});

function putConversation(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(path.join(folder, 'data.sqlite3'));
  database.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE conversations_v2 (key TEXT NOT NULL, conversation_id TEXT NOT NULL, value TEXT NOT NULL,
      created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, PRIMARY KEY (key, conversation_id))`);
  database
    .prepare('INSERT INTO conversations_v2 VALUES (?, ?, ?, ?, ?)')
    .run('/home/dev/project', CONVERSATION, read('database', 'tool-calls.json'), 1_783_571_416_000, Date.now());
  database.close();
}
