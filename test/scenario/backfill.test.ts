/** What Kiro recorded before the first start, and what is counted of it. With the real program. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { DaemonState } from '../../src/cli/daemon-state.ts';
import { type FactName, factsOfTurn } from '../../src/cli/demo/facts.ts';
import { beginSession } from '../../src/cli/demo/play-kiro.ts';
import { type DemoSession, stageSession, toLines } from '../../src/cli/demo/script.ts';
import { aMachine, longRunning, type Machine, until } from '../helpers/machine.ts';
import { installAt, runPortal } from '../helpers/running-portal.ts';

const NOTHING = { missing: [], surplus: [] };
const DAY_MS = 24 * 60 * 60_000;
const OLD = 20;
const CLI = 'e36d6e16-bf0a-4982-91e1-68e63be0fa60';
const asset = (name: string) => readFileSync(new URL(`../../installer-assets/demo/${name}`, import.meta.url), 'utf8');

/** A session that ended so many days ago, all of it there. */
function oldSession(machine: Machine, id: string, days: number): DemoSession {
  const when = new Date(Date.now() - days * DAY_MS);
  const staged = stageSession(asset('written-session.json'), asset('written-messages.jsonl'), machine.workspace, when);
  const session = { ...staged, id };
  beginSession(machine.home, session);
  for (const turn of session.turns) machine.append(session, toLines([...turn.before, ...turn.after]));
  return session;
}

const allFacts = ({ id, turns }: DemoSession): FactName[] => [`session.started ${id}`, ...turns.flatMap(factsOfTurn)];

function oldCliSession(machine: Machine): void {
  const folder = path.join(machine.home, '.kiro', 'sessions', 'cli');
  const read = (name: string) =>
    readFileSync(path.join(import.meta.dirname, '..', 'fixtures', 'kiro-cli', 'flat', name), 'utf8');
  const when = new Date(Date.now() - 2 * DAY_MS);
  mkdirSync(folder, { recursive: true });
  const seconds = String(Math.floor(when.getTime() / 1000));
  writeFileSync(
    path.join(folder, `${CLI}.jsonl`),
    read('tool-call.jsonl').replace(/"timestamp":\d+/g, `"timestamp":${seconds}`),
  );
  writeFileSync(
    path.join(folder, `${CLI}.json`),
    read('tool-call.json').replace(/"2026-08-22T[^"]*"/g, JSON.stringify(when.toISOString())),
  );
}

async function captureOf(machine: Machine): Promise<DaemonState['capture']> {
  const { daemon } = (await machine.json(['status'])).body as { daemon: DaemonState };
  return daemon.capture;
}

test('older sessions come in behind live turns, each fact once, and every turn is counted by its day and folder', async () => {
  const machine = aMachine();
  const portal = await runPortal(machine);
  const recent = Array.from({ length: OLD }, (_, n) => oldSession(machine, `sess_old-${n}`, 1 + (n % 3)));
  const tooOld = oldSession(machine, 'sess_too-old', 60);
  oldCliSession(machine);
  await installAt(machine, portal);
  machine.open();
  expect(await portal.events()).toEqual([]);

  await machine.must(['stop']);
  longRunning(machine, ['run', '--backfill', '30d']);
  const filling = await until(async () => {
    const { backfill } = await captureOf(machine).catch(() => ({ backfill: null }));
    return backfill !== null && backfill.filled > 0 ? backfill : null;
  }, 'filling in has begun');
  expect(filling).toMatchObject({ days: 30, sessions: OLD + 2 });

  // A turn in the middle of it: it does not wait for what is old.
  const live = machine.session('recorded');
  const [turn] = live.turns;
  if (turn === undefined) throw new Error('the session has a turn');
  await machine.playTurn(live, turn);
  expect(await portal.arrival(live.id, [`session.started ${live.id}`, ...factsOfTurn(turn)])).toEqual(NOTHING);
  const meanwhile = (await captureOf(machine)).backfill;
  expect(meanwhile?.filled).toBeLessThan(OLD + 2);

  // Killed in the middle, it goes on where it was, now by the setting.
  await machine.killDaemon();
  await machine.must(['config', 'set', 'capture.backfill', '30']);
  await machine.must(['start']);
  await until(async () => (await captureOf(machine)).backfill?.filled === OLD + 2, 'all is filled in');
  for (const session of recent) expect(await portal.arrival(session.id, allFacts(session))).toEqual(NOTHING);
  const cli = (await portal.events(CLI)).map(({ kind }) => kind).toSorted();
  expect(cli).toEqual(['agent.responded', 'prompt.submitted', 'session.started', 'tool.invoked', 'turn.ended']);
  expect(await portal.events(tooOld.id)).toEqual([]);

  // A turn counts on the day and in the folder that Kiro recorded, whenever it was read.
  const ends = (await portal.events()).filter(({ kind }) => kind === 'turn.ended');
  expect(ends).toHaveLength(recent.reduce((sum, { turns }) => sum + turns.length, 0) + 2);
  const expected = new Map<string, number>();
  for (const { time, workspace } of ends) {
    const key = `${time.slice(0, 10)} ${workspace?.path}`;
    expected.set(key, (expected.get(key) ?? 0) + 1);
  }
  const counted = (what: 'seen' | 'delivered', rows: DaemonState['capture']['coverage']) =>
    new Map(rows.filter((row) => row[what] > 0).map((row) => [`${row.day} ${row.workspace}`, row[what]]));
  const { coverage } = await until(async () => {
    const capture = await captureOf(machine);
    const delivered = capture.coverage.reduce((sum, row) => sum + row.delivered, 0);
    return delivered === ends.length ? capture : null;
  }, 'all turns are delivered');
  expect(counted('seen', coverage)).toEqual(expected);
  expect(counted('delivered', coverage)).toEqual(expected);
  expect(coverage.filter(({ rings }) => rings > 0).map(({ workspace, rings }) => [workspace, rings])).toEqual([
    [machine.workspace, 1],
  ]);
  expect(
    (await machine.must(['status']).catch((error: Error) => error.message)).includes(
      'older sessions taken in, 30 days back',
    ),
  ).toBe(true);

  // The portal hears the same with the next heartbeat, which a start sends.
  await machine.must(['restart']);
  const [agent] = (await portal.get('/api/agents')).body.agents as { id: string }[];
  await until(async () => {
    const { body } = await portal.get(`/api/agents/${agent?.id}`);
    return JSON.stringify(body).includes(JSON.stringify(coverage));
  }, 'the portal has the same counts');
});
