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
import { type Fleet, simulate } from './fleet.ts';
import { type LoadOptions, readOptions } from './options.ts';
import { layPortals, type Portals } from './portals.ts';
import { type Measured, type Spent, tableOf } from './table.ts';

const README = new URL('../bench/README.md', import.meta.url);
/** Waits of the agents in the outage and after it are so much shorter than real ones. */
const COMPRESS = 10;
const OUTAGE_MS = 5_000;
const MINUTE_MS = 60_000;

const options = readOptions(process.argv.slice(2));
const load = (os.loadavg()[0] ?? 0).toFixed(1);
const begun = performance.now();
const portals = await layPortals(options.database, options.replicas);
const fleet = simulate(options.agents, portals.addresses, COMPRESS);
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
  say(`${agents} agents enrol …`);
  const enrolling = await spending(portals, () => fleet.enrol(portals.ask('token'), by(0.35)));
  const enrolled = enrolling.result;
  if (enrolled === 0) throw new Error('no agent could enrol');
  const empty = await portals.room();

  const turnsASecond = (enrolled * assumed.turnsADay) / (assumed.workingHours * 3600);
  say(
    `${enrolled} enrolled in ${enrolling.spent.seconds.toFixed(0)} s. A day's traffic, ${turnsASecond.toFixed(1)} turns a second …`,
  );
  const day = await spending(portals, () => fleet.work(turnsASecond, by(0.15)));
  const ofDay = fleet.told().acknowledged.size;
  say(`${ofDay} events. A heartbeat of each …`);
  const beats = await spending(portals, () => fleet.beat(by(0.1)));

  say('An outage …');
  await portals.kill();
  let ends = Number.POSITIVE_INFINITY;
  const { away, done } = fleet.storm(() => ends);
  await wait(OUTAGE_MS);
  // What failed because nobody was there is no answer of the portal's.
  const refused = away.failed;
  await portals.begin();
  const back = performance.now();
  ends = by(0.4);
  const ticker = setInterval(() => say(`${fleet.told().acknowledged.size - ofDay} events are back`), 5_000);
  const storm = await spending(portals, () => done);
  clearInterval(ticker);
  const drainSeconds = (performance.now() - back) / 1000;

  const { acknowledged, sent, bytes } = fleet.told();
  say('Is each there once?');
  const stored = await portals.ids();
  const distinct = new Set(stored);
  return {
    enrolled,
    enrolling: enrolling.spent,
    day: { ...day.result, events: ofDay, spent: day.spent },
    beats: { ...beats.result, spent: beats.spent },
    storm: {
      ...away,
      failed: away.failed - refused,
      events: acknowledged.size - ofDay,
      spent: storm.spent,
      ...storm.result,
      drainSeconds,
    },
    events: acknowledged.size,
    bytes: { ...bytes, room: (await portals.room()) - empty },
    peakMemory: portals.peakMemory(),
    syncMs,
    doubles: stored.length - distinct.size,
    missing: [...acknowledged].filter((id) => !distinct.has(id)).length,
    strangers: [...distinct].filter((id) => !sent.has(id)).length,
  };
}

async function spending<T>(portals: Portals, work: () => Promise<T>): Promise<{ result: T; spent: Spent }> {
  const [before, begun] = [portals.cpu(), performance.now()];
  const result = await work();
  const after = portals.cpu();
  const seconds = (performance.now() - begun) / 1000;
  return {
    result,
    spent: { seconds, portal: after.portal - before.portal, database: after.database - before.database },
  };
}

function say(line: string): void {
  process.stderr.write(`${((performance.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${line}\n`);
}

/** Without the thousands of times that the table is made of. */
function brief({ day, beats, storm, ...rest }: Measured) {
  const without = <T extends { times: number[] }>({ times, ...others }: T) => ({ ...others, answered: times.length });
  return { ...rest, day: without(day), beats: without(beats), storm: without(storm) };
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
