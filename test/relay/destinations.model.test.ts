/** Two destinations of one outbox against a simple model of what each is owed, through crashes, bounds, comings and goings. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { DESTINATIONS, type Destination } from '../../src/relay/destinations.ts';
import type { Outbox } from '../../src/relay/outbox.ts';
import { type DyingOutbox, dyingOutbox } from '../helpers/dying-outbox.ts';
import { anEvent } from '../helpers/events.ts';
import { runs } from '../helpers/fuzz.ts';
import { gap } from '../helpers/outboxes.ts';

interface Model {
  wanted: readonly Destination[];
  /** What waits, in the order of its commits, and for whom. */
  waiting: Map<string, Set<Destination>>;
  /** What each has to learn: the event itself, or a gap that counts it. */
  owed: Record<Destination, Set<string>>;
  /** What each has answered for, as a store that knows ids keeps it; however often it was sent. */
  has: Record<Destination, Set<string>>;
  refused: Record<Destination, Set<string>>;
  /** By a gap's id: what it counts. */
  gaps: Map<string, Set<string>>;
}

const tool = (n: number): CapsuleEvent => anEvent<'tool.invoked'>(n, { kind: 'tool.invoked' });
const isGap = (id: string) => id.startsWith('gap');
const ids = (waiting: readonly { id: string }[]) => waiting.map((each) => each.id);
const nextFor = (outbox: Outbox, to: Destination, most: number) =>
  ids(to === 'portal' ? outbox.next(most, 1e9) : outbox.nextForOtlp(most, 1e9, 0));
const each = <T>(make: () => T): Record<Destination, T> => ({ portal: make(), otlp: make() });

function waitingFor({ waiting }: Model, to: Destination): string[] {
  return [...waiting].flatMap(([id, whose]) => (whose.has(to) ? [id] : []));
}

/** To OpenTelemetry goes what has one address: all spans, or all log records. */
function batchFor(model: Model, to: Destination, most: number): string[] {
  const all = waitingFor(model, to);
  const [first = ''] = all;
  return all.filter((id) => to === 'portal' || isGap(id) === isGap(first)).slice(0, most);
}

function put(model: Model, id: string, whose: readonly Destination[]): void {
  if (model.waiting.has(id)) return;
  model.waiting.set(id, new Set(whose));
  for (const to of whose) model.owed[to].add(id);
}

function leave(model: Model, id: string, to: Destination): void {
  const whose = model.waiting.get(id);
  whose?.delete(to);
  if (whose?.size === 0) model.waiting.delete(id);
}

/** Whether it will know of the event in the end, by itself or by a gap. */
function learns(model: Model, to: Destination, id: string): boolean {
  const told = model.has[to].has(id) || model.refused[to].has(id) || model.waiting.get(id)?.has(to) === true;
  return told || [...model.gaps].some(([gapId, counted]) => counted.has(id) && learns(model, to, gapId));
}

function check(model: Model, { outbox }: DyingOutbox): void {
  for (const to of DESTINATIONS) {
    const waits = waitingFor(model, to);
    expect(outbox.depth(to).events).toBe(waits.length);
    expect(nextFor(outbox, to, 10_000)).toEqual(batchFor(model, to, 10_000));
    expect([...model.owed[to]].filter((id) => !learns(model, to, id))).toEqual([]);
  }
  expect(outbox.counts().events).toBe(model.waiting.size);
}

/** All that waits for it, taken. */
function drain(outbox: Outbox, to: Destination): string[] {
  const taken: string[] = [];
  for (;;) {
    const batch = nextFor(outbox, to, 10_000);
    if (batch.length === 0) return taken;
    outbox.acknowledge(batch, to);
    taken.push(...batch);
  }
}

type Command = fc.Command<Model, DyingOutbox>;
const command = (name: string, run: (model: Model, real: DyingOutbox) => void): Command => ({
  check: () => true,
  run(model, real) {
    run(model, real);
    check(model, real);
  },
  toString: () => name,
});

const numbers = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 });
const destination = fc.constantFrom(...DESTINATIONS);
const most = fc.integer({ min: 1, max: 8 });

function take(model: Model, outbox: Outbox, found: readonly number[]): void {
  outbox.commit({ events: found.map(tool) });
  for (const n of found) put(model, tool(n).id, model.wanted.length === 0 ? ['portal'] : model.wanted);
}

const commit = numbers.map((found) => command(`commit ${found}`, (model, { outbox }) => take(model, outbox, found)));

const deliver = fc.tuple(destination, most).map(([to, limit]) =>
  command(`${to} takes ${limit}`, (model, { outbox }) => {
    const batch = nextFor(outbox, to, limit);
    expect(batch).toEqual(batchFor(model, to, limit));
    outbox.acknowledge(batch, to);
    for (const id of batch) {
      model.has[to].add(id);
      leave(model, id, to);
    }
  }),
);

/** It has them, and its answer never came: they go out again. */
const deliverUnheard = fc.tuple(destination, most).map(([to, limit]) =>
  command(`${to} takes ${limit}, and nobody hears of it`, (model, real) => {
    for (const id of nextFor(real.outbox, to, limit)) model.has[to].add(id);
    real.die()();
  }),
);

const refuse = destination.map((to) =>
  command(`${to} refuses one`, (model, { outbox }) => {
    const batch = nextFor(outbox, to, 1);
    outbox.reject(
      batch.map((id) => ({ id, code: 'no', message: 'no' })),
      to,
    );
    for (const id of batch) {
      model.refused[to].add(id);
      leave(model, id, to);
    }
  }),
);

const bound = fc.integer({ min: 1, max: 12 }).map((events) =>
  command(`bound to ${events}`, (model, { outbox }) => {
    const removed: string[] = [];
    const gaps: { id: string; whose: readonly Destination[] }[] = [];
    outbox.bound({ maxBytes: 500 * events, maxAgeMs: 1e9 }, (loss) => {
      const event = gap(loss);
      event.id = `gap ${loss.destinations} ${loss.ids}`;
      expect(
        loss.ids.every(
          (id) => [...(model.waiting.get(id) ?? [])].sort().join() === [...loss.destinations].sort().join(),
        ),
      ).toBe(true);
      removed.push(...loss.ids);
      gaps.push({ id: event.id, whose: loss.destinations });
      model.gaps.set(event.id, new Set(loss.ids));
      return event;
    });
    // The oldest go, whoever they waited for.
    expect(removed.toSorted()).toEqual([...model.waiting.keys()].slice(0, removed.length).toSorted());
    for (const id of removed) model.waiting.delete(id);
    for (const { id, whose } of gaps) put(model, id, whose);
  }),
);

/** For whom something goes on waiting when the wanted change. */
function stillFor(whose: ReadonlySet<Destination>, before: readonly Destination[], wanted: readonly Destination[]) {
  if (wanted.length === 0) return ['portal' as const];
  const cameAlone = before.length === 0 && wanted.length === 1;
  return cameAlone && whose.has('portal') ? wanted : wanted.filter((to) => whose.has(to));
}

/** As the settings have it after a change or a start. */
function change(model: Model, outbox: Outbox, wanted: readonly Destination[]): void {
  outbox.want(wanted);
  const { wanted: before } = model;
  model.wanted = wanted;
  if (wanted.join() === before.join()) return;
  const left = [...model.waiting];
  model.waiting.clear();
  for (const [id, whose] of left) {
    const now = stillFor(whose, before, wanted);
    if (now.length > 0) put(model, id, now);
  }
  // Whoever goes is told of nothing more, nor by gaps that were on their way.
  for (const to of DESTINATIONS.filter((name) => !wanted.includes(name))) {
    model.owed[to] = new Set([...model.owed[to]].filter((id) => learns(model, to, id)));
  }
}

const want = fc
  .subarray([...DESTINATIONS])
  .map((wanted) =>
    command(`wanted by ${wanted.join(' and ') || 'nobody'}`, (model, { outbox }) => change(model, outbox, wanted)),
  );

const comesFirst = fc.tuple(numbers, destination, fc.boolean()).map(([found, to, dies]) =>
  command(`commit ${found} for nobody, ${dies ? 'die, ' : ''}then ${to} comes`, (model, real) => {
    change(model, real.outbox, []);
    take(model, real.outbox, found);
    if (dies) real.die()();
    change(model, real.outbox, [to]);
  }),
);

const restart = fc.constant(command('restart', (_, real) => real.restart()));
const crash = fc.constant(command('crash', (_, real) => real.die()()));

/** In the middle of an answer that is being noted: it is as if it had not come, for this destination and for the other. */
const crashAnswering = fc.tuple(destination, most).map(([to, limit]) =>
  command(`crash while ${limit} of ${to} are acknowledged`, (model, real) => {
    const batch = nextFor(real.outbox, to, limit);
    for (const id of batch) model.has[to].add(id);
    let reopen = () => {};
    expect(() =>
      real.outbox.together(() => {
        real.outbox.acknowledge(batch, to);
        reopen = real.die();
        throw new Error('died');
      }),
    ).toThrow('died');
    reopen();
  }),
);

test('whatever happens, each of two destinations is given, or told as lost, what was captured for it, and waits for no other', () => {
  const acts = [
    commit,
    commit,
    deliver,
    deliver,
    deliverUnheard,
    refuse,
    bound,
    want,
    want,
    comesFirst,
    restart,
    crash,
    crashAnswering,
  ];
  fc.assert(
    fc.property(fc.commands(acts, { maxCommands: 40 }), (commands) => {
      const real = dyingOutbox();
      real.outbox.want(DESTINATIONS);
      const sets = () => each(() => new Set<string>());
      const model: Model = {
        wanted: DESTINATIONS,
        waiting: new Map(),
        owed: sets(),
        has: sets(),
        refused: sets(),
        gaps: new Map(),
      };
      try {
        fc.modelRun(() => ({ model, real }), commands);
      } finally {
        real.end();
      }
    }),
    runs(40),
  );
});

test('a destination that takes nothing, however far behind, costs the other no event and no gap', () => {
  fc.assert(
    fc.property(
      destination,
      fc.array(fc.tuple(numbers, fc.boolean()), { minLength: 10, maxLength: 20 }),
      (dead, acts) => {
        const real = dyingOutbox();
        try {
          const alive = dead === 'portal' ? 'otlp' : 'portal';
          real.outbox.want(DESTINATIONS);
          const [given, lost]: [string[], string[]] = [[], []];
          let n = 0;
          for (const [{ length }, dies] of acts) {
            const events = Array.from({ length }, () => tool(++n));
            real.outbox.commit({ events });
            const batch = nextFor(real.outbox, alive, 10_000);
            expect(batch).toEqual(ids(events));
            real.outbox.acknowledge(batch, alive);
            given.push(...batch);
            if (dies) real.die()();
            real.outbox.bound({ maxBytes: 2_500, maxAgeMs: 1e9 }, (loss) => {
              expect(loss.destinations).toEqual([dead]);
              lost.push(...loss.ids.filter((id) => !isGap(id)));
              return gap(loss);
            });
          }
          expect(given).toHaveLength(n);
          expect(real.outbox.counts().bytes).toBeLessThan(3_500);
          expect(real.outbox.depth(alive)).toMatchObject({ events: 0, rejected: 0 });
          const late = drain(real.outbox, dead).filter((id) => !isGap(id));
          expect([...lost, ...late].toSorted()).toEqual(given.toSorted());
        } finally {
          real.end();
        }
      },
    ),
    runs(10),
  );
});
