import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { withoutMigrated } from '../../src/capture/migrated-sessions.ts';
import { source1x } from '../../src/capture/source-1x.ts';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { migratedAt } from '../../src/kiro/migration-0x.ts';
import { takenOverAt } from '../../src/kiro/takeover-cli2.ts';
import { tempHost } from '../helpers/temp-home.ts';
import { givenContext, line } from './given-session.ts';
import { givenStore, unmark, WORKSPACE } from './given-store-0x.ts';

const CHAT = '11111111-1111-4111-8111-111111111111';

/** One turn of Kiro 1.x at a time of day. */
const turn = (id: string, time: string) =>
  line(`${id}-user`, { type: 'user', content: id }, time) +
  line(`${id}-start`, { type: 'turn_start', executionId: id }, time) +
  line(`${id}-end`, { type: 'turn_end', executionId: id, stopReason: 'end_turn' }, time);

const META = {
  title: 'T',
  agentMode: 'vibe',
  modelId: 'auto',
  workspacePaths: [WORKSPACE],
  createdAt: '2026-01-01T00:00:00.000Z',
};

/** A machine with the chat in both stores: what each of them tells. */
async function tellBoth(given: { marked: boolean }) {
  const store = givenStore(true);
  if (!given.marked) unmark(store);
  const sessions = path.join(store.host.home, '.kiro', 'sessions');
  for (const id of [CHAT, 'sess_1']) {
    const folder = path.join(sessions, '0123456789abcdef', id);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'session.json'), JSON.stringify(META));
    const [before, after] = [turn('old', '2026-01-01T00:00:00.000Z'), turn('new', '2026-07-01T00:00:00.000Z')];
    writeFileSync(path.join(folder, 'messages.jsonl'), before + after);
  }
  const of1x = withoutMigrated(
    source1x(store.host, () => sessions),
    (id) => migratedAt([store.userData], id),
  );
  const events1x: CapsuleEvent[] = [];
  for await (const { read } of of1x.sweep({ get: () => null }, givenContext())) events1x.push(...read.events);
  const read = await of1x.read(CHAT, null, givenContext());
  const here = (events: readonly CapsuleEvent[]) => events.filter(({ session }) => session.id === CHAT);
  return { of0x: here((await store.sweep()).events), of1x: here(events1x), read: read?.events ?? [], all: events1x };
}

describe('a chat that was moved from Kiro 0.x to 1.x', () => {
  test('is told by 0.x up to then and by 1.x from then on, each turn once', async () => {
    const moved = Date.parse('2026-06-18T08:00:00.000Z');
    const { of0x, of1x, read } = await tellBoth({ marked: true });
    expect(of0x.every(({ time }) => Date.parse(time) <= moved)).toBe(true);
    expect(of0x.length).toBeGreaterThan(30);
    expect(of1x.map(({ kind, turn }) => [kind, turn?.id ?? null])).toEqual([
      ['session.started', null],
      ['prompt.submitted', 'new'],
      ['turn.ended', 'new'],
    ]);
    expect(read).toEqual(of1x);
  });

  test('counts as moved only where Kiro left its mark', async () => {
    const [marked, unmarked] = [await tellBoth({ marked: true }), await tellBoth({ marked: false })];
    expect(unmarked.of1x).toHaveLength(5);
    const others = ({ all }: typeof marked) => all.filter(({ session }) => session.id !== CHAT).map(({ id }) => id);
    expect(others(marked)).toEqual(others(unmarked));
  });
});

describe('a session that CLI 3 took over from CLI 2', () => {
  const UUID = 'e36d6e16-bf0a-4982-91e1-68e63be0fa60';
  const TAKEN = `cli_${UUID}_1`;

  async function tell(given: { lastOfCli2: string; old: string }) {
    const host = tempHost();
    const root = path.join(host.home, '.kiro', 'sessions');
    const [folder, flat] = [path.join(root, '0123456789abcdef', TAKEN), path.join(root, 'cli')];
    for (const each of [folder, flat]) mkdirSync(each, { recursive: true });
    const log = path.join(flat, `${UUID}.jsonl`);
    writeFileSync(log, '{}\n');
    utimesSync(log, new Date(given.lastOfCli2), new Date(given.lastOfCli2));
    writeFileSync(path.join(folder, 'session.json'), JSON.stringify(META));
    const later = new Date(Date.now() + 3_600_000).toISOString();
    writeFileSync(path.join(folder, 'messages.jsonl'), turn('old', given.old) + turn('new', later));
    const database = path.join(host.home, 'data.sqlite3');
    const source = withoutMigrated(
      source1x(host, () => root),
      (id) => takenOverAt({ sessions: root, cliSessions: [flat], cliDatabases: [database] }, id),
    );
    const read = await source.read(TAKEN, null, givenContext());
    return { turns: [...new Set(read?.events.flatMap(({ turn: of }) => of?.id ?? []))], root, log, database, flat };
  }

  test('is told by CLI 2 up to its last record, and by CLI 3 from then on', async () => {
    const told = await tell({ lastOfCli2: '2026-02-01T00:00:00.000Z', old: '2026-01-01T00:00:00.000Z' });
    expect(told.turns).toEqual(['new']);
  });

  test('keeps what it recorded after the copy was made, although CLI 2 has gone on with its own', async () => {
    const told = await tell({ lastOfCli2: '2099-01-01T00:00:00.000Z', old: '2026-01-01T00:00:00.000Z' });
    expect(told.turns).toEqual(['new']);
  });

  test('keeps everything that CLI 2 cannot have recorded, and all of it when CLI 2 has no record', async () => {
    const told = await tell({ lastOfCli2: '2026-01-01T00:00:00.000Z', old: '2026-01-02T00:00:00.000Z' });
    expect(told.turns).toEqual(['old', 'new']);
    rmSync(told.log);
    const places = { sessions: told.root, cliSessions: [told.flat], cliDatabases: [told.database] };
    expect(await takenOverAt(places, TAKEN)).toBeNull();
    expect(await takenOverAt(places, UUID)).toBeNull();
    // A database that cannot be read may hold it.
    writeFileSync(told.database, 'no database');
    expect(await takenOverAt(places, TAKEN)).toBeGreaterThan(Date.now() - 60_000);
  });
});
