import { describe, expect, test } from '@jest/globals';
import { anEvent } from '../helpers/events.ts';
import { later, now, open, outboxFile, reopen } from '../helpers/outboxes.ts';

const ids = (told: readonly { json: string }[]) => told.map(({ json }) => (JSON.parse(json) as { id: string }).id);
const numbered = (...numbers: number[]) => numbers.map((n) => anEvent(n).id);
const ALL = { last: 100 };

describe('what the portal answered for', () => {
  test('is kept as it was sent, with the answer and its time', () => {
    const outbox = open(outboxFile());
    outbox.keepSent(1e6);
    outbox.commit({ events: [anEvent(1), anEvent(2)] });
    const [first, second] = outbox.next(10, 1e6);
    later(5_000);
    outbox.acknowledge(numbered(1));
    outbox.reject([{ id: anEvent(2).id, code: 'event-invalid', message: 'no' }]);
    const time = now().toISOString();
    expect(outbox.told('sent', ALL)).toEqual([
      { time, answer: 'accepted', destination: 'portal', json: first?.json },
      { time, answer: 'event-invalid', destination: 'portal', json: second?.json },
    ]);
  });

  test('is kept over a restart, the newest up to the bound, and gone at once when nothing is to be kept', () => {
    const file = outboxFile();
    const outbox = open(file);
    const { length } = JSON.stringify(anEvent(1));
    outbox.keepSent(3.5 * length);
    outbox.commit({ events: [1, 2, 3, 4, 5].map((n) => anEvent(n)) });
    outbox.acknowledge(numbered(1, 2, 3, 4, 5));
    expect(ids(outbox.told('sent', ALL))).toEqual(numbered(3, 4, 5));
    const again = reopen(file);
    again.keepSent(2.5 * length);
    expect(ids(again.told('sent', ALL))).toEqual(numbered(4, 5));
    again.keepSent(0);
    again.commit({ events: [anEvent(6)] });
    again.acknowledge(numbered(6));
    expect(again.told('sent', ALL)).toEqual([]);
  });

  test('is not kept unless it was asked for, nor when it alone is beyond the bound', () => {
    const outbox = open(outboxFile());
    outbox.commit({ events: [anEvent(1), anEvent(2)] });
    outbox.acknowledge(numbered(1));
    outbox.keepSent(10);
    outbox.acknowledge(numbered(2));
    expect(outbox.told('sent', ALL)).toEqual([]);
  });

  test('comes in the order of capture, sent before waiting, chosen by session, kind and number', () => {
    const outbox = open(outboxFile());
    outbox.keepSent(1e6);
    const session = { ...anEvent(1).session, id: 'sess_2' };
    outbox.commit({ events: [anEvent(1), anEvent(2, { session }), anEvent(3), anEvent(4)] });
    outbox.acknowledge(numbered(1, 2));
    expect(ids(outbox.told('captured', ALL))).toEqual(numbered(1, 2, 3, 4));
    expect(outbox.told('captured', ALL).map(({ answer }) => answer)).toEqual(['accepted', 'accepted', null, null]);
    expect(ids(outbox.told('captured', { last: 3 }))).toEqual(numbered(2, 3, 4));
    expect(ids(outbox.told('captured', { last: 1 }))).toEqual(numbered(4));
    expect(ids(outbox.told('sent', { last: 100, session: 'sess_2' }))).toEqual(numbered(2));
    expect(outbox.told('captured', { last: 100, kind: 'turn.ended' })).toEqual([]);
  });
});

describe('who listens', () => {
  test('hears each event once when it is taken in and once when it is answered for, until they have heard enough', () => {
    const outbox = open(outboxFile());
    const heard: string[] = [];
    const enough = outbox.listen((what, events) => heard.push(`${what} ${ids(events).map((id) => Number(`0x${id}`))}`));
    outbox.commit({ events: [anEvent(1), anEvent(2)] });
    outbox.commit({ events: [anEvent(2), anEvent(3)] });
    outbox.acknowledge(numbered(1, 2));
    outbox.acknowledge(numbered(1));
    outbox.reject([{ id: anEvent(3).id, code: 'x', message: '' }]);
    enough();
    outbox.commit({ events: [anEvent(4)] });
    expect(heard).toEqual(['captured 1,2', 'captured 3', 'answered 1,2', 'answered 3']);
  });
});

describe('a probe', () => {
  const probe = { ...anEvent(9), kind: 'probe' as const, body: {} };

  test('leaves like an event and is kept like one, but is no activity and no loss', () => {
    const outbox = open(outboxFile());
    outbox.keepSent(1e6);
    outbox.commitProbe(probe);
    expect(outbox.lastEvent()).toBeNull();
    expect(outbox.next(10, 1e6).map(({ id }) => id)).toEqual([probe.id]);
    const gap = () => {
      throw new Error('nothing was lost');
    };
    expect(outbox.bound({ maxBytes: 1, maxAgeMs: 1e9 }, gap)).toBe(1);
    outbox.commitProbe({ ...probe, id: 'again' });
    outbox.acknowledge(['again']);
    expect(ids(outbox.told('sent', ALL))).toEqual(['again']);
  });
});
