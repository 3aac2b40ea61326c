import { setImmediate as nextRound } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AdmissionBounds, admitDevices, mostUnderWay, type Turn } from '../../src/portal/admission.ts';
import { Refusal } from '../../src/portal/answer.ts';
import { measureAnswers } from '../../src/portal/answer-rate.ts';
import { LONGEST_S, secondsFor, spreadOut } from '../../src/portal/spread-out.ts';

/** A door with a clock of its own. */
function aDoor(bounds: Partial<AdmissionBounds> = {}) {
  const time = { ms: 0 };
  const told = { shed: [] as string[], overloaded: [] as number[] };
  const admission = admitDevices({
    bounds: { underWay: 3, inStore: 2, wait: 5_000, ...bounds },
    shed: (route) => told.shed.push(route),
    overloaded: (underWay) => told.overloaded.push(underWay),
    clock: () => time.ms,
    random: () => 0.5,
  });
  return { admission, time, told };
}

/** Work that ends when it is told to. */
function held() {
  const { promise, resolve } = Promise.withResolvers<string>();
  return { end: () => resolve('done'), work: () => promise };
}

const inStore = (work: () => Promise<string>) => (turn: Turn) => turn(work);

describe('a request of a device', () => {
  test('is sent away with a time to come again while too many are under way, and its work is never begun', async () => {
    const { admission, told } = aDoor();
    const first = [held(), held(), held()];
    const going = first.map(({ work }) => admission.admit('/v1/events', work));
    let begun = false;
    const refusal = await admission
      .admit('/v1/enroll', async () => {
        begun = true;
      })
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({ status: 503, code: 'portal-busy', headers: { 'retry-after': '1' } });
    expect(begun).toBe(false);
    expect(told).toEqual({ shed: ['/v1/enroll'], overloaded: [3] });
    for (const { end } of first) end();
    expect(await Promise.all(going)).toEqual(['done', 'done', 'done']);
  });

  test('is let in again once one before it has ended, however it ended', async () => {
    const { admission } = aDoor({ underWay: 1 });
    await expect(admission.admit('/v1/events', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await expect(
      admission.admit('/v1/events', (turn) => turn(() => Promise.reject(new Error('broken')))),
    ).rejects.toThrow('broken');
    await expect(admission.admit('/v1/events', async () => 'in')).resolves.toBe('in');
  });

  test('is sent away, too, while the first in line has waited for too long', async () => {
    const { admission, time, told } = aDoor({ underWay: 100, inStore: 1, wait: 5_000 });
    const [slow, next] = [held(), held()];
    const going = [slow, next].map(({ work }) => admission.admit('/v1/events', inStore(work)));
    await nextRound();
    time.ms = 5_000;
    await expect(admission.admit('/v1/events', async () => 'in')).resolves.toBe('in');
    time.ms = 5_001;
    await expect(admission.admit('/v1/events', async () => 'in')).rejects.toMatchObject({ code: 'portal-busy' });
    slow.end();
    next.end();
    await Promise.all(going);
    await expect(admission.admit('/v1/events', async () => 'in')).resolves.toBe('in');
    expect(told.shed).toHaveLength(1);
  });

  test('that is slow to send its body holds up nobody who waits for the store', async () => {
    const { admission } = aDoor({ underWay: 10, inStore: 1 });
    const body = held();
    const slow = admission.admit('/v1/events', async (turn) => {
      await body.work();
      return turn(async () => 'slow');
    });
    await expect(
      admission.admit(
        '/v1/events',
        inStore(async () => 'quick'),
      ),
    ).resolves.toBe('quick');
    body.end();
    await expect(slow).resolves.toBe('slow');
  });
});

test('a slow portal lets in no more than it answers in the time that one may wait, and always enough to be busy', () => {
  const bounds = { underWay: 200, inStore: 6, wait: 5_000 };
  expect([1_000, 40, 15, 1, 0].map((perSecond) => mostUnderWay(bounds, perSecond))).toEqual([200, 200, 75, 12, 12]);
});

test('that requests are put off is said once a minute, not once each', async () => {
  const { admission, time, told } = aDoor({ underWay: 0 });
  const ask = () => admission.admit('/v1/events', async () => 'in').catch(() => undefined);
  for (let n = 0; n < 10; n++) await ask();
  expect(told.overloaded).toHaveLength(1);
  time.ms = 60_000;
  await ask();
  expect(told.overloaded).toHaveLength(2);
  expect(told.shed).toHaveLength(11);
});

test('whatever comes and goes, never more than the bounds are under way and in the store, in the order of arrival, and each is answered', async () => {
  const steps = fc.array(fc.oneof(fc.constant('come' as const), fc.nat(20)), { maxLength: 80 });
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 3 }),
      async (story, most, store) => {
        const { admission } = aDoor({ underWay: most, inStore: store });
        const now = { underWay: 0, inStore: 0, mostInStore: 0 };
        const begun: number[] = [];
        const open: { n: number; end: () => void }[] = [];
        const all: Promise<string>[] = [];
        const wanted: string[] = [];
        let came = 0;
        for (const step of story) {
          if (step === 'come') {
            const [n, { end, work }] = [came++, held()];
            const full = now.underWay >= most;
            if (!full) now.underWay += 1;
            const answer = admission
              .admit('/v1/events', (turn) =>
                turn(async () => {
                  begun.push(n);
                  open.push({ n, end });
                  now.inStore += 1;
                  now.mostInStore = Math.max(now.mostInStore, now.inStore);
                  await work();
                  now.inStore -= 1;
                  now.underWay -= 1;
                  return 'done';
                }),
              )
              .catch(() => 'busy');
            all.push(answer);
            wanted.push(full ? 'busy' : 'done');
          } else open.splice(step % Math.max(1, open.length), 1)[0]?.end();
          await nextRound();
        }
        while (now.underWay > 0) {
          open.shift()?.end();
          await nextRound();
        }
        expect(await Promise.all(all)).toEqual(wanted);
        expect(now.mostInStore).toBeLessThanOrEqual(store);
        expect(begun).toEqual(begun.toSorted((a, b) => a - b));
      },
    ),
    { numRuns: 60 },
  );
});

test('between two that SQLite answers at once whatever else came in has its turn', async () => {
  const { admission } = aDoor({ underWay: 100, inStore: 100 });
  const told: string[] = [];
  const requests = Array.from({ length: 5 }, (_, n) =>
    admission.admit(
      '/v1/events',
      inStore(async () => {
        setImmediate(() => told.push('page'));
        told.push(`device ${n}`);
        return 'done';
      }),
    ),
  );
  await Promise.all(requests);
  await nextRound();
  const before = told.slice(0, told.indexOf('device 4'));
  expect(before.filter((who) => who === 'page').length).toBeGreaterThanOrEqual(3);
});

describe('when to come again', () => {
  const perSecond = fc.double({ min: 0.1, max: 10_000, noNaN: true });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  test('is a whole number of seconds, at least one, at most five minutes, and about as long as the answers to all before take', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), perSecond, random, (away, rate, chance) => {
        const seconds = secondsFor(away, rate, chance);
        expect(Number.isInteger(seconds)).toBe(true);
        expect(seconds).toBeGreaterThanOrEqual(1);
        expect(seconds).toBeLessThanOrEqual(Math.min(LONGEST_S, Math.max(1, Math.ceil((1.5 * away) / rate))));
        expect(seconds).toBeGreaterThanOrEqual(Math.floor(Math.min(LONGEST_S / 3, (0.5 * away) / rate)));
      }),
    );
  });

  test('brings a fleet of 10,000 back at about the rate at which it is answered', () => {
    let n = 0;
    // As even as chance can be, and never the same.
    const spread = spreadOut(
      () => 0,
      () => (n++ * 0.618_034) % 1,
    );
    const bySecond = new Map<number, number>();
    for (let agent = 0; agent < 10_000; agent++) {
      const second = spread.seconds(100);
      bySecond.set(second, (bySecond.get(second) ?? 0) + 1);
    }
    expect(Math.max(...bySecond.values())).toBeLessThan(250);
    expect(Math.max(...bySecond.keys())).toBeLessThanOrEqual(150);
  });

  test('forgets those whose time has come', () => {
    const time = { ms: 0 };
    const spread = spreadOut(
      () => time.ms,
      () => 0.5,
    );
    for (let n = 0; n < 100; n++) spread.seconds(1);
    expect(spread.seconds(1)).toBe(101);
    time.ms = 101_000;
    expect(spread.seconds(1)).toBe(1);
  });
});

describe('how many are answered in a second', () => {
  test('is counted while others wait', () => {
    const time = { ms: 0 };
    const rate = measureAnswers(() => time.ms);
    for (let n = 0; n <= 40; n++, time.ms += 100) rate.answered(5);
    expect(rate.perSecond()).toBeCloseTo(10);
  });

  test('says nothing of an hour in which nobody waited', () => {
    const time = { ms: 0 };
    const rate = measureAnswers(() => time.ms);
    for (let n = 0; n < 1_000; n++, time.ms += 3_600) rate.answered(0);
    expect(rate.perSecond()).toBeNull();
  });

  test('follows a portal that becomes slower', () => {
    const time = { ms: 0 };
    const rate = measureAnswers(() => time.ms);
    for (let n = 0; n < 200; n++, time.ms += 10) rate.answered(5);
    expect(rate.perSecond()).toBeGreaterThan(90);
    for (let n = 0; n < 200; n++, time.ms += 1_000) rate.answered(5);
    expect(rate.perSecond()).toBeLessThan(2);
  });
});
