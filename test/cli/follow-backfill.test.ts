import { describe, expect, test } from '@jest/globals';
import type { BackfillProgress } from '../../src/capture/backfill.ts';
import type { Cursor, SessionSource } from '../../src/capture/session-source.ts';
import { type BackfillSpan, followBackfill } from '../../src/cli/follow-backfill.ts';
import { givenContext } from '../capture/given-session.ts';
import { anEvent } from '../helpers/events.ts';
import { fakeLater } from '../helpers/fake-later.ts';
import { tempHost } from '../helpers/temp-home.ts';

/** A store whose sessions have so many portions each; a portion is one event. */
function givenStore(portions: Record<string, number>): SessionSource {
  const nothing = async () => undefined;
  return {
    store: 'ide-1.x',
    sweep: async function* () {},
    finish: nothing,
    async *baseline() {
      for (const sessionId of Object.keys(portions)) yield { sessionId, cursor: {} };
    },
    backfill: () => ({ read: 0 }),
    async read(sessionId, cursor) {
      const read = (cursor as { read: number }).read + 1;
      return {
        events: [anEvent(read, { session: { ...anEvent(1).session, id: sessionId } })],
        cursor: { read },
        openTurn: null,
        more: read < (portions[sessionId] ?? 0),
        skippedLines: 0,
        unknown: { future: 1 },
      };
    },
  };
}

/** The agent's database, which outlives a daemon. */
function givenDatabase() {
  return {
    told: [] as string[],
    progress: new Map<string, BackfillProgress>(),
    span: null as BackfillSpan | null,
    unknown: 0,
  };
}

function givenFilling(source: SessionSource, database = givenDatabase(), known: (id: string) => Cursor = () => ({})) {
  const timers = fakeLater();
  const state = { busy: false };
  let running = Promise.resolve();
  const filling = followBackfill(tempHost(), {
    sources: [source],
    cursors: { get: (_, id) => known(id) },
    progress: (_, id) => database.progress.get(id) ?? null,
    since: {
      get: () => database.span,
      note: (span) => {
        database.span = span;
      },
    },
    context: givenContext,
    commit(_, sessionId, events, progress) {
      database.told.push(...events.map(() => sessionId));
      database.progress.set(sessionId, progress);
    },
    count: ({ unknown }) => {
      database.unknown += unknown.future ?? 0;
    },
    between(work) {
      running = work();
      return running;
    },
    busy: () => state.busy,
    later: timers.later,
  });
  /** Fires what waits, `times` over; answers how long each had waited. */
  const pass = async (times: number) => {
    const waits: number[] = [];
    for (let n = 0; n < times; n++) {
      const { ms, fire } = await timers.asked();
      waits.push(ms);
      fire();
      await running;
    }
    return waits;
  };
  return { filling, pass, timers, state, database, listed: () => running };
}

describe('back-fill', () => {
  test('is not begun unless it is wanted', async () => {
    const { filling, timers } = givenFilling(givenStore({ a: 1 }));
    filling.want(null);
    expect(filling.state()).toBeNull();
    expect(timers.waiting).toEqual([]);
  });

  test('reads one portion after the other, each after a pause, and says how far it is', async () => {
    const { filling, pass, database } = givenFilling(givenStore({ a: 2, b: 1 }));
    filling.want(30);
    await pass(2);
    expect(filling.state()).toEqual({ days: 30, since: '2026-08-04T12:00:00.000Z', sessions: 2, filled: 1 });
    await pass(1);
    expect(database.told).toEqual(['a', 'a', 'b']);
    expect(database.unknown).toBe(3);
    expect(filling.state()).toMatchObject({ sessions: 2, filled: 2 });
  });

  test('waits while a turn runs or much waits for the portal', async () => {
    const { filling, pass, state, database } = givenFilling(givenStore({ a: 1 }));
    state.busy = true;
    filling.want(30);
    const waits = await pass(3);
    expect(database.told).toEqual([]);
    expect(waits[2]).toBeGreaterThan(waits[0] ?? 0);
    state.busy = false;
    await pass(1);
    expect(database.told).toEqual(['a']);
  });

  test('goes on after a restart where it was, and tells nothing twice', async () => {
    const store = givenStore({ a: 3, b: 1 });
    const first = givenFilling(store);
    first.filling.want(30);
    await first.pass(2);
    first.filling.stop();
    expect(first.timers.waiting).toHaveLength(0);
    const second = givenFilling(store, first.database);
    second.filling.want(30);
    await second.pass(2);
    expect(first.database.told).toEqual(['a', 'a', 'a', 'b']);
    const third = givenFilling(store, first.database);
    third.filling.want(30);
    await third.listed();
    expect(third.timers.waiting).toEqual([]);
  });

  test('leaves sessions alone that came after us', async () => {
    const { filling, pass, database } = givenFilling(givenStore({ a: 1, b: 1 }), givenDatabase(), (id) =>
      id === 'a' ? null : {},
    );
    filling.want(30);
    await pass(1);
    expect(database.told).toEqual(['b']);
    expect(filling.state()).toMatchObject({ sessions: 1, filled: 1 });
  });

  test('does not count a session of which nothing was left out', async () => {
    const source = {
      ...givenStore({ a: 1, b: 1 }),
      backfill: (live: Cursor) => ((live as { from?: number }).from ? { read: 0 } : null),
    };
    const { filling, pass, database } = givenFilling(source, givenDatabase(), (id) =>
      id === 'a' ? { from: 0 } : { from: 7 },
    );
    filling.want(30);
    await pass(1);
    expect(database.told).toEqual(['b']);
    expect(filling.state()).toMatchObject({ sessions: 1, filled: 1 });
  });

  test('ends when it is no longer wanted', async () => {
    const { filling, timers, pass, database } = givenFilling(givenStore({ a: 5 }));
    filling.want(30);
    await pass(1);
    await timers.asked();
    filling.want(null);
    expect(timers.waiting).toEqual([]);
    expect(database.told).toEqual(['a']);
  });
});
