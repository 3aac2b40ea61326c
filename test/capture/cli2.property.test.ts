import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SweepStep } from '../../src/capture/session-source.ts';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { fuzzRuns } from '../helpers/fuzz.ts';
import { eventsOf, flat, givenCli, ID, LATER, value } from './given-cli.ts';
import { givenContext } from './given-session.ts';

const NAMES = ['rewind', 'tool-call', 'finished', 'thinking'];
const LOGS = NAMES.map((name) => ({ log: flat(`${name}.jsonl`), meta: flat(`${name}.json`) }));
const VALUES = ['tool-calls.json', 'unanswered-call.json'].map(value);

// What grows is the record: redaction would only cost time.
const context = givenContext({ levelFor: () => 'full' });

async function readWhole({ log, meta }: { log: string; meta: string }): Promise<SweepStep[]> {
  const cli = givenCli();
  cli.write('.json', meta);
  cli.write('.jsonl', log);
  return cli.sweep(context);
}

const ids = (events: readonly CapsuleEvent[]) => events.map(({ id }) => id);

describe('however a flat log grows', () => {
  test('the same events come out, with the same ids', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...LOGS), fc.array(fc.nat(2_000), { maxLength: 5 }), async (session, cuts) => {
        const whole = eventsOf(await readWhole(session));
        const cli = givenCli();
        cli.write('.json', session.meta);
        cli.write('.jsonl', '');
        const places = [0, ...cuts.map((cut) => Math.min(cut, session.log.length)), session.log.length];
        const events: CapsuleEvent[] = [];
        for (const [index, from] of places.toSorted((a, b) => a - b).entries()) {
          cli.append(session.log.slice(from, places.toSorted((a, b) => a - b)[index + 1] ?? session.log.length));
          events.push(...eventsOf(await cli.sweep(context)));
        }
        expect(events).toEqual(whole);
      }),
      fuzzRuns(16),
    );
  });

  test('records in any order, repeated, with odd ones between them, give ids that never collide', async () => {
    const lines = LOGS.flatMap(({ log }) => log.trim().split('\n'));
    const odd = fc.oneof(fc.json(), fc.string(), fc.constant('{"version":"v1","kind":"Clear"}'));
    const any = fc.array(fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...lines) }, odd), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(any, async (records) => {
        const cli = givenCli();
        cli.write('.json', LOGS[0]?.meta ?? '');
        cli.write('.jsonl', `${records.join('\n')}\n`);
        cli.setTime(LATER);
        const told = ids(eventsOf(await cli.sweep()));
        expect(new Set(told).size).toBe(told.length);
        expect(await cli.sweep()).toEqual([]);
      }),
      fuzzRuns(8),
    );
  });
});

describe('however a conversation grows in the database', () => {
  test('the same events come out, with the same ids', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...VALUES), fc.subarray([1, 2]), async (json, stops) => {
        const conversation = JSON.parse(json) as { history: object[] };
        const whole = givenCli();
        whole.put(ID, json, 1000);
        whole.setTime(LATER);
        const expected = ids(eventsOf(await whole.sweep(context)));
        const cli = givenCli();
        const events: CapsuleEvent[] = [];
        for (const [index, stop] of [...stops, conversation.history.length].entries()) {
          // Written a moment ago, so that nothing is given up; a turn's end is only then known when its answer is there.
          const part = JSON.stringify({ ...conversation, history: conversation.history.slice(0, stop) });
          cli.put(ID, part, Date.parse('2026-09-03T11:59:59.000Z') + index);
          events.push(...eventsOf(await cli.sweep(context)));
        }
        cli.setTime(LATER);
        events.push(...eventsOf(await cli.sweep(context)));
        expect(ids(events)).toEqual(expected);
      }),
      fuzzRuns(40),
    );
  });
});

/** A text with a few of its characters changed, taken out or doubled. */
const mutated = (texts: readonly string[]) =>
  fc
    .tuple(
      fc.constantFrom(...texts),
      fc.array(fc.tuple(fc.nat(6_000), fc.constantFrom('', '"', '{', '0', '\n', '\\', '\u0000', 'é')), {
        minLength: 1,
        maxLength: 8,
      }),
    )
    .map(([text, edits]) =>
      edits.reduce((now, [at, put]) => now.slice(0, at % now.length) + put + now.slice((at % now.length) + 1), text),
    );

test('no damage to logs, metadata or values brings the reading down, or the same back twice', async () => {
  const logs = LOGS.map(({ log }) => log);
  const metas = LOGS.map(({ meta }) => meta);
  await fc.assert(
    fc.asyncProperty(mutated(logs), mutated(metas), mutated(VALUES), async (log, meta, json) => {
      const cli = givenCli();
      cli.write('.jsonl', log);
      cli.write('.json', meta);
      cli.put('db', json, 1000);
      cli.setTime(LATER);
      const told = ids(eventsOf(await cli.sweep()));
      expect(new Set(told).size).toBe(told.length);
      expect(eventsOf(await cli.sweep())).toEqual([]);
    }),
    fuzzRuns(8),
  );
});
