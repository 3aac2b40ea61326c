/** What a run comes to, and where the limits lie: arithmetic over what was measured and what is assumed. Pure. */
import { figure, MIB, quantile, type Rows } from '../bench/figures.ts';
import type { Answers } from './fleet.ts';
import type { Assumptions, LoadOptions } from './options.ts';

/** Processor seconds of a stretch, and how long it took. */
export interface Spent {
  seconds: number;
  portal: number;
  database: number;
}

export interface Measured {
  enrolled: number;
  enrolling: Spent;
  day: Answers & { events: number; spent: Spent };
  beats: Answers & { spent: Spent };
  storm: Answers & { events: number; spent: Spent; waiting: number; drainSeconds: number };
  events: number;
  bytes: { json: number; wire: number; room: number };
  peakMemory: number;
  syncMs: number;
  doubles: number;
  missing: number;
  strangers: number;
}

/** The table of a run, its head first. */
export function tableOf({ assumed, replicas, database }: LoadOptions, measured: Measured): Rows {
  const { day, beats, storm, events, bytes } = measured;
  // Of the day: a storm's time holds the portals' own start, and work whose answer came too late.
  const perEvent = costPerEvent(day.events > 0 ? day : storm);
  const perBeat = cpuOf(beats.spent) / Math.max(1, beats.times.length);
  const eventsATurn = (day.events + storm.events) / Math.max(1, day.times.length + storm.times.length);
  const atPeak = (assumed.turnsADay * eventsATurn * assumed.peak) / (assumed.workingHours * 3600);
  const coreShare = atPeak * perEvent.all + perBeat / 900;
  const portalShare = atPeak * perEvent.portal + perBeat / 900;
  const room = bytes.room / Math.max(1, events);
  const at = (answers: Answers, q: number) => figure(quantile(answers.times, q));
  const times = (answers: Answers) => `${at(answers, 0.5)} / ${at(answers, 0.95)} / ${at(answers, 0.99)} ms`;
  const batchesPerSecond = 1000 / measured.syncMs;
  return [
    ['what', 'figure', 'how it was come by'],
    ['portal', `${replicas} ${replicas === 1 ? 'process' : 'replicas'} on ${database}`, ''],
    ['agents', `${measured.enrolled}`, `enrolled in ${figure(measured.enrolling.seconds)} s`],
    [
      'ingest on a day, p50 / p95 / p99',
      times(day),
      `${day.times.length} turns at ${figure(day.times.length / day.spent.seconds)} a second`,
    ],
    [
      'ingest in a storm, p50 / p95 / p99',
      times(storm),
      `all agents at once after an outage; ${storm.most} requests at once, ${storm.failed} failed and were tried again, ${storm.late} of them after 30 s without an answer`,
    ],
    [
      'back to nothing waiting',
      storm.waiting > 0 ? `not within the time: ${storm.waiting} agents` : `${figure(storm.drainSeconds)} s`,
      `${storm.events} events`,
    ],
    ['events a second per core', figure(1 / perEvent.all), 'of processor time, portal and database together'],
    ['of it the portal alone', figure(1 / perEvent.portal), ''],
    ['heartbeats a second per core', figure(1 / perBeat), ''],
    [
      'events a second that came through',
      figure(storm.events / storm.drainSeconds),
      'with agents, portal and database on one machine',
    ],
    [
      'agents per core',
      Math.floor(assumed.planned / coreShare).toString(),
      `at ${figure(atPeak)} events a second each at the peak, ${assumed.planned * 100} % of the core`,
    ],
    [
      'agents per replica',
      Math.floor(assumed.planned / portalShare).toString(),
      'a replica is one process, which uses one core; the database apart',
    ],
    [
      'bytes an event',
      `${figure(bytes.json / events)} JSON, ${figure(bytes.wire / events)} on the wire, ${figure(room)} stored`,
      `${figure(eventsATurn)} events a turn`,
    ],
    ['processor time a million events', `${figure((perEvent.all * 1e6) / 3600)} core hours`, ''],
    [
      'cost a million events',
      figure(cost(perEvent.all, room, assumed)),
      `assumed: ${assumed.coreHour} a core hour, ${assumed.gbMonth} a GB month, kept ${assumed.retentionMonths} months; at full use`,
    ],
    ['limit: processor', `${Math.floor(1 / perEvent.portal)} events/s a replica`, 'judging and storing, one thread'],
    [
      'limit: sync',
      `${figure(batchesPerSecond)} batches/s`,
      `${figure(measured.syncMs)} ms a sync here; a batch is one transaction${database === 'postgres' ? ', and an organisation’s wait for one another' : ''}`,
    ],
    [
      'limit: connections',
      `${storm.most} at once seen`,
      'agents keep one each for a minute; as many files must be allowed',
    ],
    ['limit: memory', `${figure(measured.peakMemory / MIB)} MiB at most`, 'the largest replica'],
    [
      'events stored',
      `${events}`,
      `${measured.doubles} twice, ${measured.missing} acknowledged and missing, ${measured.strangers} never sent`,
    ],
  ];
}

const cpuOf = ({ portal, database }: Spent): number => portal + database;

function costPerEvent({ events, spent }: { events: number; spent: Spent }): { all: number; portal: number } {
  return { all: cpuOf(spent) / Math.max(1, events), portal: spent.portal / Math.max(1, events) };
}

/** Of a million events: their processor time, and their room for as long as they are kept. Pure. */
export function cost(
  cpuSeconds: number,
  roomBytes: number,
  { coreHour, gbMonth, retentionMonths }: Assumptions,
): number {
  return ((cpuSeconds * 1e6) / 3600) * coreHour + ((roomBytes * 1e6) / 1e9) * gbMonth * retentionMonths;
}
