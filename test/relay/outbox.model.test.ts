/** The outbox against a simple model of it, through histories of commits, deliveries, bounds, restarts and crashes. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Outbox } from '../../src/relay/outbox.ts';
import { type DyingOutbox, dyingOutbox } from '../helpers/dying-outbox.ts';
import { anEvent } from '../helpers/events.ts';
import { runs } from '../helpers/fuzz.ts';
import { gap } from '../helpers/outboxes.ts';

interface Model {
  /** Ids in the order of their commits. */
  waiting: string[];
  rejected: Set<string>;
  cursors: Map<string, number>;
  /** Taken in and removed by the bounds: told by gaps. */
  lost: number;
}
type Real = DyingOutbox;

const idsIn = (outbox: Outbox) => outbox.next(10_000, 1e9).map(({ id }) => id);

function check(model: Model, { outbox }: Real): void {
  expect(idsIn(outbox)).toEqual(model.waiting);
  expect(outbox.counts()).toMatchObject({ events: model.waiting.length, rejected: model.rejected.size });
  for (const [session, at] of model.cursors) expect(outbox.cursor('ide-1.x', session)).toEqual({ at });
}

type Command = fc.Command<Model, Real>;
const command = (name: string, run: (model: Model, real: Real) => void): Command => ({
  check: () => true,
  run(model, real) {
    run(model, real);
    check(model, real);
  },
  toString: () => name,
});

const ordinal = fc.integer({ min: 1, max: 40 });
const session = fc.constantFrom('sess_1', 'sess_2');

const commit = fc.tuple(fc.array(ordinal, { maxLength: 6 }), session, fc.nat(1000)).map(([numbers, of, at]) =>
  command(`commit ${numbers} of ${of} at ${at}`, (model, { outbox }) => {
    const events = numbers.map((n) => anEvent(n));
    outbox.commit({ events, cursor: { store: 'ide-1.x', session: of, value: { at } } });
    for (const { id } of events) if (!model.waiting.includes(id)) model.waiting.push(id);
    model.cursors.set(of, at);
  }),
);

const deliver = fc.integer({ min: 1, max: 8 }).map((most) =>
  command(`deliver ${most}`, (model, { outbox }) => {
    const batch = outbox.next(most, 1e9).map(({ id }) => id);
    expect(batch).toEqual(model.waiting.slice(0, most));
    outbox.acknowledge(batch);
    model.waiting.splice(0, batch.length);
  }),
);

const refuse = ordinal.map((n) =>
  command(`refuse ${n}`, (model, { outbox }) => {
    const { id } = anEvent(n);
    outbox.reject([{ id, code: 'no', message: 'no' }]);
    if (!model.waiting.includes(id)) return;
    model.waiting = model.waiting.filter((each) => each !== id);
    model.rejected.add(id);
  }),
);

const bound = fc.integer({ min: 1, max: 12 }).map((events) =>
  command(`bound to ${events}`, (model, { outbox }) => {
    const maxBytes = 450 * events;
    const before = outbox.counts();
    const told: number[] = [];
    const gapIds: string[] = [];
    const removed = outbox.bound({ maxBytes, maxAgeMs: 1e9 }, (loss) => {
      told.push(loss.ids.length);
      const event = gap(loss);
      gapIds.push(event.id);
      return event;
    });
    expect(told.reduce((sum, each) => sum + each, 0)).toBe(removed);
    if (before.bytes <= maxBytes) expect(removed).toBe(0);
    model.waiting.splice(0, removed);
    for (const id of gapIds) if (!model.waiting.includes(id)) model.waiting.push(id);
    // Refused ones have a bound of their own, which such small sizes pass.
    model.rejected = new Set([...model.rejected].slice(0, outbox.counts().rejected));
    model.lost += removed;
  }),
);

const restart = fc.constant(command('restart', (_, real) => real.restart()));
const crash = fc.constant(command('crash', (_, real) => real.die()()));

/** In the middle of a transaction, with some of its rows written: none of it may be there afterwards. */
const crashInside = fc.tuple(fc.array(ordinal, { minLength: 1, maxLength: 6 }), session).map(([numbers, of]) =>
  command(`crash while ${numbers} of ${of} are committed`, (_, real) => {
    let reopen = () => {};
    const last = Object.assign(anEvent(99), {
      toJSON: () => {
        reopen = real.die();
        throw new Error('died');
      },
    });
    const events = [...numbers.map((n) => anEvent(n)), last];
    const cursor = { store: 'ide-1.x', session: of, value: { at: 1_001 } };
    expect(() => real.outbox.commit({ events, cursor })).toThrow('died');
    reopen();
  }),
);

/** In the middle of an answer that is being noted: it is as if it had not come. */
const crashAnswering = fc.integer({ min: 1, max: 8 }).map((most) =>
  command(`crash while ${most} are acknowledged`, (_, real) => {
    const ids = real.outbox.next(most, 1e9).map(({ id }) => id);
    let reopen = () => {};
    const dying = () => {
      reopen = real.die();
      throw new Error('died');
    };
    expect(() =>
      real.outbox.together(() => {
        real.outbox.acknowledge(ids);
        dying();
      }),
    ).toThrow('died');
    reopen();
  }),
);

test('whatever happens, what was committed waits in its order until it is delivered, refused or told as a gap', () => {
  const histories = fc.commands([commit, commit, deliver, refuse, bound, restart, crash, crashInside, crashAnswering], {
    maxCommands: 25,
  });
  fc.assert(
    fc.property(histories, (commands) => {
      const real = dyingOutbox();
      const model: Model = { waiting: [], rejected: new Set(), cursors: new Map(), lost: 0 };
      try {
        fc.modelRun(() => ({ model, real }), commands);
      } finally {
        real.end();
      }
    }),
    runs(30),
  );
});
