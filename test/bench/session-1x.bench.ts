import { execFileSync } from 'node:child_process';
import { appendFileSync, closeSync, mkdtempSync, openSync, rmSync, statSync, symlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { readSession } from '../../src/capture/read-session.ts';
import type { SessionCursor } from '../../src/capture/session-cursor.ts';
import { judged, MIB, median, NO_TARGET, timed } from './figures.ts';
import { makeSession, turnText } from './kiro-session.ts';
import type { Measurement } from './main.ts';
import { benchContext, benchHost } from './surroundings.ts';

const LARGE_BYTES = 300_000_000;
const TURNS = [1, 10, 100, 1_000, 10_000];
const ROUNDS = 50;
/** So many turns are read before any is timed: code that has not run yet is slower than a long session. */
const WARM_UP = 100;

/** Memory over a session of 300 MB, and what one more turn costs in a session of that many turns. */
export const measurement: Measurement = {
  title: 'A session of Kiro 1.x that grows',
  async run() {
    const folder = mkdtempSync(path.join(tmpdir(), 'capsule-bench-'));
    try {
      return [
        ['what', 'session', 'events', 'figure', 'target', ''],
        ...(await measureMemory(folder)),
        ...(await measureTurns(folder)),
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measureMemory(folder: string): Promise<string[][]> {
  // Where it finds the texts that belong to it as in a checkout.
  const program = path.join(folder, 'test', 'bench', 'large-session.mjs');
  symlinkSync(fileURLToPath(new URL('../../installer-assets', import.meta.url)), path.join(folder, 'installer-assets'));
  await build({
    entryPoints: [fileURLToPath(new URL('large-session.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  const messages = makeSession(folder, 'sess_large');
  const session = path.dirname(messages);
  const file = openSync(messages, 'w');
  for (let bytes = 0, n = 1; bytes < LARGE_BYTES; n++) bytes += writeSync(file, turnText(n, 8_000));
  closeSync(file);
  return ['full', 'redacted'].map((level) => {
    const said = execFileSync(process.execPath, [program, session, level], { encoding: 'utf8' });
    const { before, peak, events, seconds } = JSON.parse(said) as Record<string, number>;
    const mib = (bytes = 0) => (bytes / MIB).toFixed(0);
    const figure = `${mib(before)} MiB resident before, ${mib(peak)} MiB at most, ${seconds?.toFixed(0)} s`;
    return [`memory, level ${level}`, '300 MB', String(events), figure, ...NO_TARGET];
  });
}

async function measureTurns(folder: string): Promise<string[][]> {
  await oneMoreTurn(folder, { name: 'warm-up', turns: 1, rounds: WARM_UP });
  const rows: { turns: number; bytes: number; ms: number; events: number }[] = [];
  for (const turns of TURNS)
    rows.push({ turns, ...(await oneMoreTurn(folder, { name: `sess_${turns}`, turns, rounds: ROUNDS })) });
  const first = rows[0]?.ms ?? 1;
  return rows.map(({ turns, bytes, ms, events }) => [
    'one more turn',
    `${turns} turns, ${(bytes / 1e6).toFixed(1)} MB`,
    String(events),
    `${ms.toFixed(2)} ms, × ${(ms / first).toFixed(2)}`,
    ...(turns === 1 ? NO_TARGET : judged(ms / first, { atMost: 1.5 })),
  ]);
}

/** The median time to read one turn more, in a session that has so many. */
async function oneMoreTurn(
  folder: string,
  { name, turns, rounds }: { name: string; turns: number; rounds: number },
): Promise<{ bytes: number; ms: number; events: number }> {
  const context = benchContext();
  const messages = makeSession(folder, name);
  const session = { id: name, path: path.dirname(messages), messages };
  let cursor: SessionCursor | null = null;
  let events = 0;
  const readOn = async () => {
    events = 0;
    for (let more = true; more; ) {
      const read = await readSession(benchHost, session, cursor, context);
      cursor = JSON.parse(JSON.stringify(read.cursor)) as SessionCursor;
      more = read.more;
      events += read.events.length;
    }
  };
  const file = openSync(messages, 'w');
  for (let n = 1; n < turns; n++) writeSync(file, turnText(n, 200));
  closeSync(file);
  await readOn();
  const times: number[] = [];
  for (let n = turns; n < turns + rounds; n++) {
    appendFileSync(messages, turnText(n, 200));
    times.push(await timed(readOn));
  }
  return { bytes: statSync(messages).size, ms: median(times), events };
}
