import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { EventOf } from '../../src/core/event.ts';
import type { Credential } from '../../src/relay/credential.ts';
import { Delivery, type DeliveryState } from '../../src/relay/delivery.ts';
import { openOutbox } from '../../src/relay/open-outbox.ts';
import type { Outbox } from '../../src/relay/outbox.ts';
import { portalSender } from '../../src/relay/portal-sender.ts';
import { directly } from '../helpers/ask-directly.ts';
import { anEvent } from '../helpers/events.ts';
import { type Answers, httpPortal, takesAll } from '../helpers/http-portal.ts';
import { tempFolder } from '../helpers/temp-home.ts';

const NOW = new Date('2026-09-03T12:00:00.000Z');
const open: { outbox: Outbox; delivery: Delivery }[] = [];
afterEach(async () => {
  for (const { outbox, delivery } of open.splice(0)) {
    await delivery.stop();
    outbox.close();
  }
});

/** A delivery to a real server; timers fire only when the test says so. */
async function deliver(answers: Answers, events: number, given: { enrolled?: boolean; renewed?: () => boolean } = {}) {
  const { enrolled = true } = given;
  const renewals: Date[] = [];
  /** How many events wait, each time that others have their turn. */
  const waitingAtTurns: number[] = [];
  const portal = await httpPortal(answers);
  const outbox = openOutbox(path.join(tempFolder(), 'agent.db'), () => NOW);
  outbox.commit({ events: Array.from({ length: events }, (_, n) => anEvent(n + 1)) });
  const credential: Credential = {
    portal: portal.url,
    org: 'default',
    deviceId: 'device-1',
    token: 'device-credential',
    issuedAt: NOW.toISOString(),
    expiresAt: '2027-09-03T12:00:00.000Z',
  };
  const held = { credential: enrolled ? credential : undefined };
  const timers: { ms: number; fire: () => void }[] = [];
  let notify = () => {};
  const delivery = new Delivery({
    outbox,
    sender: portalSender({
      ask: directly,
      credential: () => held.credential,
      renew: async () => renewals.push(NOW) > 0 && given.renewed?.() === true,
    }),
    shorten: (json) => {
      const event = JSON.parse(json) as EventOf<'agent.responded'>;
      const text = event.body.text ?? '';
      if (text.length < 10) return undefined;
      return JSON.stringify({ ...event, body: { text: text.slice(0, text.length / 2) } });
    },
    now: () => NOW,
    theirNow: () => NOW,
    random: () => 0.5,
    later(ms, then) {
      const timer = { ms, fire: then };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
    turn: async () => void waitingAtTurns.push(outbox.counts().events),
    changed: () => notify(),
  });
  open.push({ outbox, delivery });
  const settle = (...states: DeliveryState['state'][]) =>
    new Promise<DeliveryState>((resolve) => {
      notify = () => {
        if (states.includes(delivery.state().state)) resolve(delivery.state());
      };
    });
  const wakeAndSettle = (reason: 'events' | 'credential' | 'now' = 'events') => {
    const settled = settle('idle', 'waiting', 'held', 'unset');
    delivery.wake(reason);
    return settled;
  };
  return { portal, outbox, delivery, timers, held, credential, renewals, waitingAtTurns, wakeAndSettle, settle };
}

describe('acknowledgement', () => {
  test('delivers everything in order, a hundred at a time, compressed, with the bearer, and then holds nothing', async () => {
    const { portal, outbox, wakeAndSettle } = await deliver(takesAll, 250);
    expect(await wakeAndSettle()).toMatchObject({ state: 'idle', delivered: 250, lastDelivery: NOW.toISOString() });
    expect(portal.asked.map(({ events }) => events.length)).toEqual([100, 100, 50]);
    expect(portal.asked.flatMap(({ events }) => events.map(({ source }) => source.ordinal))).toEqual(
      Array.from({ length: 250 }, (_, n) => n + 1),
    );
    expect(portal.asked[0]).toMatchObject({ authorization: 'Bearer device-credential', encoding: 'gzip' });
    expect(outbox.counts().events).toBe(0);
  });

  test('is noted in portions, between which others have their turn', async () => {
    const { waitingAtTurns, wakeAndSettle } = await deliver(takesAll, 110);
    await wakeAndSettle();
    expect(waitingAtTurns).toEqual([110, 85, 60, 35, 10, 10, 0]);
  });

  test('is noted before more than one batch behind it has gone out', async () => {
    const { portal, outbox, wakeAndSettle } = await deliver(takesAll, 350);
    const acknowledge = outbox.acknowledge.bind(outbox);
    const noted: number[] = [];
    outbox.acknowledge = (ids) => {
      noted.push(portal.asked.length);
      acknowledge(ids);
    };
    expect(await wakeAndSettle()).toMatchObject({ delivered: 350 });
    expect(portal.asked.map(({ events }) => events.length)).toEqual([100, 100, 100, 50]);
    // Four portions a batch.
    expect(noted.filter((asked, portion) => asked > Math.floor(portion / 4) + 2)).toEqual([]);
  });

  test('of a batch that fails to be noted leaves the one behind it to be answered, and both go out again', async () => {
    const { portal, outbox, timers, wakeAndSettle, settle } = await deliver(takesAll, 150);
    const acknowledge = outbox.acknowledge.bind(outbox);
    outbox.acknowledge = () => {
      throw new Error('database or disk is full');
    };
    expect(await wakeAndSettle()).toMatchObject({ state: 'waiting', why: 'database or disk is full', delivered: 0 });
    expect(portal.asked.map(({ events }) => events.length)).toEqual([100, 50]);
    outbox.acknowledge = acknowledge;
    const done = settle('idle');
    timers[0]?.fire();
    expect(await done).toMatchObject({ delivered: 150 });
    expect(portal.asked.map(({ idempotencyKey }) => idempotencyKey).slice(2)).toEqual(
      portal.asked.map(({ idempotencyKey }) => idempotencyKey).slice(0, 2),
    );
    expect(outbox.counts().events).toBe(0);
  });

  test('of a batch is noted though the one behind it got no answer, and that goes out again as it was', async () => {
    const { portal, outbox, timers, wakeAndSettle, settle } = await deliver(
      (asked, n) => (n === 1 ? { status: 503 } : takesAll(asked)),
      150,
    );
    expect(await wakeAndSettle()).toMatchObject({ state: 'waiting', delivered: 100 });
    outbox.commit({ events: [anEvent(500)] });
    const done = settle('idle');
    timers[0]?.fire();
    expect(await done).toMatchObject({ delivered: 151 });
    expect(portal.asked[2]?.text).toBe(portal.asked[1]?.text);
  });

  test('what the portal already had counts as delivered', async () => {
    const { outbox, wakeAndSettle } = await deliver(
      ({ events }) => ({ status: 200, body: { accepted: 0, duplicates: events.length, rejected: [] } }),
      3,
    );
    await wakeAndSettle();
    expect(outbox.counts().events).toBe(0);
  });

  test('a refused event is set aside, the rest is delivered, and ids that were not sent are ignored', async () => {
    const rejected = [anEvent(2), anEvent(77)].map(({ id }) => ({ id, code: 'schema', message: 'no' }));
    const { outbox, wakeAndSettle } = await deliver(
      () => ({ status: 200, body: { accepted: 2, duplicates: 0, rejected } }),
      3,
    );
    expect(await wakeAndSettle()).toMatchObject({ delivered: 2 });
    expect(outbox.counts()).toMatchObject({ events: 0, rejected: 1 });
  });

  test.each([
    ['a login page', { status: 200, body: '<html>sign in</html>' }, /captive portal/],
    ['JSON of another service', { status: 200, body: { ok: true } }, /not a portal/],
    ['no content', { status: 204 }, /not a portal/],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, /redirect/],
  ] as const)('%s is no acknowledgement', async (_, answer, why) => {
    const { outbox, wakeAndSettle } = await deliver(() => answer, 2);
    expect(await wakeAndSettle()).toMatchObject({ state: 'waiting', why: expect.stringMatching(why), delivered: 0 });
    expect(outbox.counts().events).toBe(2);
  });
});

describe('an unreachable portal', () => {
  test('loses nothing: the same events go out when it is back', async () => {
    const { portal, outbox, timers, wakeAndSettle, settle } = await deliver(
      (asked, n) => (n < 2 ? 'hang up' : takesAll(asked)),
      3,
    );
    expect(await wakeAndSettle()).toMatchObject({ state: 'waiting', attempts: 1 });
    expect(timers.map(({ ms }) => ms)).toEqual([1000]);
    const again = settle('waiting');
    timers[0]?.fire();
    expect(await again).toMatchObject({ attempts: 2 });
    expect(timers.map(({ ms }) => ms)).toEqual([2000]);
    const done = settle('idle');
    timers[0]?.fire();
    expect(await done).toMatchObject({ attempts: 0, delivered: 3, why: null });
    expect(new Set(portal.asked.map(({ text }) => text)).size).toBe(1);
    expect(outbox.counts().events).toBe(0);
  });

  test('is asked again no sooner than it wants', async () => {
    const { timers, wakeAndSettle } = await deliver(() => ({ status: 429, headers: { 'retry-after': '120' } }), 1);
    expect(await wakeAndSettle()).toMatchObject({ state: 'waiting', nextTry: '2026-09-03T12:02:00.000Z' });
    expect(timers.map(({ ms }) => ms)).toEqual([120_000]);
  });

  test('is not hammered because new events come in', async () => {
    const { portal, outbox, delivery, wakeAndSettle } = await deliver(() => ({ status: 503 }), 1);
    await wakeAndSettle();
    outbox.commit({ events: [anEvent(50)] });
    delivery.wake('events');
    await delivery.stop();
    expect(portal.asked).toHaveLength(1);
  });
});

describe('a credential that is refused', () => {
  const refuses = (status: number, code: string) => () => ({
    status,
    body: { error: { code, message: 'The credential has expired' } },
  });

  test.each([
    [401, 15 * 60_000],
    [403, 60 * 60_000],
  ])('%i keeps every event and waits %i ms', async (status, ms) => {
    const { outbox, timers, wakeAndSettle } = await deliver(refuses(status, 'token-expired'), 3);
    expect(await wakeAndSettle()).toMatchObject({ state: 'held', why: 'The credential has expired (token-expired)' });
    expect(timers.map((timer) => timer.ms)).toEqual([ms]);
    expect(outbox.counts()).toMatchObject({ events: 3, rejected: 0 });
  });

  test('is tried again at once when a new one has come', async () => {
    const { held, credential, wakeAndSettle } = await deliver(
      (asked) => (asked.authorization === 'Bearer fresh' ? takesAll(asked) : refuses(401, 'token-expired')()),
      3,
    );
    await wakeAndSettle();
    held.credential = { ...credential, token: 'fresh' };
    expect(await wakeAndSettle('credential')).toMatchObject({ state: 'idle', delivered: 3 });
  });

  test('that does not exist yet is said, and nothing is sent', async () => {
    const { portal, outbox, wakeAndSettle } = await deliver(takesAll, 1, { enrolled: false });
    expect(await wakeAndSettle()).toMatchObject({ state: 'unset', why: expect.stringContaining('not enrolled') });
    expect(portal.asked).toHaveLength(0);
    expect(outbox.counts().events).toBe(1);
  });
});

describe('a credential that the portal does not take any more', () => {
  const refusesUntil = (token: string) => (asked: Parameters<Answers>[0]) =>
    asked.authorization === `Bearer ${token}`
      ? takesAll(asked)
      : { status: 401, body: { error: { code: 'token-expired', message: 'The credential has expired' } } };

  test('is renewed once, and the same events go out with the new one', async () => {
    const { portal, held, credential, renewals, wakeAndSettle } = await deliver(refusesUntil('renewed'), 3, {
      renewed: () => {
        held.credential = { ...credential, token: 'renewed' };
        return true;
      },
    });
    expect(await wakeAndSettle()).toMatchObject({ state: 'idle', delivered: 3 });
    expect(renewals).toHaveLength(1);
    expect(portal.asked.map(({ authorization }) => authorization)).toEqual([
      'Bearer device-credential',
      'Bearer renewed',
    ]);
    expect(new Set(portal.asked.map(({ text }) => text)).size).toBe(1);
  });

  test('and cannot be renewed is not tried at each batch', async () => {
    const { renewals, timers, wakeAndSettle, settle } = await deliver(refusesUntil('nobody’s'), 3);
    expect(await wakeAndSettle()).toMatchObject({ state: 'held' });
    const again = settle('held');
    timers[0]?.fire();
    await again;
    expect(renewals).toHaveLength(1);
  });

  test('but was replaced meanwhile is not renewed at all', async () => {
    const { held, credential, renewals, wakeAndSettle } = await deliver((asked) => {
      held.credential = { ...credential, token: 'replaced' };
      return refusesUntil('replaced')(asked);
    }, 3);
    expect(await wakeAndSettle()).toMatchObject({ state: 'idle', delivered: 3 });
    expect(renewals).toHaveLength(0);
  });
});

describe('a batch that got no clear answer', () => {
  test('goes out again as it was, with the same key, though more came meanwhile', async () => {
    const { portal, outbox, timers, wakeAndSettle, settle } = await deliver(
      (asked, n) => (n === 0 ? 'hang up' : takesAll(asked)),
      3,
    );
    await wakeAndSettle();
    outbox.commit({ events: [anEvent(50)] });
    const done = settle('idle');
    timers[0]?.fire();
    expect(await done).toMatchObject({ delivered: 4 });
    const [first, second, third] = portal.asked;
    expect([second?.text, second?.idempotencyKey]).toEqual([first?.text, first?.idempotencyKey]);
    expect(first?.idempotencyKey).toMatch(/^"[0-9a-f]{32}"$/);
    expect(third?.events.map(({ id }) => id)).toEqual([anEvent(50).id]);
    expect(third?.idempotencyKey).not.toBe(first?.idempotencyKey);
  });

  test('and was taken by the bounds meanwhile does not keep later events waiting', async () => {
    const { outbox, timers, wakeAndSettle, settle } = await deliver(
      (asked, n) => (n === 0 ? 'hang up' : takesAll(asked)),
      3,
    );
    await wakeAndSettle();
    outbox.acknowledge([1, 2, 3].map((n) => anEvent(n).id));
    outbox.commit({ events: [anEvent(50)] });
    const done = settle('idle');
    timers[0]?.fire();
    expect(await done).toMatchObject({ delivered: 1 });
  });

  test('after ten failures goes out as one event, and whole again once that is taken', async () => {
    const { portal, timers, wakeAndSettle, settle } = await deliver(
      (asked, n) => (n < 11 ? { status: 503 } : takesAll(asked)),
      5,
    );
    await wakeAndSettle();
    for (let n = 1; n < 11; n++) {
      const again = settle('waiting');
      timers[0]?.fire();
      await again;
    }
    expect(timers.map(({ ms }) => ms)).toEqual([300_000]);
    const done = settle('idle');
    timers[0]?.fire();
    await done;
    expect(portal.asked.slice(-3).map(({ events }) => events.length)).toEqual([5, 1, 4]);
  });
});

describe('an outbox that cannot be changed', () => {
  test('is tried again in a minute, and the portal sees nothing twice but what it knows by its id', async () => {
    const { outbox, delivery, timers, wakeAndSettle, settle } = await deliver(takesAll, 3);
    const { acknowledge } = outbox;
    let full = true;
    outbox.acknowledge = (ids) => {
      if (full) throw new Error('database or disk is full');
      acknowledge.call(outbox, ids);
    };
    expect(await wakeAndSettle()).toMatchObject({ state: 'waiting', why: 'database or disk is full', delivered: 0 });
    expect(timers.map(({ ms }) => ms)).toEqual([60_000]);
    full = false;
    const done = settle('idle');
    timers[0]?.fire();
    expect(await done).toMatchObject({ delivered: 3 });
    expect(delivery.state().state).toBe('idle');
  });
});

describe('an event that the portal cannot take', () => {
  test('is found by halving and set aside alone; the others arrive', async () => {
    const poison = anEvent(37).id;
    const { portal, outbox, wakeAndSettle } = await deliver((asked) => {
      return asked.events.some(({ id }) => id === poison)
        ? { status: 400, body: { error: { code: 'bad', message: 'bad' } } }
        : takesAll(asked);
    }, 100);
    expect(await wakeAndSettle()).toMatchObject({ state: 'idle', delivered: 99 });
    expect(outbox.counts()).toMatchObject({ events: 0, rejected: 1 });
    expect(portal.asked.length).toBeLessThanOrEqual(10);
  });

  test('in a batch that is too large is sent in smaller ones', async () => {
    const { outbox, wakeAndSettle } = await deliver(
      (asked) => (asked.events.length > 7 ? { status: 413 } : takesAll(asked)),
      40,
    );
    expect(await wakeAndSettle()).toMatchObject({ state: 'idle', delivered: 40 });
    expect(outbox.counts()).toMatchObject({ events: 0, rejected: 0 });
  });

  test('because it is too large is cut until it fits, in its place, and the others go together all the same', async () => {
    const { portal, outbox, wakeAndSettle } = await deliver(
      (asked) => (asked.text.length > 5_000 ? { status: 413 } : takesAll(asked)),
      3,
    );
    outbox.replace(anEvent(2).id, JSON.stringify(anEvent(2, { body: { text: 'x'.repeat(20_000) } })));
    outbox.commit({ events: [anEvent(4), anEvent(5), anEvent(6)] });
    expect(await wakeAndSettle()).toMatchObject({ state: 'idle', delivered: 6 });
    expect(outbox.counts()).toMatchObject({ events: 0, bytes: 0, rejected: 0 });
    const taken = portal.asked.filter(({ text }) => text.length <= 5_000).map(({ events }) => events);
    expect(taken.flat().map(({ source }) => source.ordinal)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(taken.at(-1)?.length).toBeGreaterThan(1);
  });

  test('because it is too large, however short it is made, is set aside alone', async () => {
    const { outbox, wakeAndSettle } = await deliver(
      (asked) => (asked.events.some(({ id }) => id === anEvent(2).id) ? { status: 413 } : takesAll(asked)),
      3,
    );
    expect(await wakeAndSettle()).toMatchObject({ state: 'idle', delivered: 2 });
    expect(outbox.counts()).toMatchObject({ events: 0, rejected: 1 });
  });
});
