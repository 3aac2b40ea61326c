import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { readSession } from '../../src/capture/read-session.ts';
import type { SessionCursor } from '../../src/capture/session-cursor.ts';
import type { Measurement } from './main.ts';
import { benchContext, benchHost } from './surroundings.ts';

const LARGE_BYTES = 300_000_000;
const TURNS = [1, 10, 100, 1_000, 10_000];
const ROUNDS = 15;
const MIB = 1024 * 1024;

/** Memory over a session of 300 MB, and what one more turn costs in a session of that many turns. */
export const measurement: Measurement = {
  title: 'A session of Kiro 1.x that grows',
  async run() {
    const folder = mkdtempSync(path.join(tmpdir(), 'capsule-bench-'));
    try {
      return [
        ['what', 'session', 'events', 'figure'],
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
  const session = makeSession(folder, 'sess_large');
  const file = openSync(path.join(session, 'messages.jsonl'), 'w');
  for (let bytes = 0, n = 1; bytes < LARGE_BYTES; n++) bytes += writeSync(file, turn(n, 8_000));
  closeSync(file);
  return ['full', 'redacted'].map((level) => {
    const said = execFileSync(process.execPath, [program, session, level], { encoding: 'utf8' });
    const { before, peak, events, seconds } = JSON.parse(said) as Record<string, number>;
    const mib = (bytes = 0) => (bytes / MIB).toFixed(0);
    const figure = `${mib(before)} MiB resident before, ${mib(peak)} MiB at most, ${seconds?.toFixed(0)} s`;
    return [`memory, level ${level}`, '300 MB', String(events), figure];
  });
}

async function measureTurns(folder: string): Promise<string[][]> {
  const context = benchContext();
  const rows: [number, number, number][] = [];
  for (const turns of TURNS) {
    const session = makeSession(folder, `sess_${turns}`);
    const messages = path.join(session, 'messages.jsonl');
    let cursor: SessionCursor | null = null;
    let times: number[] = [];
    const readOn = async () => {
      for (let more = true; more; ) {
        const read = await readSession(
          benchHost,
          { id: path.basename(session), path: session, messages },
          cursor,
          context,
        );
        cursor = JSON.parse(JSON.stringify(read.cursor)) as SessionCursor;
        more = read.more;
      }
    };
    const file = openSync(messages, 'w');
    for (let n = 1; n < turns; n++) writeSync(file, turn(n, 200));
    closeSync(file);
    await readOn();
    for (let n = turns; n < turns + ROUNDS; n++) {
      appendFileSync(messages, turn(n, 200));
      const started = performance.now();
      await readOn();
      times.push(performance.now() - started);
    }
    times = times.toSorted((a, b) => a - b);
    rows.push([turns, statSync(messages).size, times[Math.floor(ROUNDS / 2)] ?? 0]);
  }
  const [, , first = 1] = rows[0] ?? [];
  return rows.map(([turns, bytes, ms]) => [
    'one more turn',
    `${turns} turns, ${(bytes / 1e6).toFixed(1)} MB`,
    '27',
    `${ms.toFixed(2)} ms, × ${(ms / first).toFixed(2)}`,
  ]);
}

function makeSession(folder: string, id: string): string {
  const session = path.join(folder, id);
  mkdirSync(session);
  const meta = { title: 'A session', agentMode: 'vibe', modelId: 'auto', workspacePaths: ['/home/dev/demo'] };
  writeFileSync(path.join(session, 'session.json'), JSON.stringify(meta));
  return session;
}

/** One turn: a prompt, eight times an answer and a tool call whose result has that many letters, and its end. */
function turn(n: number, resultLength: number): string {
  let time = Date.UTC(2026, 8, 1) + n * 60_000;
  const execution = `exec-${n}`;
  const record = (id: string, payload: object) =>
    `${JSON.stringify({ id: `${execution}-${id}`, timestamp: new Date(time++).toISOString(), payload: { ...payload, executionId: execution } })}\n`;
  const content = 'const answer = await fetchAnswer(question); // and what else a file holds\n'
    .repeat(Math.ceil(resultLength / 74))
    .slice(0, resultLength);
  let text = record('user', { type: 'user', content: `Prompt ${n}` }) + record('start', { type: 'turn_start' });
  for (let k = 0; k < 8; k++) {
    const toolCallId = `tooluse_${n}_${k}`;
    text += record(`say-${k}`, { type: 'assistant', content: 'I look at the file.', operationType: 'Say' });
    text += record(`call-${k}`, {
      ...{ type: 'tool_call', toolCallId, toolName: 'read_file', kind: 'read' },
      args: { path: '/home/dev/demo/src/answer.ts' },
    });
    text += record(`result-${k}`, { type: 'tool_result', toolCallId, content, success: true });
  }
  return text + record('end', { type: 'turn_end', stopReason: 'end_turn' });
}
