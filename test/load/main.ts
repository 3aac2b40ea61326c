/**
 * `npm run load [-- --agents N --minutes M --database sqlite|postgres --replicas N --json --write]`: a fleet of simulated agents
 * against portals that it starts, on loopback alone. It enrols them, has them work as on a day, send their heartbeats, and come
 * back all at once after an outage; then every event must be there once. `--write` puts the table into the README of the
 * measurements. What is assumed and not measured can be said: see `options.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { replaceTable } from '../bench/readme-table.ts';
import { type Coming, type Fleet, simulate } from './fleet.ts';
import { lookOn, type Seen } from './onlooker.ts';
import { type LoadOptions, readOptions } from './options.ts';
import { layPortals, type Portals } from './portals.ts';
import type { Spent } from './reckoning.ts';
import { type Measured, tableOf } from './table.ts';

const README = new URL('../bench/README.md', import.meta.url);
const OUTAGE_MS = 5_000;
const MINUTE_MS = 60_000;
const WARM_MS = 2_000;
const WARM_TURNS_A_SECOND = 20;

const options = readOptions(process.argv.slice(2));
const load = (os.loadavg()[0] ?? 0).toFixed(1);
const begun = performance.now();
const portals = await layPortals(options.database, options.replicas);
const fleet = simulate(options.agents, portals.addresses);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void portals.end().finally(() => process.exit(130)));
}
try {
  const measured = await measure(options, portals, fleet);
  const rows = tableOf(options, measured);
  const text = `${asTable(rows)}\n${provenance()}`;
  process.stdout.write(
    options.json ? `${JSON.stringify({ schemaVersion: 1, options, measured: brief(measured), rows })}\n` : `\n${text}`,
  );
  if (options.write)
    writeFileSync(README, replaceTable(readFileSync(README, 'utf8'), `load-${options.database}`, text));
  if (measured.doubles + measured.missing + measured.strangers > 0) process.exitCode = 1;
} finally {
  fleet.close();
  await portals.end();
}

async function measure({ agents, minutes, assumed }: LoadOptions, portals: Portals, fleet: Fleet): Promise<Measured> {
  const budget = minutes * MINUTE_MS;
  const by = (share: number) => performance.now() + budget * share;
  const syncMs = portals.syncMs();
  await portals.begin();
  const key = portals.key();
  const token = portals.ask('token');
  say(`${agents} agents enrol …`);
  const enrolling = await watched(
    portals,
    key,
    () => fleet.enrolled(),
    () => fleet.enrol(token, by(0.4)),
  );
  const enrolled = fleet.enrolled();
  if (enrolled === 0) throw new Error('no agent could enrol');
  const empty = await portals.room();

  const turnsASecond = (enrolled * assumed.turnsADay) / (assumed.workingHours * 3600);
  say(`${enrolled} enrolled. A day's traffic, ${turnsASecond.toFixed(1)} turns a second …`);
  // Policies are made ready with the first events, which is no part of what an event takes.
  await fleet.work(WARM_TURNS_A_SECOND, performance.now() + WARM_MS);
  const warm = fleet.told().acknowledged.size;
  const day = await spending(portals, () =>
    fleet.work(turnsASecond, performance.now() + Math.min(MINUTE_MS, budget * 0.1)),
  );
  const ofDay = fleet.told().acknowledged.size;
  say(`${ofDay - warm} events. A heartbeat of each …`);
  const beats = await spending(portals, () => fleet.beat(by(0.1)));

  say('An outage …');
  await portals.kill();
  let ends = Number.POSITIVE_INFINITY;
  const { coming, ended } = fleet.storm(() => ends);
  await wait(OUTAGE_MS);
  await portals.begin();
  // What failed because nobody was there is no answer of the portal's.
  const before = coming.failed;
  ends = by(0.4);
  const storm = await watched(
    portals,
    key,
    () => fleet.told().acknowledged.size - ofDay,
    () => ended,
  );

  const { acknowledged, sent, bytes } = fleet.told();
  say('Is each there once?');
  const stored = await portals.ids();
  const distinct = new Set(stored);
  return {
    enrolling: { ...sinceBegun(enrolling.result, enrolling.begun), spent: enrolling.spent },
    day: { ...day.result, events: ofDay - warm, spent: day.spent },
    beats: { ...beats.result, spent: beats.spent },
    storm: {
      ...sinceBegun(coming, storm.begun),
      failed: coming.failed - before,
      events: acknowledged.size - ofDay,
      spent: storm.spent,
    },
    seen: both(enrolling.seen, storm.seen),
    events: acknowledged.size,
    bytes: { ...bytes, room: (await portals.room()) - empty },
    peakMemory: portals.peakMemory(),
    syncMs,
    doubles: stored.length - distinct.size,
    missing: [...acknowledged].filter((id) => !distinct.has(id)).length,
    strangers: [...distinct].filter((id) => !sent.has(id)).length,
  };
}

function sinceBegun<T extends Coming>(coming: T, begun: number): T {
  return { ...coming, done: coming.done.map((at) => at - begun) };
}

interface Stretch<T> {
  result: T;
  spent: Spent;
  begun: number;
}

async function spending<T>(portals: Portals, work: () => Promise<T>): Promise<Stretch<T>> {
  const judgingBefore = await portals.judging();
  const [before, begun] = [portals.cpu(), performance.now()];
  const result = await work();
  const after = portals.cpu();
  const seconds = (performance.now() - begun) / 1000;
  return {
    result,
    begun,
    spent: {
      seconds,
      portal: after.portal - before.portal,
      judging: (await portals.judging()) - judgingBefore,
      database: after.database - before.database,
    },
  };
}

/** The same with a person at the page, and a word every five seconds on how far it is. */
async function watched<T>(
  portals: Portals,
  key: string,
  far: () => number,
  work: () => Promise<T>,
): Promise<Stretch<T> & { seen: Seen }> {
  const [first = ''] = portals.addresses();
  const enough = lookOn(first, key);
  const ticker = setInterval(() => say(`${far()} …`), 5_000);
  const spent = await spending(portals, work).finally(() => clearInterval(ticker));
  return { ...spent, seen: await enough() };
}

function both(a: Seen, b: Seen): Seen {
  return { health: [...a.health, ...b.health], list: [...a.list, ...b.list], failed: a.failed + b.failed };
}

function say(line: string): void {
  process.stderr.write(`${((performance.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${line}\n`);
}

/** Without the thousands of times that the table is made of. */
function brief({ enrolling, day, beats, storm, seen, ...rest }: Measured) {
  const without = <T extends { times: number[] }>({ times, ...others }: T) => ({ ...others, answered: times.length });
  const counted = <T extends Coming>({ done, ...others }: T) => ({ ...without(others), done: done.length });
  const stretches = { enrolling: counted(enrolling), day: without(day), beats: without(beats), storm: counted(storm) };
  return { ...rest, ...stretches, seen: { health: seen.health.length, list: seen.list.length, failed: seen.failed } };
}

function asTable([head = [], ...rows]: string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

function provenance(): string {
  const machine = `${os.cpus().length} cores (${os.cpus()[0]?.model.trim()}), ${os.platform()} ${os.release().split('-')[0]}`;
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  const command = `npm run load -- ${process.argv
    .slice(2)
    .filter((word) => word !== '--write')
    .join(' ')}`.trim();
  return `\`${command}\`, ${new Date().toISOString().slice(0, 10)}, Node ${process.version.slice(1)}, ${machine}; load ${load} when it began; ${seconds} s.\n`;
}
