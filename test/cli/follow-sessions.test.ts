import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { source1x } from '../../src/capture/source-1x.ts';
import { cutIntoTurns, type DemoRecord, toLines } from '../../src/cli/demo/script.ts';
import { SessionFollower, TURN_END_LIMIT_MS } from '../../src/cli/follow-sessions.ts';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { EVERY_TYPE, givenContext, givenSession, line } from '../capture/given-session.ts';
import { fakeLater } from '../helpers/fake-later.ts';

const running: SessionFollower[] = [];
afterEach(async () => {
  for (const follower of running.splice(0)) await follower.stop();
});

const RECORDS = readFileSync(path.join(EVERY_TYPE, 'messages.jsonl'), 'utf8').split('\n').filter(Boolean);
const [TURN = { before: [], after: [] }, NEXT_TURN = { before: [], after: [] }] = cutIntoTurns(
  RECORDS.map((text) => JSON.parse(text) as DemoRecord),
);
/** What is on disk when Kiro runs the hook, and what it writes once the hook has returned. */
const [BEFORE, AFTER] = [toLines(TURN.before), toLines(TURN.after)];

/** A session in a real folder, followed by a clock and timers that are the test's. */
function given(written = '', broken: () => AsyncGenerator<never> = nothing) {
  const session = givenSession(written);
  let clock = new Date('2026-09-03T12:00:00.000Z');
  const host = { ...session.host, now: () => clock };
  const timers = fakeLater();
  const cursors = new Map<string, object>();
  const events: CapsuleEvent[] = [];
  const disk = { full: false };
  const real = source1x(host, () => session.sessionsRoot);
  let sweeps = true;
  const follower = new SessionFollower(host, {
    sources: [
      { ...real, store: 'cli-2', sweep: broken, read: async () => undefined },
      { ...real, sweep: (...args) => (sweeps ? real.sweep(...args) : nothing()) },
    ],
    cursors: { get: (store, id) => cursors.get(`${store} ${id}`) ?? null },
    context: () => givenContext(),
    commit(store, id, read) {
      if (disk.full) throw new Error('database or disk is full');
      events.push(...read.events);
      cursors.set(`${store} ${id}`, read.cursor);
    },
    later: timers.later,
  });
  running.push(follower);
  return {
    ...session,
    follower,
    timers,
    disk,
    of: (kind: CapsuleEvent['kind']) => events.filter((event) => event.kind === kind).length,
    ring: (sessionId: string | null = session.folder.id, cwd: string | null = '/home/dev/demo') =>
      follower.ring({ sessionId, cwd }),
    pass: (ms: number) => {
      clock = new Date(clock.getTime() + ms);
    },
    /** Fires the look that waits. Resolves when it is over: everything has its turn, so a sweep of nothing comes after it. */
    async lookAgain() {
      const timer = await timers.asked();
      timer.fire();
      sweeps = false;
      await follower.sweepAll();
      sweeps = true;
      return timer.ms;
    },
  };
}

async function* nothing(): AsyncGenerator<never> {}

describe('a ring', () => {
  test('has its session read at once, and again until the turn has ended', async () => {
    const { ring, append, of, follower, timers, lookAgain } = given(BEFORE);
    await ring();
    expect([of('prompt.submitted'), of('turn.ended')]).toEqual([1, 0]);
    expect(timers.waiting.map(({ ms }) => ms)).toEqual([20]);
    expect(follower.state().openTurns).toBe(1);
    append(AFTER);
    await lookAgain();
    expect(of('turn.ended')).toBe(1);
    expect(follower.state().openTurns).toBe(0);
    expect(timers.waiting).toEqual([]);
  });

  test('of a turn that has ended already asks for nothing more', async () => {
    const { ring, of, timers } = given(BEFORE + AFTER);
    await ring();
    expect(of('turn.ended')).toBe(1);
    expect(timers.waiting).toEqual([]);
  });

  test('that comes twice tells nothing twice', async () => {
    const { ring, of, timers } = given(BEFORE);
    await Promise.all([ring(), ring()]);
    expect(of('prompt.submitted')).toBe(1);
    expect(timers.waiting).toHaveLength(1);
  });

  test('looks less and less often, and gives up after a minute', async () => {
    const { ring, follower, timers, pass, lookAgain } = given(BEFORE);
    await ring();
    const waits: number[] = [];
    for (let n = 0; n < 8; n++) waits.push(await lookAgain());
    expect(waits).toEqual([20, 40, 80, 160, 320, 640, 1_000, 1_000]);
    pass(TURN_END_LIMIT_MS);
    await lookAgain();
    expect(timers.waiting).toEqual([]);
    expect(follower.state().openTurns).toBe(0);
  });

  test('of the next turn gives its session a minute more', async () => {
    const { ring, pass, append, of, timers, lookAgain } = given(BEFORE);
    await ring();
    pass(TURN_END_LIMIT_MS - 1);
    append(AFTER + toLines(NEXT_TURN.before));
    await ring();
    pass(TURN_END_LIMIT_MS - 1);
    append(toLines(NEXT_TURN.after));
    await lookAgain();
    expect(of('turn.ended')).toBe(2);
    expect(timers.waiting).toEqual([]);
  });

  test('of a session that has no record yet finds it when it comes', async () => {
    const { ring, folder, append, write, writeMeta, of, follower, lookAgain } = given();
    rmSync(folder.path, { recursive: true });
    await ring();
    expect(follower.state().openTurns).toBe(1);
    await lookAgain();
    mkdirSync(folder.path, { recursive: true });
    writeMeta(JSON.stringify({ title: 'A title', workspacePaths: ['/home/dev/demo'] }));
    write(BEFORE);
    await lookAgain();
    expect(of('prompt.submitted')).toBe(1);
    append(AFTER);
    await lookAgain();
    expect(of('turn.ended')).toBe(1);
  });

  test('that names no session looks at all of them, and waits for the end of what has begun', async () => {
    const { ring, append, of, timers, lookAgain } = given(BEFORE);
    await ring(null);
    expect(of('prompt.submitted')).toBe(1);
    append(AFTER);
    await lookAgain();
    expect(of('turn.ended')).toBe(1);
    expect(timers.waiting).toEqual([]);
  });

  test('after which a prompt waits for a turn that never comes tells the prompt in the end', async () => {
    const { ring, of, pass, lookAgain } = given(line('u-1', { type: 'user', content: 'Hello?' }));
    await ring();
    expect(of('prompt.submitted')).toBe(0);
    pass(TURN_END_LIMIT_MS);
    await lookAgain();
    expect(of('prompt.submitted')).toBe(1);
  });
});

describe('a sweep', () => {
  test('reads what nobody rang for, says when, and opens no turn', async () => {
    const { follower, of, timers } = given(BEFORE + AFTER);
    expect(follower.state().lastSweep).toBeNull();
    await follower.sweepAll();
    expect(of('turn.ended')).toBe(1);
    expect(follower.state()).toMatchObject({ lastSweep: '2026-09-03T12:00:00.000Z', openTurns: 0, problems: [] });
    expect(timers.waiting).toEqual([]);
  });

  test('counts what it could not read and what became no event', async () => {
    const { follower } = given(`${BEFORE}no JSON\n${line('x-1', { type: 'brand_new' })}${AFTER}`);
    await follower.sweepAll();
    expect(follower.state()).toMatchObject({ skippedLines: 1, unknown: { brand_new: 1 } });
  });
});

test('what cannot be kept is said, stops nothing else, and is read again', async () => {
  const { ring, follower, disk, append, of } = given(BEFORE);
  disk.full = true;
  await ring();
  await follower.sweepAll();
  expect(follower.state().problems).toEqual(['database or disk is full', 'database or disk is full']);
  expect(of('prompt.submitted')).toBe(0);
  disk.full = false;
  append(AFTER);
  await ring();
  await follower.sweepAll();
  expect(follower.state().problems).toEqual([]);
  expect([of('prompt.submitted'), of('turn.ended')]).toEqual([1, 1]);
});

test('a store that cannot be read is said, and keeps neither the others nor their open turns from being read', async () => {
  let refuse = true;
  const { ring, follower, of, timers } = given(BEFORE, async function* () {
    if (refuse) throw new Error('permission denied');
    yield* nothing();
  });
  await ring(null);
  expect(of('prompt.submitted')).toBe(1);
  expect(follower.state()).toMatchObject({ problems: ['permission denied'], openTurns: 1 });
  expect(await timers.asked()).toBeDefined();
  refuse = false;
  await follower.sweepAll();
  expect(follower.state().problems).toEqual([]);
});

test('once stopped it forgets what it waited for and reads no more', async () => {
  const { ring, follower, timers, append, of } = given(BEFORE);
  await ring();
  await follower.stop();
  expect(timers.waiting).toEqual([]);
  append(AFTER);
  await ring();
  await follower.sweepAll();
  expect(of('turn.ended')).toBe(0);
});
