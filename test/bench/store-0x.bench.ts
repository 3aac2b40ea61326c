import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cursor } from '../../src/capture/session-source.ts';
import { source0x } from '../../src/capture/source-0x.ts';
import { agentStorage, hashName } from '../../src/kiro/places-0x.ts';
import type { Measurement } from './main.ts';
import { benchContext, benchHost } from './surroundings.ts';

const WORKSPACES = 8;
/** Executions in all, and the size of each file: real sizes, then as many as a heavy user has, then a store of 5 GB. */
const STORES: [executions: number, kilobytes: number][] = [
  [80, 2500],
  [800, 500],
  [8000, 50],
  [2000, 2500],
];
/** A chat has a file beside its executions', of which a look takes a stat each. */
const CHATS = 40;
const TURN_KILOBYTES = [250, 1000, 2500];
const DAY_MS = 24 * 60 * 60_000;

/** What following a store of Kiro 0.x costs: looks at which nothing is new, and one new turn, in stores of several sizes. */
export const measurement: Measurement = {
  title: 'A store of Kiro 0.x',
  async run() {
    const rows: string[][] = [];
    for (const [executions, kilobytes] of STORES) {
      const folder = mkdtempSync(path.join(tmpdir(), 'capsule-bench-'));
      const store = new Store(folder);
      store.fill(executions, kilobytes);
      const baseline = await timed(() => store.baseline());
      const still = await median(20, () => store.sweep());
      const turns: string[] = [];
      for (const size of TURN_KILOBYTES) turns.push(fixed(await store.newTurn(size)));
      const size = `${((executions * kilobytes) / 1000).toFixed(0)} MB`;
      rows.push([String(executions), size, fixed(baseline), fixed(still), ...turns, readAll(folder)]);
      rmSync(folder, { recursive: true });
    }
    const heads = TURN_KILOBYTES.map((size) => `ms for a new turn of ${size} KB`);
    return [
      [
        'executions',
        'in all',
        'ms for the baseline',
        'ms for a look, nothing new',
        ...heads,
        'MiB at most to read all',
      ],
      ...rows,
    ];
  },
};

class Store {
  readonly #storage: string;
  readonly #source;
  readonly #cursors = new Map<string, Cursor>();
  readonly #executions: { executionId: string; status: string; startTime: number; endTime: number }[][] = [];

  constructor(userData: string) {
    this.#storage = agentStorage(userData);
    this.#source = source0x(benchHost, () => [userData]);
  }

  fill(executions: number, kilobytes: number): void {
    const old = new Date(Date.now() - DAY_MS);
    for (let workspace = 0; workspace < WORKSPACES; workspace++) {
      this.#executions.push([]);
      for (let n = 0; n < executions / WORKSPACES; n++) {
        const file = this.#write(workspace, kilobytes, old.getTime() + n);
        utimesSync(file, old, old);
      }
      this.#writeIndex(workspace);
      this.#writeChats(workspace);
    }
  }

  async baseline(): Promise<void> {
    for await (const { sessionId, cursor } of this.#source.baseline()) this.#cursors.set(sessionId, cursor);
  }

  /** Answers how many events there were. */
  async sweep(): Promise<number> {
    let events = 0;
    for await (const { sessionId, read } of this.#source.sweep(
      { get: (_, id) => this.#cursors.get(id) ?? null },
      benchContext(),
    )) {
      this.#cursors.set(sessionId, read.cursor);
      events += read.events.length;
    }
    return events;
  }

  /** Of the look that finds it, in ms. */
  async newTurn(kilobytes: number): Promise<number> {
    this.#write(0, kilobytes, Date.now());
    this.#writeIndex(0);
    const started = performance.now();
    const events = await this.sweep();
    if (events === 0) throw new Error('the new turn was not found');
    return performance.now() - started;
  }

  #write(workspace: number, kilobytes: number, startTime: number): string {
    const saves = path.join(this.#folder(workspace), hashName('KIRO::EXECUTION::SAVES'));
    mkdirSync(saves, { recursive: true });
    const executions = this.#executions[workspace] ?? [];
    const entry = {
      executionId: `${workspace}-${executions.length}`,
      status: 'succeed',
      startTime,
      endTime: startTime + 9,
    };
    executions.push(entry);
    const file = path.join(saves, hashName(entry.executionId));
    writeFileSync(file, JSON.stringify(executionOf(entry, workspace, kilobytes)));
    if (statSync(file).size < kilobytes * 900) throw new Error('the file is too small');
    return file;
  }

  #writeIndex(workspace: number): void {
    const file = path.join(this.#folder(workspace), hashName('KIRO::EXECUTION::METADATA'));
    writeFileSync(file, JSON.stringify({ executions: this.#executions[workspace], version: '2.0.0' }));
  }

  #writeChats(workspace: number): void {
    const folder = path.join(this.#storage, 'workspace-sessions', `w${workspace}`);
    mkdirSync(folder, { recursive: true });
    const workspaceDirectory = `/w/${workspace}`;
    const ids = Array.from({ length: CHATS }, (_, n) => `chat-${workspace}${n === 0 ? '' : `-${n}`}`);
    for (const sessionId of ids) {
      const history = [{ message: { role: 'user', id: 'm', content: 'Go' } }];
      writeFileSync(path.join(folder, `${sessionId}.json`), JSON.stringify({ sessionId, workspaceDirectory, history }));
    }
    const list = ids.map((sessionId) => ({ sessionId, workspaceDirectory }));
    writeFileSync(path.join(folder, 'sessions.json'), JSON.stringify(list));
  }

  #folder(workspace: number): string {
    return path.join(this.#storage, hashName(`/w/${workspace}`));
  }
}

/** Ten tool calls that hold a fifth of the file; the rest is the conversation that Kiro keeps beside them. */
function executionOf(entry: { executionId: string; startTime: number }, workspace: number, kilobytes: number) {
  const text = (length: number) => 'const answer = compute(42); // a line\n'.repeat(Math.ceil(length / 38));
  const actions = Array.from({ length: 10 }, (_, n) => ({
    actionId: `tooluse_${n}`,
    actionType: 'readFile',
    actionState: 'Success',
    emittedAt: entry.startTime + n,
    input: { path: `src/${n}.ts` },
    output: { content: text(kilobytes * 20) },
  }));
  return {
    ...entry,
    chatSessionId: `chat-${workspace}`,
    input: { data: { userPrompt: 'Go', workspacePaths: [`/w/${workspace}`] } },
    actions,
    context: { messages: [{ role: 'human', entries: [text(kilobytes * 800)] }] },
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function median(rounds: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await timed(work));
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
}

/** In a process of its own, so that generating the store is not counted. */
function readAll(userData: string): string {
  const script = fileURLToPath(new URL('read-store.ts', import.meta.url));
  return execFileSync(process.execPath, [script, 'ide-0.x', userData], { encoding: 'utf8' });
}

const fixed = (ms: number) => ms.toFixed(1);
