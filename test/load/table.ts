/** What a run comes to, and where the limits lie: arithmetic over what was measured and what is assumed. Pure. */
import { figure, MIB, quantile, type Rows } from '../bench/figures.ts';
import type { Answers, Coming } from './fleet.ts';
import type { Seen } from './onlooker.ts';
import type { Assumptions, LoadOptions } from './options.ts';
import { cost, type Demand, demandOf, type PerEvent, perEventOf, type Spent } from './reckoning.ts';

export interface Measured {
  /** `done` of this and of the storm: ms since the portal could be asked. */
  enrolling: Coming & { spent: Spent };
  day: Answers & { events: number; spent: Spent };
  beats: Answers & { spent: Spent };
  storm: Coming & { events: number; spent: Spent };
  /** While they enrolled, and in the storm. */
  seen: Seen;
  events: number;
  bytes: { json: number; wire: number; room: number };
  peakMemory: number;
  syncMs: number;
  doubles: number;
  missing: number;
  strangers: number;
}

/** The table of a run, its head first. */
export function tableOf(options: LoadOptions, measured: Measured): Rows {
  const { assumed, replicas, database } = options;
  const { day, beats, storm, events, bytes } = measured;
  // Of the day: a storm's time holds the sending away, and the portal's first minute. A day of few events is a day of waiting.
  const perEvent = perEventOf(isEnough(day.events) ? day : storm);
  const perBeat = (beats.spent.portal + beats.spent.database) / Math.max(1, beats.times.length);
  const eventsATurn = (day.events + storm.events) / Math.max(1, day.times.length + storm.times.length);
  const room = bytes.room / Math.max(1, events);
  return [
    ['what', 'figure', 'how it was come by'],
    ['portal', `${replicas} ${replicas === 1 ? 'process' : 'replicas'} on ${database}`, ''],
    ...connecting(options, measured),
    ...answering(measured),
    ...processor(measured, perEvent, perBeat),
    [
      'bytes an event',
      `${figure(bytes.json / events)} JSON, ${figure(bytes.wire / events)} on the wire, ${figure(room)} stored`,
      `${figure(eventsATurn)} events a turn`,
    ],
    ...costs(assumed, perEvent, room),
    ...limits(options, measured, perEvent),
    ...fleets(assumed, demandOf(assumed, eventsATurn, perEvent, perBeat), {
      room,
      wire: bytes.wire / events,
      eventsATurn,
    }),
    [
      'events stored',
      `${events}`,
      `${measured.doubles} twice, ${measured.missing} acknowledged and missing, ${measured.strangers} never sent`,
    ],
  ];
}

const isEnough = (events: number): boolean => events >= 1_000;

function connecting({ agents }: LoadOptions, { enrolling }: Measured): Rows {
  const { done, spent } = enrolling;
  return [
    ['agents', `${done.length} of ${agents} enrolled`, `all at once; ${unanswered(enrolling)}`],
    ['connected: half / 95 % / all', whenDone(done, agents), 'after they came'],
    [
      'enrolments a second per core',
      figure(done.length / Math.max(0.01, spent.portal + spent.database)),
      'of processor time, portal and database together, with the heartbeat that follows each, and the sending away',
    ],
  ];
}

function answering({ enrolling, day, storm, seen }: Measured): Rows {
  return [
    [
      'ingest on a day, p50 / p95 / p99',
      times(day.times),
      `${day.times.length} turns at ${figure(day.times.length / day.spent.seconds)} a second; ${unanswered(day)}`,
    ],
    [
      'ingest in a storm, p50 / p95 / p99',
      times(storm.times),
      `all agents at once after an outage; ${unanswered(storm)}`,
    ],
    [
      'nothing waiting: half / 95 % / all',
      whenDone(storm.done, enrolling.done.length),
      `after the portal was back; ${storm.events} events`,
    ],
    [
      'events a second that came through',
      figure((storm.events * 0.95) / Math.max(0.001, quantile(storm.done, 0.95) / 1000)),
      'of the first 95 %; agents, portal and database on one machine. The last wait out their own time after several failures',
    ],
    [
      'health meanwhile, p50 / p95 / p99',
      times(seen.health),
      `while they enrolled and in the storm; at most ${figure(Math.max(0, ...seen.health))} ms; ${seen.failed} requests of people without an answer`,
    ],
    ['list of agents meanwhile, p50 / p95 / p99', times(seen.list), 'as a person at the page asks for it'],
  ];
}

function processor({ day, storm, beats }: Measured, perEvent: PerEvent, perBeat: number): Rows {
  const inStorm = perEventOf(storm);
  const ms = (seconds: number) => figure(seconds * 1000);
  return [
    [
      'processor time an event',
      `${ms(perEvent.all)} ms`,
      `judging ${ms(perEvent.judging)}, storing and answering ${ms(perEvent.portal - perEvent.judging)}, the database's own processes ${ms(perEvent.database)}; ${isEnough(day.events) ? `${day.events} events of the day` : 'of the storm, as the day had too few events'}`,
    ],
    [
      'the same in the storm',
      `${ms(inStorm.all)} ms`,
      `judging ${ms(inStorm.judging)}; with the sending away; ${storm.events} events`,
    ],
    ['events a second per core', figure(1 / perEvent.all), 'portal and database together'],
    ['of it the portal alone', figure(1 / perEvent.portal), ''],
    ['heartbeats a second per core', figure(1 / perBeat), unanswered(beats)],
  ];
}

function costs(assumed: Assumptions, perEvent: PerEvent, room: number): Rows {
  const { processor: used, idle, storage } = cost(perEvent.all, room, assumed);
  return [
    ['processor time a million events', `${figure((perEvent.all * 1e6) / 3600)} core hours`, ''],
    [
      'cost a million events',
      figure(used + idle + storage),
      `processor ${used.toFixed(3)} at work and ${idle.toFixed(3)} held ready for the peak, ${figure(storage)} storage; assumed: ${assumed.coreHour} a core hour all day, ${assumed.gbMonth} a GB month, kept ${assumed.retentionMonths} months`,
    ],
  ];
}

function limits(
  { database }: LoadOptions,
  { storm, enrolling, syncMs, peakMemory }: Measured,
  perEvent: PerEvent,
): Rows {
  const one = database === 'postgres' ? ', and an organisation’s wait for one another' : '';
  return [
    ['limit: processor', `${Math.floor(1 / perEvent.portal)} events/s a replica`, 'judging and storing, one thread'],
    [
      'limit: judging alone',
      perEvent.judging > 0 ? `${Math.floor(1 / perEvent.judging)} events/s` : 'too little to count',
      'what a replica could do if storing cost nothing',
    ],
    [
      'limit: sync',
      `${figure(1000 / syncMs)} batches/s`,
      `${figure(syncMs)} ms a sync here; a batch is one transaction${one}`,
    ],
    [
      'limit: connections',
      `${Math.max(storm.most, enrolling.most)} requests at once seen`,
      'agents keep a connection each for a minute; as many files must be allowed',
    ],
    ['limit: memory', `${figure(peakMemory / MIB)} MiB at most`, 'the largest replica'],
  ];
}

function fleets(
  assumed: Assumptions,
  demand: Demand,
  { room, wire, eventsATurn }: { room: number; wire: number; eventsATurn: number },
): Rows {
  const eventsADay = assumed.fleet * assumed.turnsADay * eventsATurn;
  const gb = (bytes: number) => `${figure((eventsADay * bytes) / 1e9)} GB a day`;
  const much = `${assumed.fleet.toLocaleString('en')} developers`;
  return [
    [
      'agents per core',
      Math.floor(assumed.planned / demand.cores).toString(),
      `at ${figure(demand.eventsASecond)} events a second each at the peak, ${assumed.planned * 100} % of the core`,
    ],
    [
      'agents per replica',
      Math.floor(assumed.planned / demand.portal).toString(),
      'a replica is one process, which uses one core; the database apart',
    ],
    [
      `${much}: events`,
      `${figure(demand.eventsASecond * assumed.fleet)} a second at the peak`,
      `${figure(eventsADay / 1e6)} million a day: ${assumed.turnsADay} turns in ${assumed.workingHours} hours, ${assumed.peak} times the average at the peak`,
    ],
    [
      `${much}: cores`,
      Math.ceil((demand.cores * assumed.fleet) / assumed.planned).toString(),
      'portal and database, at the peak; of one organisation only as many as its one chain lets work at once',
    ],
    [`${much}: stored`, gb(room), 'rows and indexes of this database'],
    [`${much}: in a column store`, gb(wire), 'if it packs as well as gzip does a turn; none was measured'],
  ];
}

/** In seconds; of those that were to do it, not of those that did. */
function whenDone(done: readonly number[], all: number): string {
  const sorted = [...done].sort((a, b) => a - b);
  const at = (share: number) => {
    const ms = sorted[Math.max(0, Math.ceil(all * share) - 1)];
    return ms === undefined ? 'never' : figure(ms / 1000);
  };
  return `${at(0.5)} / ${at(0.95)} / ${at(1)} s`;
}

const times = (all: readonly number[]): string =>
  `${[0.5, 0.95, 0.99].map((q) => figure(quantile(all, q))).join(' / ')} ms`;

const unanswered = ({ shed, failed, late }: Answers): string =>
  `${shed} times sent away (503), ${failed} failed${late > 0 ? `, ${late} of them after 30 s without an answer` : ''}`;
