import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { capsuleEventSchema } from '../../src/portal/event-schema.ts';
import { runs } from '../helpers/fuzz.ts';
import { readOptions } from './options.ts';
import { cost } from './reckoning.ts';
import { type Measured, tableOf } from './table.ts';
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
    runs(50),
  );
});

test('turns of different agents share no id', () => {
  const ids = Array.from({ length: 100 }, (_, agent) => [idsOf(agent, 0), idsOf(agent, 11)]).flat(2);
  expect(new Set(ids).size).toBe(ids.length);
});

test('what is said on the command line is used, and what makes no sense is refused', () => {
  expect(readOptions([])).toMatchObject({ agents: 10_000, minutes: 30, database: 'sqlite', replicas: 1 });
  expect(readOptions(['--database', 'postgres']).replicas).toBe(2);
  expect(readOptions(['--core-hour', '0.2', '--agents', '5'])).toMatchObject({ agents: 5, assumed: { coreHour: 0.2 } });
  for (const bad of [['--agents', '0'], ['--minutes', 'x'], ['--database', 'x'], ['--replicas', '2'], ['--what']]) {
    expect(() => readOptions(bad)).toThrow();
  }
});

const assumed = readOptions([]).assumed;

test('what a million events cost is their processor time, that of the cores held for the peak, and their room for as long as they are kept', () => {
  const terms = {
    ...assumed,
    coreHour: 0.36,
    gbMonth: 0.5,
    retentionMonths: 4,
    peak: 2,
    workingHours: 12,
    planned: 0.5,
  };
  // 3,600 s of a core, held eight times as long as it works; and 2 GB for four months.
  const { processor, idle, storage } = cost(0.0036, 2_000, terms);
  expect(processor).toBeCloseTo(0.36);
  expect(idle).toBeCloseTo(0.36 * 7);
  expect(storage).toBeCloseTo(2 * 0.5 * 4);
});

test('a core that is always busy is held for nothing', () => {
  expect(cost(1, 1, { ...assumed, peak: 1, workingHours: 24, planned: 1 }).idle).toBe(0);
});

const spent = { seconds: 10, portal: 1, judging: 0.25, database: 1 };
const answers = { times: [1, 2, 3], shed: 0, failed: 0, late: 0, most: 3 };
const measured: Measured = {
  enrolling: { ...answers, shed: 7, done: [1_000, 10_000, 4_000], spent },
  day: { ...answers, times: Array(100).fill(1), events: 1_000, spent },
  beats: { ...answers, times: Array(900).fill(1), spent },
  storm: { ...answers, times: Array(100).fill(1), events: 1_000, spent, done: [2_000, 3_000, 5_000] },
  seen: { health: [1, 2, 9], list: [5], failed: 0 },
  ...{ events: 2_000, bytes: { json: 2e6, wire: 4e5, room: 8e6 } },
  ...{ peakMemory: 1e8, syncMs: 2, doubles: 0, missing: 0, strangers: 0 },
};
const rowsOf = (...args: string[]) =>
  new Map(tableOf(readOptions(args), measured).map(([what, ...rest]) => [what, rest.join(' | ')]));

test('the table says how many agents a core serves by what an event and a heartbeat took', () => {
  const rows = rowsOf('--peak', '1', '--turns-a-day', '288', '--planned', '0.5');
  expect(rows.get('events a second per core')).toMatch(/^500 /);
  expect(rows.get('of it the portal alone')).toMatch(/^1000 /);
  // 288 turns of 10 events in 8 hours are 0.1 a second, 2 ms of a core each; a heartbeat, 2.2 ms, comes every 900 s.
  expect(rows.get('agents per core')).toMatch(new RegExp(`^${Math.floor(0.5 / (0.1 * 0.002 + 2 / 900 / 900))} `));
  expect(rows.get('bytes an event')).toMatch(/^1000 JSON, 200 on the wire, 4000 stored/);
});

test('the table parts judging from storing, and says how often agents were sent away until all were there', () => {
  const rows = rowsOf('--agents', '3');
  expect(rows.get('processor time an event')).toMatch(
    /^2\.00 ms \| judging 0\.25, storing and answering 0\.75, .* 1\.00;/,
  );
  expect(rows.get('agents')).toMatch(/^3 of 3 enrolled \| all at once; 7 times sent away/);
  expect(rows.get('connected: half / 95 % / all')).toMatch(/^4\.00 \/ 10\.0 \/ 10\.0 s/);
  expect(rows.get('nothing waiting: half / 95 % / all')).toMatch(/^3\.00 \/ 5\.00 \/ 5\.00 s/);
  expect(rowsOf('--agents', '4').get('connected: half / 95 % / all')).toMatch(/^4\.00 \/ never \/ never s/);
});

test('what a larger fleet needs follows from the same figures', () => {
  const rows = rowsOf('--fleet', '1000', '--peak', '1', '--turns-a-day', '288', '--planned', '0.5');
  // 0.1 events a second each.
  expect(rows.get('1,000 developers: events')).toMatch(/^100 a second at the peak/);
  expect(rows.get('1,000 developers: cores')).toMatch(/^1 /);
  // 2.88 million events of 4,000 and of 200 bytes.
  expect(rows.get('1,000 developers: stored')).toMatch(/^11\.5 GB a day/);
  expect(rows.get('1,000 developers: in a column store')).toMatch(/^0\.58 GB a day/);
});
