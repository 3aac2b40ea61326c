/**
 * The power fails: what was never synced is gone, or there in part. A history of the outbox is written down by strace and cut
 * at many places; what is then opened must hold what the program had been told was safe, whatever the portal got meanwhile.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { daemonState } from '../../src/cli/daemon-state.ts';
import { factsOfTurn } from '../../src/cli/demo/facts.ts';
import type { DemoTurn } from '../../src/cli/demo/script.ts';
import type { Destination } from '../../src/relay/destinations.ts';
import { openOutbox } from '../../src/relay/open-outbox.ts';
import { anEvent } from '../helpers/events.ts';
import { aMachine, type Machine, until } from '../helpers/machine.ts';
import { turnAgain } from '../helpers/many-turns.ts';
import { runElsewhere, source } from '../helpers/other-process.ts';
import { type Act, type Files, powerFailures, readTrace, WRITES } from '../helpers/power-loss.ts';
import { installAt, runPortal } from '../helpers/running-portal.ts';
import { attach, hasStrace } from '../helpers/strace.ts';
import { tempFolder } from '../helpers/temp-home.ts';

/** What the program says of itself while it goes on. */
type Said =
  | { did: 'commit'; ids: string[]; cursor: number }
  | { did: 'told' | 'refused'; to: Destination; ids: string[] }
  | { did: 'gap'; to: Destination[]; id: string; ids: string[] };

/** Commits, deliveries, refusals, bounds and restarts by a fixed chance, with texts so large that the log is folded in. */
const history = (file: string, wanted: readonly Destination[], seed: number) => `
  import { writeSync } from 'node:fs';
  import { openOutbox } from ${source('relay/open-outbox.ts')};
  const template = ${JSON.stringify(JSON.stringify(anEvent(1)))};
  let [seed, n] = [${seed}, 0];
  const chance = (below) => (seed = (seed * 48271) % 2147483647) % below;
  const say = (said) => writeSync(1, JSON.stringify(said) + '\\n');
  const idOf = (number) => number.toString(16).padStart(32, '0');
  // A tool's call is told to OpenTelemetry before its turn has ended.
  const event = (number, text) => ({ ...JSON.parse(template), id: idOf(number), kind: 'tool.invoked', body: { text } });
  const wanted = ${JSON.stringify(wanted)};
  const anyOf = () => wanted[wanted.length === 1 ? 0 : chance(wanted.length)];
  const next = (to, most) => (to === 'portal' ? outbox.next(most, 1e9) : outbox.nextForOtlp(most, 1e9, 0)).map(({ id }) => id);
  const open = () => openOutbox(${JSON.stringify(file)}, () => new Date(Date.UTC(2026, 8, 3)), () => 0);
  let outbox = open();
  outbox.keepSent(100_000);
  outbox.want(wanted);
  for (let step = 0; step < 100; step++) {
    const what = chance(step > 70 ? 12 : 11);
    if (what < 5) {
      const events = Array.from({ length: 1 + chance(4) }, () => event(++n, 'x'.repeat(chance(4) === 0 ? 150_000 : 300)));
      outbox.commit({ events, cursor: { store: 'ide-1.x', session: 'sess_1', value: { at: n } } });
      say({ did: 'commit', ids: events.map(({ id }) => id), cursor: n });
    } else if (what < 9) {
      const to = anyOf();
      const ids = next(to, 1 + chance(6));
      say({ did: 'told', to, ids });
      outbox.acknowledge(ids, to);
    } else if (what === 9) {
      const to = anyOf();
      const ids = next(to, 1);
      say({ did: 'refused', to, ids });
      outbox.reject(ids.map((id) => ({ id, code: 'no', message: 'no' })), to);
    } else if (what === 10) {
      outbox.bound({ maxBytes: 2_000, maxAgeMs: 1e12 }, ({ ids, destinations: to }) => {
        const id = 'gap-' + ids[0];
        say({ did: 'gap', to, id, ids });
        return { ...event(0, 'gap'), id };
      });
    } else if (step > 70) {
      outbox.close();
      outbox = open();
    }
  }`;

/** A ring in the folder whose session is nowhere, until it was looked for in vain. */
const ring = (folder: string) => `
  import { mkdirSync, writeFileSync, writeSync } from 'node:fs';
  import { takeRings } from ${source('cli/take-rings.ts')};
  import { openOutbox } from ${source('relay/open-outbox.ts')};
  const [folder, now] = [${JSON.stringify(folder)}, () => new Date()];
  mkdirSync(folder + '/rings');
  writeFileSync(folder + '/rings/7-0.json', '{"session_id":"sess_1"}');
  const outbox = openOutbox(folder + '/agent.db', now);
  const host = { own: { rings: folder + '/rings' }, now, log: { info() {}, warn() {} } };
  const nothing = { read: async () => {}, context: () => ({ levelFor: () => 'full' }), later: () => () => {} };
  await takeRings(host, { outbox, ...nothing }).takeWaiting();
  writeSync(1, 'looked\\n');`;

const tracedHistory = (wanted: readonly Destination[], seed: number) =>
  traced((folder) => history(path.join(folder, 'agent.db'), wanted, seed));
const tracedRing = () => traced(ring);

function traced(code: (folder: string) => string): Act[] {
  const top = tempFolder();
  const folder = path.join(top, 'life');
  mkdirSync(folder);
  const trace = path.join(top, 'trace');
  const ran = runElsewhere(code(folder), `exec strace -f ${WRITES.join(' ')} -o '${trace}' "$@"`);
  expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
  return readTrace(readFileSync(trace, 'latin1')).filter((act) => act.kind === 'said' || act.file.startsWith(folder));
}

/** Puts what the failure left into a folder of its own, and opens it as a new start does. */
function openAfter(files: Files) {
  const folder = path.join(tempFolder(), 'again');
  mkdirSync(folder);
  // So that no room is kept for a full disk, which would take most of the time.
  writeFileSync(path.join(folder, 'agent.db-ballast'), '');
  for (const [file, bytes] of files) writeFileSync(path.join(folder, path.basename(file)), bytes);
  return openOutbox(path.join(folder, 'agent.db'), () => new Date(0));
}

const saidBy = (acts: readonly Act[]): Said[] =>
  acts.flatMap((act) => (act.kind === 'said' ? [JSON.parse(act.text) as Said] : []));

/** What is wrong with the outbox after a failure, given what was said before it. */
function faults(files: Files, wanted: readonly Destination[], said: readonly Said[]): string[] {
  const outbox = openAfter(files);
  const waiting = { portal: outbox.next(100_000, 1e9), otlp: outbox.nextForOtlp(100_000, 1e9, 0) };
  const cursor = outbox.cursor('ide-1.x', 'sess_1') as { at: number } | null;
  const { damage } = outbox;
  outbox.close();
  const commits = said.flatMap((each) => (each.did === 'commit' ? [each] : []));
  return [
    ...(damage === null ? [] : ['damaged']),
    ...wanted.flatMap((to) => {
      const waits = waiting[to].map(({ id }) => id);
      return faultsFor(to, waits, said).map((fault) => `${to}: ${fault}`);
    }),
    ...((cursor?.at ?? 0) >= (commits.at(-1)?.cursor ?? 0) ? [] : ['the cursor went back behind what was committed']),
  ];
}

function faultsFor(to: Destination, waiting: readonly string[], said: readonly Said[]): string[] {
  const answers = said.flatMap((each) => (each.did === 'told' || each.did === 'refused' ? [each] : []));
  const answered = new Set(answers.filter((each) => each.to === to).flatMap(({ ids }) => ids));
  /** As it will have them in the end. */
  const facts = new Set([...answered, ...waiting]);
  const given = new Set<string>();
  // The latest first: a gap may itself be among what another one stands for.
  for (const each of said.toReversed()) {
    if (each.did !== 'gap' || !each.to.includes(to)) continue;
    if (facts.has(each.id) || given.has(each.id)) for (const id of each.ids) given.add(id);
  }
  const committed = said.flatMap((each) => (each.did === 'commit' ? each.ids : []));
  return [
    ...(waiting.toSorted().join() === [...new Set(waiting)].toSorted().join() ? [] : ['waits twice']),
    ...committed.filter((id) => !facts.has(id) && !given.has(id)).map((id) => `${Number.parseInt(id, 16)} is lost`),
    ...[...given].filter((id) => facts.has(id)).map((id) => `${Number.parseInt(id, 16)} is told as lost, and told`),
  ];
}

const withStrace = hasStrace ? describe : describe.skip;

withStrace.each<[string, Destination[]]>([
  ['a portal', ['portal']],
  ['a portal and OpenTelemetry', ['portal', 'otlp']],
])('a power failure of an agent with %s (skipped without strace: install it)', (_, wanted) => {
  let acts: Act[];
  beforeAll(() => {
    acts = tracedHistory(wanted, 7);
  });

  test.each([
    ['nothing that was not synced', () => false],
    ['all of it', () => true],
    ['some of it, in any order', () => Math.random() < 0.5],
  ])('that leaves %s loses no event, and tells none twice or as lost that is told', (_left, survives) => {
    const began = acts.findIndex(({ kind }) => kind === 'said');
    // Where something was said or synced, and some places between.
    const cut = (done: number) => done >= began && done % (acts[done - 1]?.kind === 'write' ? 97 : 3) === 0;
    let places = 0;
    for (const { done, files } of powerFailures(acts, cut, survives)) {
      places += 1;
      expect([done, faults(files, wanted, saidBy(acts.slice(0, done)))]).toEqual([done, []]);
    }
    expect(places).toBeGreaterThan(50);
  });

  test('is tried on a history in which the log is folded in, and begun anew, while the outbox is open', () => {
    const folds = acts.filter((act) => act.kind === 'sync' && act.file.endsWith('agent.db')).length;
    const openings = acts.filter((act) => act.kind === 'remove' && act.file.endsWith('-wal')).length;
    expect(openings).toBeGreaterThan(0);
    expect(folds).toBeGreaterThan(openings + 1);
  });
});

withStrace('a power failure (skipped without strace: install it)', () => {
  test('finds a ring for whose turn there is no record yet, once it was looked for', () => {
    const traced = tracedRing();
    const [place] = traced.flatMap(({ kind }, at) => (kind === 'said' ? [at] : []));
    for (const { files } of powerFailures(
      traced,
      (done) => done === place,
      () => false,
    )) {
      const outbox = openAfter(files);
      expect(outbox.openRings()).toMatchObject([{ name: '7-0.json', sessionId: 'sess_1' }]);
      outbox.close();
    }
    expect(place).toBeGreaterThan(0);
  });

  test('in the middle of its work costs the daemon nothing: every fact is at the portal, once', async () => {
    const machine = aMachine();
    const portal = await runPortal(machine);
    await installAt(machine, portal);
    const session = machine.session('written');
    const facts = [`session.started ${session.id}`];
    for (let round = 0; round < 3; round++) {
      await machine.must(['start']);
      await quiet(machine);
      const power = await losePower(machine);
      const turn = turnAgain(session.turns[0] as DemoTurn, round);
      facts.push(...factsOfTurn(turn));
      const hook = machine.playTurn(session, turn);
      await wait(Math.random() * 150);
      await power.fails();
      await hook;
      power.leaves();
    }
    await machine.must(['start']);
    expect(await portal.arrival(session.id, facts)).toEqual({ missing: [], surplus: [] });
    await quiet(machine);
  });
});

/** Everything was looked at, nothing waits. */
function quiet(machine: Machine): Promise<unknown> {
  return until(async () => {
    const state = await daemonState(machine.own);
    if (typeof state !== 'object') return false;
    expect(state.outbox.damage).toBeNull();
    return state.capture.lastSweep !== null && state.outbox.events === 0;
  }, 'nothing waits');
}

/** Writes down what the daemon does to its database, to kill it and to put that back as the disk would have it. */
async function losePower(machine: Machine) {
  // So that the hook starts no daemon, which would open the database while it is put back: one was started just now.
  writeFileSync(path.join(path.dirname(machine.own.socket), 'started'), `${Math.floor(Date.now() / 1000)}\n`);
  const trace = path.join(machine.folder, 'trace');
  const own = ['', '-wal'].map((ending) => `${machine.own.database}${ending}`);
  const tracer = await attach(machine.daemonPid(), [...WRITES, '-o', trace]);
  const before = new Map(own.filter(existsSync).map((file) => [file, readFileSync(file)]));
  return {
    async fails() {
      await machine.killDaemon();
      await tracer.stop();
    },
    leaves() {
      const acts = readTrace(readFileSync(trace, 'latin1'));
      const atTheEnd = (done: number) => done === acts.length;
      const [after] = powerFailures(acts, atTheEnd, () => false, before);
      for (const file of own) {
        // Where nothing was written meanwhile there is nothing to take back.
        const bytes = (after?.files ?? before).get(file);
        rmSync(file, { force: true });
        if (bytes !== undefined) writeFileSync(file, bytes);
      }
    },
  };
}
