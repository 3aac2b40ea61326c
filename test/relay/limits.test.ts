import { existsSync, statSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { anEvent } from '../helpers/events.ts';
import { clock, gap, later, now, open, ordinals, outboxFile, reopen, waiting } from '../helpers/outboxes.ts';

const DAY = 24 * 60 * 60_000;
const WIDE = { maxBytes: 1e9, maxAgeMs: 7 * DAY };
const events = (from: number, count: number) => Array.from({ length: count }, (_, n) => anEvent(from + n));

describe('size', () => {
  test('within the bounds removes nothing', () => {
    const outbox = open(outboxFile());
    outbox.commit({ events: events(1, 2) });
    expect(outbox.bound(WIDE, gap)).toBe(0);
    expect(ordinals(outbox)).toEqual([1, 2]);
  });

  test('beyond them removes the oldest, and one gap says how many, of which session and why', () => {
    const outbox = open(outboxFile());
    outbox.commit({ events: events(1, 20) });
    const removed = outbox.bound({ ...WIDE, maxBytes: outbox.counts().bytes / 2 }, gap);
    expect(removed).toBeGreaterThanOrEqual(10);
    const left = waiting(outbox);
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

  test('beyond them is remembered with the bound as it was, and summed up over restarts', () => {
    const file = outboxFile();
    const outbox = open(file);
    expect(outbox.counts().removed).toBeNull();
    outbox.commit({ events: events(1, 20) });
    const maxBytes = Math.round(outbox.counts().bytes / 2);
    const removed = outbox.bound({ ...WIDE, maxBytes }, gap);
    expect(outbox.counts().removed).toEqual({
      events: removed,
      last: now().toISOString(),
      bound: 'size',
      limit: maxBytes,
    });
    outbox.bound(WIDE, gap);
    const again = reopen(file);
    again.commit({ events: events(21, 20) });
    const more = again.bound({ ...WIDE, maxBytes }, gap);
    expect(again.counts().removed?.events).toBe(removed + more);
  });

  test('of what the portal refused is bounded too, the oldest first', () => {
    const outbox = open(outboxFile());
    for (const event of events(1, 40)) {
      outbox.commit({ events: [event] });
      later(1000);
      outbox.reject([{ id: event.id, code: 'schema', message: 'no' }]);
    }
    const each = JSON.stringify(anEvent(1)).length;
    outbox.bound({ ...WIDE, maxBytes: 20 * 10.5 * each }, gap);
    expect(outbox.counts().rejected).toBe(10);
  });

  test('that a long time offline took from the disk is given back', () => {
    const file = outboxFile();
    const outbox = open(file);
    const text = 'x'.repeat(1024 * 1024);
    outbox.commit({ events: Array.from({ length: 40 }, (_, n) => anEvent(n + 1, { body: { text } })) });
    outbox.bound(WIDE, gap);
    const large = statSync(file).size;
    outbox.acknowledge(events(1, 40).map(({ id }) => id));
    outbox.bound(WIDE, gap);
    outbox.commit({ events: [anEvent(50)] });
    const after = reopen(file);
    expect(large).toBeGreaterThan(30 * 1024 * 1024);
    expect(statSync(file).size).toBeLessThan(1024 * 1024);
    expect(ordinals(after)).toEqual([50]);
  });

  test('of the write-ahead log stays small after a burst', () => {
    const file = outboxFile();
    const outbox = open(file);
    for (let round = 0; round < 12; round++) {
      const text = 'x'.repeat(200_000);
      outbox.commit({ events: Array.from({ length: 10 }, (_, n) => anEvent(round * 10 + n, { body: { text } })) });
    }
    for (let n = 200; n < 210; n++) outbox.commit({ events: [anEvent(n)] });
    expect(existsSync(`${file}-wal`)).toBe(true);
    expect(statSync(`${file}-wal`).size).toBeLessThanOrEqual(8 * 1024 * 1024);
  });
});

describe('age', () => {
  test('counts the time in which the daemon ran; each session that lost something gets its own gap', () => {
    const outbox = open(outboxFile());
    const other = { ...anEvent(1).session, id: 'sess_2' };
    outbox.commit({ events: [anEvent(1), anEvent(2, { session: other }), anEvent(3)] });
    later(7 * DAY + 1000);
    outbox.commit({ events: [anEvent(4)] });
    expect(outbox.bound(WIDE, gap)).toBe(3);
    expect(waiting(outbox)).toMatchObject([
      { source: { ordinal: 4 } },
      { session: { id: 'sess_1' }, body: { count: 2, reason: 'outbox age limit' } },
      { session: { id: 'sess_2' }, body: { count: 1, reason: 'outbox age limit' } },
    ]);
  });

  test('goes on where it was after a restart, however long the machine was off', () => {
    const file = outboxFile();
    const before = open(file);
    before.commit({ events: [anEvent(1)] });
    later(5 * DAY);
    before.bound(WIDE, gap);
    clock.wall += 60 * DAY;
    const after = reopen(file);
    expect(after.bound(WIDE, gap)).toBe(0);
    later(2 * DAY + 1000);
    expect(after.bound(WIDE, gap)).toBe(1);
  });

  test.each([
    ['ten years ahead', 3650 * DAY],
    ['ten years back', -3650 * DAY],
    ['a day ahead', DAY],
  ])('does not come from a clock that jumps %s', (_, jump) => {
    const outbox = open(outboxFile());
    outbox.commit({ events: [anEvent(1)] });
    clock.wall += jump;
    expect(outbox.bound(WIDE, gap)).toBe(0);
    expect(ordinals(outbox)).toEqual([1]);
    clock.wall -= jump;
  });
});
