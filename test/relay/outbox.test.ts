import { describe, expect, test } from '@jest/globals';
import { anEvent } from '../helpers/events.ts';
import { later, now, open, outboxFile } from '../helpers/outboxes.ts';

describe('rings', () => {
  const ring = { name: '7-0.json', from: 'stdin' as const, sessionId: 'sess_1', cwd: '/w' };

  test('the same ring through two doors is one', () => {
    const outbox = open(outboxFile());
    expect(outbox.noteRing({ ...ring, time: now().toISOString() })).toBe(true);
    later(2_000);
    expect(outbox.noteRing({ ...ring, time: now().toISOString() })).toBe(false);
    expect(outbox.openRings()).toHaveLength(1);
  });

  test("a process id that comes again hours later is another ring, though the first's was answered", () => {
    const outbox = open(outboxFile());
    outbox.noteRing({ ...ring, time: now().toISOString() });
    outbox.answerRings([ring.name]);
    later(3_600_000);
    expect(outbox.noteRing({ ...ring, sessionId: 'sess_2', time: now().toISOString() })).toBe(true);
    expect(outbox.openRings()).toMatchObject([{ sessionId: 'sess_2' }]);
  });

  test('activity is remembered by session and by workspace', () => {
    const outbox = open(outboxFile());
    outbox.commit({ events: [anEvent(1)] });
    expect(outbox.lastActivity('sess_1')).toBe(now().toISOString());
    expect(outbox.lastActivity('/home/dev/demo')).toBe(now().toISOString());
    expect(outbox.lastActivity('/home/dev/other')).toBeNull();
  });
});
