import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import type { Cursor, SessionSource } from '../../src/capture/session-source.ts';
import { sourceCli2 } from '../../src/capture/source-cli2.ts';
import type { Measurement } from './main.ts';
import { benchContext, benchHost } from './surroundings.ts';

const TURNS = [10, 100, 1_000, 10_000];
const ROUNDS = 15;
/** Letters of a tool's result: a turn of some kilobytes. */
const RESULT = 2_000;

/** What one more turn of Kiro CLI 2 costs, in a log and in a database's conversation of that many turns. */
export const measurement: Measurement = {
  title: 'A store of Kiro CLI 2',
  async run() {
    const rows = [
      [
        'store',
        'turns',
        'size',
        'new turn, ms (median)',
        'nothing new, ms (median)',
        'SQLite and JSON.parse alone, ms',
        'MiB at most to read all',
      ],
    ];
    for (const make of [flatStore, databaseStore]) {
      for (const turns of TURNS) {
        const folder = mkdtempSync(path.join(tmpdir(), 'capsule-bench-'));
        try {
          const store = make(folder, turns);
          const memory = readAll(folder);
          rows.push([...(await measure(store)), memory]);
        } finally {
          rmSync(folder, { recursive: true });
        }
      }
    }
    return rows;
  },
};

interface Store {
  name: string;
  turns: number;
  bytes: number;
  source: SessionSource;
  addTurn(): void;
  /** What no reader of this store can save; null: nothing. */
  floor: (() => void) | null;
}

async function measure({ name, turns, bytes, source, addTurn, floor }: Store): Promise<string[]> {
  const cursors = new Map<string, Cursor>();
  const sweep = async () => {
    const started = performance.now();
    for await (const { sessionId, read } of source.sweep({ get: (_, id) => cursors.get(id) ?? null }, benchContext()))
      cursors.set(sessionId, read.cursor);
    return performance.now() - started;
  };
  await sweep();
  const [grown, same, least]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    addTurn();
    grown.push(await sweep());
    same.push(await sweep());
    const started = performance.now();
    floor?.();
    least.push(performance.now() - started);
  }
  const alone = floor === null ? '' : median(least).toFixed(2);
  return [
    name,
    String(turns),
    `${(bytes / 1e6).toFixed(1)} MB`,
    median(grown).toFixed(2),
    median(same).toFixed(2),
    alone,
  ];
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const said = (n: number) => `Turn ${n}: ${'some words of a result. '.repeat(RESULT / 24)}`;

function flatStore(folder: string, turns: number): Store {
  const file = (suffix: string) => path.join(folder, `bench${suffix}`);
  const line = (kind: string, data: object) => `${JSON.stringify({ version: 'v1', kind, data })}\n`;
  let n = 0;
  const turn = () => {
    n += 1;
    const id = `m${n}`;
    const use = { toolUseId: `c${n}`, name: 'shell', input: { command: 'ls' } };
    const result = { toolUseId: `c${n}`, content: [{ kind: 'text', data: said(n) }], status: 'success' };
    return [
      line('Prompt', {
        message_id: `p-${id}`,
        content: [{ kind: 'text', data: 'Go on' }],
        meta: { timestamp: 1_788_436_800 + n },
      }),
      line('AssistantMessage', { message_id: `a-${id}`, content: [{ kind: 'toolUse', data: use }] }),
      line('ToolResults', { message_id: `r-${id}`, content: [{ kind: 'toolResult', data: result }] }),
      line('AssistantMessage', { message_id: `e-${id}`, content: [{ kind: 'text', data: 'Done' }] }),
    ].join('');
  };
  writeFileSync(file('.json'), JSON.stringify({ cwd: '/home/dev/project', created_at: '2026-09-03T11:00:00.000Z' }));
  const text = Array.from({ length: turns }, turn).join('');
  writeFileSync(file('.jsonl'), text);
  const source = sourceCli2(
    benchHost,
    () => ({ cliSessions: [folder], cliDatabases: [] }),
    () => true,
  );
  const addTurn = () => appendFileSync(file('.jsonl'), turn());
  return { name: 'flat log', turns, bytes: text.length, source, addTurn, floor: null };
}

function databaseStore(folder: string, turns: number): Store {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'data.sqlite3');
  const database = new DatabaseSync(file);
  database.exec(`CREATE TABLE conversations_v2 (key TEXT NOT NULL, conversation_id TEXT NOT NULL, value TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, PRIMARY KEY (key, conversation_id))`);
  database.close();
  const history: object[] = [];
  const put = (add: number) => {
    for (let n = history.length; add > 0; add--, n++) {
      const at = 1_788_436_800_000 + n * 1000;
      history.push({
        user: { content: { Prompt: { prompt: said(n) } } },
        assistant: { Response: { message_id: `e-${n}`, content: 'Done' } },
        request_metadata: { request_start_timestamp_ms: at, stream_end_timestamp_ms: at + 500 },
      });
    }
    const value = JSON.stringify({ history });
    const now = new DatabaseSync(file);
    now
      .prepare('INSERT OR REPLACE INTO conversations_v2 VALUES (?, ?, ?, ?, ?)')
      .run('/home/dev/project', 'bench', value, 1, history.length);
    now.close();
    return value.length;
  };
  const bytes = put(turns);
  const source = sourceCli2(
    benchHost,
    () => ({ cliSessions: [], cliDatabases: [file] }),
    () => true,
  );
  const floor = () => {
    const now = new DatabaseSync(file, { readOnly: true });
    JSON.parse(String(now.prepare('SELECT value FROM conversations_v2').get()?.value));
    now.close();
  };
  return { name: 'database', turns, bytes, source, addTurn: () => void put(1), floor };
}

/** In a process of its own, so that generating the store is not counted. */
function readAll(folder: string): string {
  const script = fileURLToPath(new URL('read-store.ts', import.meta.url));
  return execFileSync(process.execPath, [script, 'cli-2', folder], { encoding: 'utf8' });
}
