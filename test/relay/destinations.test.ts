/** Two destinations of one outbox: neither waits for the other, and nothing is kept that nobody needs. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { DESTINATIONS, type Destination } from '../../src/relay/destinations.ts';
import type { Outbox } from '../../src/relay/outbox.ts';
import { anEvent } from '../helpers/events.ts';
import { runs } from '../helpers/fuzz.ts';
import { gap, later, now, open, outboxFile, reopen } from '../helpers/outboxes.ts';

const tool = (n: number): CapsuleEvent => anEvent<'tool.invoked'>(n, { kind: 'tool.invoked' });
const id = (n: number) => anEvent(n).id;
const ids = (waiting: readonly { id: string }[]) => waiting.map((each) => each.id);
const forPortal = (outbox: Outbox) => ids(outbox.next(1000, 1e9));
const forOtlp = (outbox: Outbox) => ids(outbox.nextForOtlp(1000, 1e9, 1e9));
const both: Destination[] = ['portal', 'otlp'];

describe('an event for two destinations', () => {
  test('leaves each by its own answer, and the disk with the last', () => {
    const outbox = open(outboxFile());
    outbox.want(both);
    outbox.commit({ events: [tool(1), tool(2)] });
    outbox.acknowledge([id(1), id(2)]);
    expect([forPortal(outbox), forOtlp(outbox)]).toEqual([[], [id(1), id(2)]]);
    expect(outbox.counts()).toMatchObject({ events: 2 });
    expect(outbox.depth('portal')).toEqual({ events: 0, bytes: 0, oldest: null, rejected: 0 });
    expect(outbox.depth('otlp')).toMatchObject({ events: 2, oldest: now().toISOString() });
    outbox.acknowledge([id(1)], 'otlp');
    outbox.acknowledge([id(1)], 'otlp');
    outbox.reject([{ id: id(2), code: 'http-400', message: 'no' }], 'otlp');
    expect(outbox.counts()).toMatchObject({ events: 0, bytes: 0, rejected: 1 });
    expect([outbox.depth('portal').rejected, outbox.depth('otlp').rejected]).toEqual([0, 1]);
  });

  test('that both refuse is kept aside for each', () => {
    const outbox = open(outboxFile());
    outbox.want(both);
    outbox.commit({ events: [tool(1)] });
    for (const name of both) outbox.reject([{ id: id(1), code: 'no', message: 'no' }], name);
    expect(both.map((name) => outbox.depth(name).rejected)).toEqual([1, 1]);
  });

  test('is in the journal once for each, and among what was captured once', () => {
    const outbox = open(outboxFile());
    outbox.keepSent(1e6);
    outbox.want(both);
    outbox.commit({ events: [tool(1)] });
    outbox.acknowledge([id(1)], 'otlp');
    expect(outbox.told('captured', { last: 9 })).toMatchObject([{ answer: null, destination: null }]);
    outbox.acknowledge([id(1)]);
    expect(outbox.told('sent', { last: 9 })).toMatchObject([{ destination: 'otlp' }, { destination: 'portal' }]);
    expect(outbox.told('captured', { last: 9 })).toMatchObject([{ answer: 'accepted', destination: 'portal' }]);
  });

  test('is lost by the bounds only to who had it not yet, and a gap tells those alone', () => {
    const outbox = open(outboxFile());
    outbox.want(both);
    outbox.commit({ events: [tool(1), tool(2), tool(3)] });
    outbox.acknowledge([id(1), id(2)]);
    later(2_000);
    outbox.bound({ maxBytes: 1e9, maxAgeMs: 1_000 }, gap);
    const told = (json: string) => (JSON.parse(json) as { body: { count: number } }).body.count;
    expect(outbox.next(9, 1e9).map(({ json }) => told(json))).toEqual([1]);
    expect(outbox.nextForOtlp(9, 1e9, 0).map(({ json }) => told(json))).toEqual([2, 1]);
  });
});

describe('a destination', () => {
  test('that comes to another begins with the next event, over a restart too', () => {
    const file = outboxFile();
    const before = open(file);
    before.want(['portal']);
    before.commit({ events: [tool(1)] });
    expect(before.want(both)).toBe(0);
    const outbox = reopen(file);
    outbox.want(both);
    outbox.commit({ events: [tool(2)] });
    expect([forPortal(outbox), forOtlp(outbox)]).toEqual([[id(1), id(2)], [id(2)]]);
  });

  test('that goes frees what it alone still needed', () => {
    const outbox = open(outboxFile());
    outbox.want(both);
    outbox.commit({ events: [tool(1), tool(2)] });
    outbox.acknowledge([id(1)]);
    expect(outbox.want(['portal'])).toBe(1);
    expect(forPortal(outbox)).toEqual([id(2)]);
    outbox.acknowledge([id(2)]);
    expect(outbox.counts()).toMatchObject({ events: 0, bytes: 0 });
  });

  test.each(DESTINATIONS)('that is the first to be set up gets what waited for nobody: %s', (name) => {
    const outbox = open(outboxFile());
    outbox.want([]);
    outbox.commit({ events: [tool(1)] });
    outbox.want([name]);
    expect(name === 'portal' ? forPortal(outbox) : forOtlp(outbox)).toEqual([id(1)]);
    expect(outbox.depth(name === 'portal' ? 'otlp' : 'portal').events).toBe(0);
  });

  test('that goes as the last leaves what it needed for whoever comes', () => {
    const outbox = open(outboxFile());
    outbox.want(['otlp']);
    outbox.commit({ events: [tool(1)] });
    expect(outbox.want([])).toBe(0);
    outbox.want(['portal']);
    expect(forPortal(outbox)).toEqual([id(1)]);
  });
});

test('however answers come, each destination is given each event until it has answered for it, in order', () => {
  const act = fc.record({
    to: fc.constantFrom(...DESTINATIONS),
    most: fc.integer({ min: 1, max: 4 }),
    refused: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant('commit' as const), act), { maxLength: 25 }), (acts) => {
      const outbox = open(outboxFile());
      outbox.want(both);
      const model = { portal: [] as string[], otlp: [] as string[] };
      let n = 0;
      for (const one of acts) {
        if (one === 'commit') {
          n += 1;
          outbox.commit({ events: [tool(n)] });
          for (const name of both) model[name].push(id(n));
        } else {
          const { to, most, refused } = one;
          const batch = ids(to === 'portal' ? outbox.next(most, 1e9) : outbox.nextForOtlp(most, 1e9, 0));
          expect(batch).toEqual(model[to].splice(0, most));
          if (refused)
            outbox.reject(
              batch.map((each) => ({ id: each, code: 'no', message: 'no' })),
              to,
            );
          else outbox.acknowledge(batch, to);
        }
        expect(both.map((name) => outbox.depth(name).events)).toEqual(both.map((name) => model[name].length));
        expect(outbox.counts().events).toBe(new Set([...model.portal, ...model.otlp]).size);
      }
    }),
    runs(40),
  );
});
