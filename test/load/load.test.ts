import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { capsuleEventSchema } from '../../src/portal/event-schema.ts';
import { readOptions } from './options.ts';
import { cost, type Measured, tableOf } from './table.ts';
import { idsOf, turnOf } from './turns.ts';

test('a turn has the ids that were said of it, once each, and every event of it is one that a portal takes', () => {
  const number = fc.nat(20_000);
  fc.assert(
    fc.property(number, number, (agent, turn) => {
      const events = turnOf(agent, turn, new Date());
      expect(events.map(({ id }) => id)).toEqual(idsOf(agent, turn));
      expect(new Set(idsOf(agent, turn)).size).toBe(events.length);
      for (const event of events) expect(capsuleEventSchema.safeParse(event).success).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('turns of different agents share no id', () => {
  const ids = Array.from({ length: 100 }, (_, agent) => [idsOf(agent, 0), idsOf(agent, 11)]).flat(2);
  expect(new Set(ids).size).toBe(ids.length);
});

test('what is said on the command line is used, and what makes no sense is refused', () => {
  expect(readOptions([])).toMatchObject({ agents: 10_000, minutes: 3, database: 'sqlite', replicas: 1 });
  expect(readOptions(['--database', 'postgres']).replicas).toBe(2);
  expect(readOptions(['--core-hour', '0.2', '--agents', '5'])).toMatchObject({ agents: 5, assumed: { coreHour: 0.2 } });
  for (const bad of [['--agents', '0'], ['--minutes', 'x'], ['--database', 'x'], ['--replicas', '2'], ['--what']]) {
    expect(() => readOptions(bad)).toThrow();
  }
});

test('what a million events cost is their processor time and their room for as long as they are kept', () => {
  const assumed = { ...readOptions([]).assumed, coreHour: 0.36, gbMonth: 0.5, retentionMonths: 4 };
  // 3,600 s of a core, and 2 GB for four months.
  expect(cost(0.0036, 2_000, assumed)).toBeCloseTo(0.36 + 2 * 0.5 * 4);
});

test('the table says how many agents a core serves by what an event and a heartbeat took', () => {
  const spent = { seconds: 10, portal: 1, database: 1 };
  const answers = { times: [1, 2, 3], failed: 0, late: 0, most: 3 };
  const measured: Measured = {
    ...{
      enrolled: 3,
      enrolling: spent,
      events: 2_000,
      peakMemory: 1e8,
      syncMs: 2,
      doubles: 0,
      missing: 0,
      strangers: 0,
    },
    day: { ...answers, times: Array(100).fill(1), events: 1_000, spent },
    beats: { ...answers, times: Array(900).fill(1), spent },
    storm: { ...answers, times: Array(100).fill(1), events: 1_000, spent, waiting: 0, drainSeconds: 10 },
    bytes: { json: 2e6, wire: 4e5, room: 8e6 },
  };
  const rows = new Map(
    tableOf(readOptions(['--peak', '1', '--turns-a-day', '288', '--planned', '0.5']), measured).map(
      ([what, figure]) => [what, figure],
    ),
  );
  expect(rows.get('events a second per core')).toBe('500');
  expect(rows.get('of it the portal alone')).toBe('1000');
  // 288 turns of 10 events in 8 hours are 0.1 a second, 0.2 ms of a core; a heartbeat, 2.2 ms, comes every 900 s.
  expect(rows.get('agents per core')).toBe(String(Math.floor(0.5 / (0.1 * 0.002 + 2 / 900 / 900))));
  expect(rows.get('bytes an event')).toBe('1000 JSON, 200 on the wire, 4000 stored');
});
