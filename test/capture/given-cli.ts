import { appendFileSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { CaptureContext } from '../../src/capture/capture-context.ts';
import type { Cursor, SessionSource, SweepStep } from '../../src/capture/session-source.ts';
import { sourceCli2 } from '../../src/capture/source-cli2.ts';
import type { CapsuleEvent } from '../../src/core/event.ts';
import type { Host } from '../../src/core/host.ts';
import { tempHost } from '../helpers/temp-home.ts';
import { givenContext } from './given-session.ts';

const FIXTURES = path.join(import.meta.dirname, '..', 'fixtures', 'kiro-cli');
export const flat = (name: string) => readFileSync(path.join(FIXTURES, 'flat', name), 'utf8');
export const value = (name: string) => readFileSync(path.join(FIXTURES, 'database', name), 'utf8');

export const ID = '11111111-1111-4111-8111-11111111111a';

/** The files' times, and the host's: the files have been quiet for ten seconds. */
export const CHANGED = new Date('2026-09-03T11:59:50.000Z');
export const LATER = new Date('2026-09-03T12:05:00.000Z');

export interface GivenCli {
  host: Host;
  source: SessionSource;
  log: string;
  database: string;
  /** Makes it this time of day, so that files become quiet. */
  setTime(now: Date): void;
  /** `capture.cli`. */
  switch(to: boolean): void;
  write(suffix: '.jsonl' | '.json' | '.lock', text: string, id?: string): void;
  append(text: string, id?: string): void;
  remove(suffix: '.lock' | '.json' | '.jsonl', id?: string): void;
  put(id: string, json: string, updatedAt: number, cwd?: string): void;
  /** Sweeps from the cursors it kept, as the daemon does. */
  sweep(context?: CaptureContext): Promise<SweepStep[]>;
  cursors: Map<string, Cursor>;
}

/** A machine on which Kiro CLI has run. */
export function givenCli(): GivenCli {
  let now = new Date('2026-09-03T12:00:00.000Z');
  let on = true;
  const host = tempHost({ now: () => now });
  const folder = path.join(host.home, '.kiro', 'sessions', 'cli');
  const database = path.join(host.home, '.local', 'share', 'kiro-cli', 'data.sqlite3');
  mkdirSync(folder, { recursive: true });
  mkdirSync(path.dirname(database), { recursive: true });
  const at = (suffix: string, id = ID) => path.join(folder, `${id}${suffix}`);
  const stamp = (file: string) => utimesSync(file, CHANGED, CHANGED);
  const source = sourceCli2(
    host,
    () => ({ cliSessions: [folder], cliDatabases: [database] }),
    () => on,
  );
  const cursors = new Map<string, Cursor>();
  return {
    host,
    source,
    log: at('.jsonl'),
    database,
    cursors,
    setTime: (to) => {
      now = to;
    },
    switch: (to) => {
      on = to;
    },
    write(suffix, text, id) {
      writeFileSync(at(suffix, id), text);
      // A lock is held against when its process began.
      if (suffix !== '.lock') stamp(at(suffix, id));
    },
    append(text, id) {
      appendFileSync(at('.jsonl', id), text);
      stamp(at('.jsonl', id));
    },
    remove: (suffix, id) => rmSync(at(suffix, id)),
    put: (id, json, updatedAt, cwd = '/home/dev/project') => putConversation(database, { id, json, updatedAt, cwd }),
    async sweep(context = givenContext()) {
      const steps: SweepStep[] = [];
      for await (const step of source.sweep({ get: (_, id) => cursors.get(id) ?? null }, context)) {
        // As the database keeps it.
        cursors.set(step.sessionId, JSON.parse(JSON.stringify(step.read.cursor)) as object);
        steps.push(step);
      }
      return steps;
    },
  };
}

interface Conversation {
  id: string;
  json: string;
  updatedAt: number;
  cwd: string;
}

/** As Kiro CLI lays it out, credentials included. */
function putConversation(file: string, { id, json, updatedAt, cwd }: Conversation): void {
  const database = new DatabaseSync(file);
  database.exec(`
    PRAGMA synchronous = OFF;
    CREATE TABLE IF NOT EXISTS conversations_v2 (key TEXT NOT NULL, conversation_id TEXT NOT NULL, value TEXT NOT NULL,
      created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, PRIMARY KEY (key, conversation_id));
    CREATE TABLE IF NOT EXISTS auth_kv (key TEXT PRIMARY KEY, value TEXT);
    CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT)`);
  database
    .prepare('INSERT OR REPLACE INTO conversations_v2 VALUES (?, ?, ?, ?, ?)')
    .run(cwd, id, json, CREATED_AT, updatedAt);
  database.close();
}

export const CREATED_AT = Date.UTC(2026, 6, 9, 4, 30, 16);

export const eventsOf = (steps: readonly SweepStep[]): CapsuleEvent[] => steps.flatMap(({ read }) => read.events);

/** One line a person can check: time, kind, what it is about. */
export function gist({ time, kind, body, turn }: CapsuleEvent): string {
  const about = () => {
    if (kind === 'tool.invoked') return `${body.name} ${body.exitCode} ${body.success}`;
    if (kind === 'turn.ended') return body.reason;
    return 'text' in body ? String(body.text).slice(0, 40) : '';
  };
  return `${time.slice(11, -1)} ${turn?.index ?? '-'} ${kind} ${about()}`.trimEnd();
}
