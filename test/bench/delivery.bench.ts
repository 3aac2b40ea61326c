import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openOutbox } from '../../src/relay/open-outbox.ts';
import { anEvent } from '../helpers/events.ts';
import { figure, judged, median, NO_TARGET } from './figures.ts';
import { makeSession, turnText } from './kiro-session.ts';
import type { Measurement } from './main.ts';
import { type Rsyslog, startRsyslog, whyNoRsyslog } from './rsyslog.ts';
import {
  type BenchHome,
  end,
  enrolAt,
  inFolder,
  layOutHome,
  programWords,
  type Sink,
  startDaemon,
  startSink,
} from './stage.ts';

/** As many as a target asks for, or as fit into this time. */
const ROUNDS = 50;
const LIMIT_MS = 120_000;
const AT_ONCE = 16;
const TURNS = 12;
const EVENT_BYTES = 2_048;
const BACKLOG = 20_000;
const RSYSLOG_LINES = 3_200;

/** How fast events leave, in events a second until an HTTP server has all of them; rsyslog in the same rounds. */
export const measurement: Measurement = {
  title: 'Delivery, and the whole path to HTTP',
  run: () =>
    inFolder(async (folder) => {
      const words = await programWords('bundle', folder);
      const missing = whyNoRsyslog();
      if (missing !== null) process.stdout.write(`\n!!! ${missing}: there is nothing to compare with !!!\n\n`);
      const rsyslog = missing === null ? await besideOurs(folder) : undefined;
      const full = await sixteenSessions(path.join(folder, 'full'), words, 'full');
      const redacted = await sixteenSessions(path.join(folder, 'redacted'), words, 'redacted');
      const runs = [full, redacted, ...(rsyslog === undefined ? [] : [rsyslog])];
      const rates = await inTurns(runs);
      const backlog = await deliverBacklog(path.join(folder, 'backlog'), words);
      const theirs = rsyslog && median(rates.get(rsyslog) ?? []);
      const rounds = `median of ${rates.get(full)?.length ?? 0}`;
      const row = (name: string, rate: number, target: number | null) => {
        const ratio = theirs === undefined ? null : rate / theirs;
        const told = ratio === null || target === null ? NO_TARGET : judged(ratio, { atLeast: target });
        return [name, figure(rate), ratio === null ? 'rsyslog is missing' : figure(ratio), ...told];
      };
      const rows = [
        row(`whole path, ${AT_ONCE} sessions at once, level full, ${rounds}`, median(rates.get(full) ?? []), 5),
        row(
          `whole path, ${AT_ONCE} sessions at once, level redacted, ${rounds}`,
          median(rates.get(redacted) ?? []),
          null,
        ),
        row(`${BACKLOG} events that waited`, backlog, null),
      ];
      if (theirs !== undefined)
        rows.push([
          `rsyslog, ${AT_ONCE} clients, synced disk queue, bulk HTTP, ${rounds}`,
          figure(theirs),
          '1',
          ...NO_TARGET,
        ]);
      return [['what', 'events a second', '× rsyslog', 'target', ''], ...rows];
    }),
};

/** The rates of each, round by round. The first round warms up: modules are loaded, code is compiled, queues are made. */
async function inTurns(runs: readonly Runs[]): Promise<Map<Runs, number[]>> {
  const rates = new Map(runs.map((each) => [each, [] as number[]]));
  try {
    const began = performance.now();
    for (let round = 0; round <= ROUNDS && performance.now() - began < LIMIT_MS; round++) {
      for (const each of runs) {
        const rate = await each.round();
        if (round > 0) rates.get(each)?.push(rate);
      }
    }
  } finally {
    for (const each of runs) await each.stop();
  }
  return rates;
}

interface Runs {
  /** Events a second. */
  round(): Promise<number>;
  stop(): Promise<void>;
}

/** Turns of many sessions, on disk at the same moment: from the first ring until the server has the last event. */
async function sixteenSessions(folder: string, words: readonly string[], level: string): Promise<Runs> {
  const home = layOutHome(folder);
  const sink = await startSink();
  enrolAt(home, sink.url, { 'content.level': level });
  const daemon = await startDaemon(home, words);
  const sessions = Array.from({ length: AT_ONCE }, (_, n) => ({
    id: `sess_${n}`,
    messages: makeSession(home.sessions, `sess_${n}`),
  }));
  let turn = 0;
  let expected = 0;
  const play = async (turns: number) => {
    for (const { messages } of sessions)
      appendFileSync(messages, Array.from({ length: turns }, (_, n) => turnText(turn + n + 1, 4_500)).join(''));
    turn += turns;
    const began = performance.now();
    for (const { id } of sessions) ring(home, id, turn);
    return began;
  };
  // What a turn becomes is counted, not supposed: the first also tells of the session.
  const count = async () => {
    await play(1);
    return settled(sink);
  };
  const first = await count();
  const perTurn = (await count()) - first;
  expected = first + perTurn;
  return {
    async round() {
      const began = await play(TURNS);
      expected += perTurn * TURNS;
      return (perTurn * TURNS) / (((await sink.reached(expected)) - began) / 1_000);
    },
    async stop() {
      await end(daemon);
      await sink.stop();
    },
  };
}

function ring({ own }: BenchHome, session: string, n: number): void {
  writeFileSync(path.join(own.rings, `${session}-${n}.json`), JSON.stringify({ session_id: session }));
}

/** How many events came, once none has come for two seconds. */
async function settled(sink: Sink): Promise<number> {
  for (let last = -1; last !== sink.events() || last === 0; ) {
    last = sink.events();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
  return sink.events();
}

async function besideOurs(folder: string): Promise<Runs> {
  const sink = await startSink();
  const rsyslog: Rsyslog = await startRsyslog(folder, Number(new URL(sink.url).port));
  let expected = 0;
  return {
    async round() {
      expected += RSYSLOG_LINES;
      const began = performance.now();
      await rsyslog.send(RSYSLOG_LINES, AT_ONCE, EVENT_BYTES);
      return RSYSLOG_LINES / (((await sink.reached(expected)) - began) / 1_000);
    },
    async stop() {
      await end(rsyslog.child, 'SIGKILL');
      await sink.stop();
    },
  };
}

/** As after a time offline. */
async function deliverBacklog(folder: string, words: readonly string[]): Promise<number> {
  const home = layOutHome(folder);
  const outbox = openOutbox(home.own.database, () => new Date());
  const text = 'const answer = await fetchAnswer(question);\n'.repeat(34);
  for (let n = 0; n < BACKLOG; n += 1_000) {
    outbox.commit({ events: Array.from({ length: 1_000 }, (_, k) => anEvent(n + k, { body: { text } })) });
  }
  outbox.close();
  const sink = await startSink();
  enrolAt(home, sink.url);
  const daemon = await startDaemon(home, words);
  const began = await sink.reached(1);
  const seconds = ((await sink.reached(BACKLOG)) - began) / 1_000;
  await end(daemon);
  await sink.stop();
  return BACKLOG / seconds;
}
