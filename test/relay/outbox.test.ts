import { existsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { type Loss, type Outbox, openOutbox } from '../../src/relay/outbox.ts';
import { anEvent } from '../helpers/events.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const opened: Outbox[] = [];
afterEach(() => {
  for (const outbox of opened.splice(0)) outbox.close();
});

let clock = new Date('2026-09-03T12:00:00.000Z');
const later = (ms: number) => {
  clock = new Date(clock.getTime() + ms);
};
const file = () => path.join(tempFolder(), 'agent.db');
function open(at: string): Outbox {
  const outbox = openOutbox(at, () => clock);
  opened.push(outbox);
  return outbox;
}
function reopen(at: string): Outbox {
  for (const outbox of opened.splice(0)) outbox.close();
  return open(at);
}
const ids = (outbox: Outbox) =>
  outbox.next(1000, 1e9).map(({ json }) => (JSON.parse(json) as CapsuleEvent).source.ordinal);
const gap = (loss: Loss) =>
  anEvent(900 + loss.ids.length, {
    kind: 'capture.gap',
    session: loss.session,
    body: { count: loss.ids.length, firstTime: loss.firstTime, lastTime: loss.lastTime, reason: loss.reason },
  });

describe('order', () => {
  test('events wait in the order in which they were committed', () => {
    const outbox = open(file());
    outbox.commit({ events: [anEvent(3), anEvent(1)] });
    outbox.commit({ events: [anEvent(2)] });
    expect(ids(outbox)).toEqual([3, 1, 2]);
  });

  test('a batch ends before it grows too large, but the first event always comes', () => {
    const outbox = open(file());
    outbox.commit({ events: [anEvent(1), anEvent(2), anEvent(3)] });
    const size = JSON.stringify(anEvent(1)).length;
    expect(outbox.next(10, 2 * size + 1)).toHaveLength(2);
    expect(outbox.next(10, 1)).toHaveLength(1);
    expect(outbox.next(1, 1e9)).toHaveLength(1);
  });
});

describe('acknowledgement', () => {
  test('only what is acknowledged leaves', () => {
    const outbox = open(file());
    outbox.commit({ events: [anEvent(1), anEvent(2), anEvent(3)] });
    outbox.acknowledge([anEvent(2).id, 'an id that was never ours']);
    expect(ids(outbox)).toEqual([1, 3]);
  });

  test('an event that is read twice waits once', () => {
    const outbox = open(file());
    expect(outbox.commit({ events: [anEvent(1), anEvent(2)] })).toBe(2);
    expect(outbox.commit({ events: [anEvent(2), anEvent(3)] })).toBe(1);
    expect(ids(outbox)).toEqual([1, 2, 3]);
  });

  test('a refused event is kept aside and counted, not sent again and not lost', () => {
    const outbox = open(file());
    outbox.commit({ events: [anEvent(1), anEvent(2)] });
    outbox.reject([{ id: anEvent(1).id, code: 'schema', message: 'no body' }]);
    expect(ids(outbox)).toEqual([2]);
    expect(outbox.counts()).toMatchObject({ events: 1, rejected: 1 });
  });
});

describe('restart', () => {
  test('events, cursors, facts and open rings are there again', () => {
    const at = file();
    const before = open(at);
    before.commit({ events: [anEvent(1)], cursor: { store: 'ide-1.x', session: 'sess_1', value: { offset: 42 } } });
    before.setFact('baseline', 'done');
    before.noteRing({ name: '7-0.json', time: clock.toISOString(), from: 'stdin', sessionId: 'sess_1', cwd: '/w' });
    const after = reopen(at);
    expect(ids(after)).toEqual([1]);
    expect(after.cursor('ide-1.x', 'sess_1')).toEqual({ offset: 42 });
    expect(after.cursor('ide-0.x', 'sess_1')).toBeNull();
    expect(after.cursor('ide-1.x', 'sess_2')).toBeNull();
    expect([after.knowsSession('sess_1'), after.knowsSession('sess_2')]).toEqual([true, false]);
    expect(after.fact('baseline')).toBe('done');
    expect(after.openRings()).toEqual([
      { name: '7-0.json', time: clock.toISOString(), from: 'stdin', sessionId: 'sess_1', cwd: '/w' },
    ]);
  });

  test('the file is readable by its owner only', () => {
    const at = file();
    open(at).commit({ events: [anEvent(1)] });
    for (const each of [at, `${at}-wal`]) if (existsSync(each)) expect(statSync(each).mode & 0o077).toBe(0);
  });

  test('a second process-wide holder is told that a daemon runs', () => {
    const at = file();
    open(at);
    expect(() => openOutbox(at, () => clock)).toThrow(expect.objectContaining({ code: 'already-running' }));
  });

  test('a file that is no database is reported by its path and left as it is', () => {
    const at = file();
    writeFileSync(at, 'not a database, but somebody may want it'.repeat(100));
    expect(() => openOutbox(at, () => clock)).toThrow(
      expect.objectContaining({ code: 'database-unusable', message: expect.stringContaining(at) }),
    );
    expect(statSync(at).size).toBe(4000);
  });
});

describe('crash', () => {
  test('events and the cursor behind them are taken together or not at all', () => {
    const outbox = open(file());
    outbox.commit({ events: [anEvent(1)], cursor: { store: 'ide-1.x', session: 'sess_1', value: { offset: 1 } } });
    const broken = {
      ...anEvent(2),
      toJSON: () => {
        throw new Error('power failed');
      },
    };
    expect(() =>
      outbox.commit({
        events: [anEvent(3), broken],
        cursor: { store: 'ide-1.x', session: 'sess_1', value: { offset: 2 } },
      }),
    ).toThrow('power failed');
    expect(ids(outbox)).toEqual([1]);
    expect(outbox.cursor('ide-1.x', 'sess_1')).toEqual({ offset: 1 });
  });
});

describe('limits', () => {
  const small = { maxBytes: 1e9, oldest: '2000-01-01T00:00:00.000Z' };

  test('within the bounds nothing is removed', () => {
    const outbox = open(file());
    outbox.commit({ events: [anEvent(1), anEvent(2)] });
    expect(outbox.bound(small, gap)).toBe(0);
    expect(ids(outbox)).toEqual([1, 2]);
  });

  test('beyond the size the oldest go, and one gap says how many, of which session and why', () => {
    const outbox = open(file());
    outbox.commit({ events: Array.from({ length: 20 }, (_, n) => anEvent(n + 1)) });
    const { bytes } = outbox.counts();
    const removed = outbox.bound({ ...small, maxBytes: bytes / 2 }, gap);
    expect(removed).toBeGreaterThanOrEqual(10);
    const left = outbox.next(100, 1e9).map(({ json }) => JSON.parse(json) as CapsuleEvent);
    expect(left.at(-1)).toMatchObject({
      kind: 'capture.gap',
      session: { id: 'sess_1' },
      body: {
        count: removed,
        firstTime: anEvent(1).time,
        lastTime: anEvent(removed).time,
        reason: 'outbox size limit',
      },
    });
    expect(left.slice(0, -1).map(({ source }) => source.ordinal)).toEqual(
      Array.from({ length: 20 - removed }, (_, n) => removed + n + 1),
    );
  });

  test('each session that lost something gets its own gap', () => {
    const outbox = open(file());
    const other = { ...anEvent(1).session, id: 'sess_2' };
    outbox.commit({ events: [anEvent(1), anEvent(2, { session: other }), anEvent(3)] });
    later(1000);
    expect(
      outbox.bound({ maxBytes: 1e9, oldest: clock.toISOString() }, (loss) => ({ ...gap(loss), id: loss.session.id })),
    ).toBe(3);
    const left = outbox.next(100, 1e9).map(({ json }) => JSON.parse(json) as CapsuleEvent);
    expect(left).toMatchObject([
      { id: 'sess_1', body: { count: 2, reason: 'outbox age limit' } },
      { id: 'sess_2', body: { count: 1, reason: 'outbox age limit' } },
    ]);
  });
});

describe('rings', () => {
  const ring = { name: '7-0.json', from: 'stdin' as const, sessionId: 'sess_1', cwd: '/w' };

  test('the same ring through two doors is one', () => {
    const outbox = open(file());
    expect(outbox.noteRing({ ...ring, time: clock.toISOString() })).toBe(true);
    later(2_000);
    expect(outbox.noteRing({ ...ring, time: clock.toISOString() })).toBe(false);
    expect(outbox.openRings()).toHaveLength(1);
  });

  test("a process id that comes again hours later is another ring, though the first's was answered", () => {
    const outbox = open(file());
    outbox.noteRing({ ...ring, time: clock.toISOString() });
    outbox.answerRing(ring.name);
    later(3_600_000);
    expect(outbox.noteRing({ ...ring, sessionId: 'sess_2', time: clock.toISOString() })).toBe(true);
    expect(outbox.openRings()).toMatchObject([{ sessionId: 'sess_2' }]);
  });

  test('activity is remembered by session and by workspace', () => {
    const outbox = open(file());
    outbox.commit({ events: [anEvent(1)] });
    expect(outbox.lastActivity('sess_1')).toBe(clock.toISOString());
    expect(outbox.lastActivity('/home/dev/demo')).toBe(clock.toISOString());
    expect(outbox.lastActivity('/home/dev/other')).toBeNull();
  });
});
