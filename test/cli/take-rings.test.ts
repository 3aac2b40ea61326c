import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { RECORD_LIMIT_MS } from '../../src/cli/answer-rings.ts';
import { takeRings } from '../../src/cli/take-rings.ts';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { openOutbox } from '../../src/relay/open-outbox.ts';
import type { Outbox } from '../../src/relay/outbox.ts';
import type { Ring } from '../../src/relay/ring.ts';
import { givenContext } from '../capture/given-session.ts';
import { anEvent } from '../helpers/events.ts';
import { fakeLater } from '../helpers/fake-later.ts';
import { tempHost } from '../helpers/temp-home.ts';

const open: Outbox[] = [];
afterEach(() => {
  for (const outbox of open.splice(0)) outbox.close();
});

const SESSION: Ring = {
  name: '7-0.json',
  time: '2026-09-03T12:00:00.000Z',
  from: 'stdin',
  sessionId: 'sess_1',
  cwd: '/home/dev/demo',
};

/** Ring taking over a real outbox and folder. `read` does what reading the ring's session would do. */
function given(read: (ring: Ring, outbox: Outbox) => void = () => {}, level: 'redacted' | 'off' = 'redacted') {
  let clock = new Date(SESSION.time);
  const host = { ...tempHost(), now: () => clock };
  mkdirSync(host.own.rings, { recursive: true });
  const outbox = openOutbox(host.own.database, host.now);
  open.push(outbox);
  const timers = fakeLater();
  const asked: Ring[] = [];
  const probes: string[] = [];
  let added = 0;
  const taking = takeRings(host, {
    outbox,
    async read(ring) {
      asked.push(ring);
      read(ring, outbox);
    },
    probe: (id, { from }, door) => probes.push(`${id} ${from} ${door}`),
    context: () => givenContext({ levelFor: () => level }),
    later: timers.later,
    added: () => {
      added += 1;
    },
  });
  return {
    host,
    outbox,
    taking,
    timers,
    asked,
    probes,
    added: () => added,
    events: () => outbox.next(100, 1e9).map(({ json }) => JSON.parse(json) as CapsuleEvent),
    write: (name: string, text: string) => writeFileSync(path.join(host.own.rings, name), text),
    pass: (ms: number) => {
      clock = new Date(clock.getTime() + ms);
    },
  };
}

const readsSession = (_: Ring, outbox: Outbox) =>
  outbox.commit({ events: [anEvent(1)], cursor: { store: 'ide-1.x', session: 'sess_1', value: {} } });

test('the ring of a probe tells of no turn: it is handed on by its door, and neither read, counted nor waited for', async () => {
  const { host, outbox, taking, timers, asked, probes, write } = given();
  const id = 'ab'.repeat(16);
  write('8-0.json', JSON.stringify({ from: 'env', cwd: '/w', payload: { session_id: `capsule-probe-${id}` } }));
  await taking.takeWaiting();
  await taking.take({ ...SESSION, sessionId: `capsule-probe-${id}` }).read;
  expect(probes).toEqual([`${id} env folder`, `${id} stdin socket`]);
  expect([asked, timers.waiting, outbox.lastRing(), outbox.coverage('2026-01-01')]).toEqual([[], [], null, []]);
  expect(existsSync(path.join(host.own.rings, '8-0.json'))).toBe(false);
});

describe('a ring whose turn is on record', () => {
  test('is answered by reading it, and nothing stands in for it', async () => {
    const { outbox, taking, timers, asked, events } = given(readsSession);
    await taking.take(SESSION).read;
    expect(asked).toEqual([SESSION]);
    expect(outbox.openRings()).toEqual([]);
    expect(timers.waiting).toEqual([]);
    expect(events()).toHaveLength(1);
  });

  test('is read once with those that come by the socket before it is quiet', async () => {
    const { taking, asked, outbox } = given(readsSession);
    const together = ['7-0.json', '7-1.json'].map((name) => taking.take({ ...SESSION, name }));
    await Promise.all(together.map(({ noted }) => noted));
    const next = taking.take({ ...SESSION, name: '7-2.json' });
    await Promise.all([...together, next].map(({ read }) => read));
    expect(asked).toHaveLength(1);
    expect(outbox.openRings()).toEqual([]);
  });

  test('is taken from the folder, and its file goes', async () => {
    const { host, taking, asked, write } = given(readsSession);
    write('7-0.json', '{"from":"stdin","payload":{"session_id":"sess_1","cwd":"/home/dev/demo"}}\n');
    await taking.takeWaiting();
    expect(asked).toEqual([SESSION]);
    expect(existsSync(path.join(host.own.rings, '7-0.json'))).toBe(false);
  });

  test('and is still being written is looked for again, until it is complete', async () => {
    const { taking, timers, asked, write } = given(readsSession);
    write('7-0.json', '{"session_id":"sess_1",');
    await taking.takeWaiting();
    expect(asked).toEqual([]);
    write('7-0.json', '{"session_id":"sess_1","cwd":"/home/dev/demo"}');
    (await timers.asked()).fire();
    await taking.takeWaiting();
    expect(asked).toEqual([SESSION]);
    expect(timers.waiting).toEqual([]);
  });

  test('that says neither session nor folder is answered by whatever was captured', async () => {
    const { outbox, taking, timers, events } = given(readsSession);
    await taking.take({ ...SESSION, from: 'unknown', sessionId: null, cwd: null }).read;
    expect(outbox.openRings()).toEqual([]);
    expect(timers.waiting).toEqual([]);
    expect(events()).toHaveLength(1);
  });
});

describe('a ring of which no record is found', () => {
  test('waits two minutes, then stands for its turn itself, once', async () => {
    const { outbox, taking, timers, pass, events, added } = given();
    await taking.take(SESSION).read;
    expect(outbox.openRings()).toHaveLength(1);
    expect(events()).toEqual([]);
    pass(RECORD_LIMIT_MS);
    (await timers.asked()).fire();
    expect(events()).toMatchObject([{ kind: 'turn.ended', session: { id: 'sess_1' }, source: { store: 'hook' } }]);
    expect(added()).toBe(1);
    expect(outbox.openRings()).toEqual([]);
    expect(timers.waiting).toEqual([]);
  });

  test('that came through both doors stands for one turn', async () => {
    const { host, taking, timers, pass, events, write } = given();
    write('7-0.json', '{"from":"stdin","payload":{"session_id":"sess_1","cwd":"/home/dev/demo"}}\n');
    await taking.take(SESSION).read;
    expect(existsSync(path.join(host.own.rings, '7-0.json'))).toBe(false);
    await taking.takeWaiting();
    expect(timers.waiting).toHaveLength(1);
    pass(RECORD_LIMIT_MS);
    timers.waiting[0]?.fire();
    expect(events()).toHaveLength(1);
  });

  test('is answered when the record is read while it waits', async () => {
    const { outbox, taking, timers, pass, events } = given();
    await taking.take(SESSION).read;
    readsSession(SESSION, outbox);
    pass(RECORD_LIMIT_MS);
    timers.waiting[0]?.fire();
    expect(events()).toMatchObject([{ source: { store: 'ide-1.x' } }]);
    expect(outbox.openRings()).toEqual([]);
  });

  test('of an excluded folder leaves no trace', async () => {
    const { outbox, taking, timers, pass, events, added } = given(() => {}, 'off');
    await taking.take(SESSION).read;
    pass(RECORD_LIMIT_MS);
    timers.waiting[0]?.fire();
    expect(events()).toEqual([]);
    expect(added()).toBe(0);
    expect(outbox.openRings()).toEqual([]);
  });

  test('of an earlier run of the daemon is taken up by the next', async () => {
    const { outbox, taking, pass, events } = given();
    outbox.noteRing(SESSION);
    pass(RECORD_LIMIT_MS);
    await taking.takeWaiting();
    expect(events()).toMatchObject([{ kind: 'turn.ended', source: { store: 'hook' } }]);
  });
});

test('more rings than are held at once are all taken, and their place is read once', async () => {
  const { host, taking, asked, write, outbox } = given(readsSession);
  for (let n = 0; n < 1_100; n++) write(`${n}-0.json`, '{"session_id":"sess_1","cwd":"/home/dev/demo"}');
  const look = taking.takeWaiting();
  await Promise.all([look, taking.takeWaiting()]);
  expect(readdirSync(host.own.rings)).toEqual([]);
  expect(asked).toHaveLength(1);
  expect(outbox.openRings()).toEqual([]);
  expect(outbox.coverage('2026-09-03')).toMatchObject([{ rings: 1_100 }]);
});

test('rings that come together are durable together, before what they are about is read, and it is read once', async () => {
  const { host, outbox, taking, asked, write } = given(readsSession);
  const taken = ['7-0.json', '7-1.json', '7-2.json'].map((name) => {
    write(name, '{}');
    return taking.take({ ...SESSION, name });
  });
  expect(outbox.openRings()).toEqual([]);
  await taken[0]?.noted;
  expect([outbox.coverage('2026-09-03')[0]?.rings, readdirSync(host.own.rings), asked]).toEqual([3, [], []]);
  await Promise.all(taken.map(({ read }) => read));
  expect([asked, outbox.openRings()]).toEqual([[{ ...SESSION, name: '7-2.json' }], []]);
});

test('whoever lets rings go first gets on once those that came are noted, and at once where none came', async () => {
  const { outbox, taking } = given(readsSession);
  await taking.quiet();
  const { noted } = taking.take(SESSION);
  expect(outbox.lastRing()).toBeNull();
  await taking.quiet();
  expect(outbox.lastRing()).toBe(SESSION.time);
  await noted;
});

test('a ring that cannot be kept is not called noted', async () => {
  const { outbox, taking } = given();
  outbox.close();
  open.pop();
  const { noted, read } = taking.take(SESSION);
  await expect(noted).rejects.toThrow('not open');
  await expect(read).rejects.toThrow('not open');
});

test('once stopped, rings are left for the next daemon', async () => {
  const { host, taking, timers, asked, write } = given();
  await taking.take(SESSION).read;
  taking.stop();
  expect(timers.waiting).toEqual([]);
  write('8-0.json', '{}');
  await taking.takeWaiting();
  const late = taking.take({ ...SESSION, name: '8-0.json' });
  await expect(late.noted).rejects.toThrow('stopping');
  await expect(late.read).rejects.toThrow('stopping');
  expect(asked).toHaveLength(1);
  expect(existsSync(path.join(host.own.rings, '8-0.json'))).toBe(true);
});
