import { existsSync } from 'node:fs';
import * as z from 'zod';
import { type Database, inTransaction, openDatabase } from '../core/database.ts';
import { Failure } from '../core/failure.ts';
import type { Host } from '../core/host.ts';

export const CHANGE_KINDS = [
  'hook-user',
  'hook-workspace',
  'trust',
  'permission',
  'git-exclude',
  'dispatcher',
  'folder',
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** One change of ours to a file that is not ours alone, with all that is needed to undo it. */
export interface RecordedChange {
  /** Rises with time. */
  id: number;
  kind: ChangeKind;
  file: string;
  /** Tells several changes of one file apart: the line, for `git-exclude`; else empty. */
  entry: string;
  /** The workspace's real root, for what belongs to one. */
  workspace: string | null;
  /** The file's bytes before; null when it did not exist. */
  before: Uint8Array | null;
  /** Exactly what was put in, in the form that the step which made it understands. */
  added: string;
  /** SHA-256 (hex) of the file as we left it; null when we found our entry there and never wrote the file. */
  afterSha256: string | null;
  /** ISO 8601. */
  time: string;
  /** `intended` was written before acting: the file may or may not have been changed. */
  state: 'intended' | 'made';
}
export type NewChange = Omit<RecordedChange, 'id' | 'time' | 'state'>;

/** A change, and what makes it. */
export interface RecordedStep {
  change: NewChange;
  act(): void;
}

export interface AttachmentRecord {
  /** Oldest first. */
  list(): RecordedChange[];
  find(kind: ChangeKind, file: string, entry?: string): RecordedChange | undefined;
  /**
   * Writes the intent, acts, writes that it was done. When acting throws, the record is as it was before: the file is
   * unchanged then, because files are replaced whole or not at all.
   */
  make(change: NewChange, act: () => void): void;
  /**
   * As `make`, for changes that belong together, one after the other: their intents share one sync. Of a step that throws, and
   * of those after it, the record is as it was before.
   */
  makeInOrder(steps: readonly RecordedStep[]): void;
  forget(change: Pick<RecordedChange, 'kind' | 'file' | 'entry'>): void;
  /** When the daemon put a file right by itself since the user last installed; ISO 8601, oldest first. */
  repairs(file: string): string[];
  noteRepair(file: string): void;
  forgetRepairs(): void;
}

const MIGRATIONS = [
  `CREATE TABLE change (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     kind TEXT NOT NULL,
     file TEXT NOT NULL,
     entry TEXT NOT NULL,
     workspace TEXT,
     before BLOB,
     added TEXT NOT NULL,
     afterSha256 TEXT,
     time TEXT NOT NULL,
     state TEXT NOT NULL,
     UNIQUE (kind, file, entry)
   ) STRICT`,
  'CREATE TABLE repair (file TEXT NOT NULL, time TEXT NOT NULL) STRICT',
];

const RepairTime = z.object({ time: z.string() });

const Row = z.object({
  id: z.number(),
  kind: z.enum(CHANGE_KINDS),
  file: z.string(),
  entry: z.string(),
  workspace: z.string().nullable(),
  before: z.instanceof(Uint8Array).nullable(),
  added: z.string(),
  afterSha256: z.string().nullable(),
  time: z.string(),
  state: z.enum(['intended', 'made']),
});

/**
 * Opens the record for the time of `work`, and with it the lock: `install`, the daemon and `uninstall` never change Kiro's
 * files at once. It is a database of its own because the daemon holds the agent's for as long as it lives. `work` must not
 * wait for anything. Throws `attachments-busy` when the lock is not free within `waitMs`, `database-unusable`.
 */
export function withRecord<T>(host: Host, work: (record: AttachmentRecord) => T, waitMs = 60_000): T {
  const database = open(host, waitMs);
  try {
    return work(recordIn(database, () => host.now().toISOString()));
  } finally {
    database.close();
  }
}

/** What the record holds, oldest first; makes no file when there is none. Throws as `withRecord` does. */
export function readRecord(host: Host, waitMs = 5_000): RecordedChange[] {
  return existsSync(host.own.attachments) ? withRecord(host, (record) => record.list(), waitMs) : [];
}

/** A record to plan with: it knows what is, and nothing can be written to it. */
export function frozenRecord(changes: RecordedChange[]): AttachmentRecord {
  const refuse = () => {
    throw new TypeError('a dry run must not write to the record');
  };
  return {
    list: () => changes,
    find: (kind, file, entry = '') =>
      changes.find((change) => change.kind === kind && change.file === file && change.entry === entry),
    make: refuse,
    makeInOrder: refuse,
    forget: refuse,
    repairs: () => [],
    noteRepair: refuse,
    forgetRepairs: refuse,
  };
}

/**
 * Tries again and again, letting go in between. Waiting inside SQLite instead, each of many waiters holds the shared lock that
 * the others wait for: of 200 installs at once most gave up after half a minute.
 */
function open(host: Host, waitMs: number): Database {
  try {
    return openDatabase(host.own.attachments, { migrations: MIGRATIONS, exclusive: true, waitMs });
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'already-running') throw error;
    throw new Failure('attachments-busy', 'Another capsule-kiro of this user is changing the same files', {
      hint: 'Wait for it to end, then run the command again.',
      cause: error,
    });
  }
}

function recordIn(database: Database, now: () => string): AttachmentRecord {
  const list = () =>
    database
      .prepare('SELECT * FROM change ORDER BY id')
      .all()
      .map((row) => Row.parse(row));
  const find: AttachmentRecord['find'] = (kind, file, entry = '') => {
    const row = database
      .prepare('SELECT * FROM change WHERE kind = ? AND file = ? AND entry = ?')
      .get(kind, file, entry);
    return row === undefined ? undefined : Row.parse(row);
  };
  const forget: AttachmentRecord['forget'] = ({ kind, file, entry }) => {
    database.prepare('DELETE FROM change WHERE kind = ? AND file = ? AND entry = ?').run(kind, file, entry);
  };
  const put = (change: NewChange, time: string, state: RecordedChange['state']) => {
    const { kind, file, entry, workspace, before, added, afterSha256 } = change;
    database
      .prepare(
        `INSERT INTO change (kind, file, entry, workspace, before, added, afterSha256, time, state)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (kind, file, entry) DO UPDATE SET workspace = excluded.workspace, before = excluded.before,
           added = excluded.added, afterSha256 = excluded.afterSha256, time = excluded.time, state = excluded.state`,
      )
      .run(kind, file, entry, workspace, before, added, afterSha256, time, state);
  };
  const makeInOrder: AttachmentRecord['makeInOrder'] = (steps) => {
    const previous = steps.map(({ change }) => find(change.kind, change.file, change.entry));
    inTransaction(database, () => {
      for (const { change } of steps) put(change, now(), 'intended');
    });
    const madeAt: string[] = [];
    try {
      for (const { act } of steps) {
        act();
        madeAt.push(now());
      }
    } finally {
      // Without it, should the power fail, the changes count as intended: that is known to say less, and is true.
      const settle = () => {
        for (const [at, { change }] of steps.entries()) settleStep(change, madeAt[at], previous[at]);
      };
      inTransaction(database, settle, 'unsynced');
    }
  };
  const settleStep = (change: NewChange, madeAt: string | undefined, previous: RecordedChange | undefined) => {
    if (madeAt !== undefined) put(change, madeAt, 'made');
    else if (previous === undefined) forget(change);
    else put(previous, previous.time, previous.state);
  };
  const make: AttachmentRecord['make'] = (change, act) => makeInOrder([{ change, act }]);
  const repairs: AttachmentRecord['repairs'] = (file) =>
    database
      .prepare('SELECT time FROM repair WHERE file = ? ORDER BY time')
      .all(file)
      .map((row) => RepairTime.parse(row).time);
  const noteRepair: AttachmentRecord['noteRepair'] = (file) => {
    database.prepare('INSERT INTO repair (file, time) VALUES (?, ?)').run(file, now());
  };
  const forgetRepairs = () => void database.prepare('DELETE FROM repair').run();
  return { list, find, make, makeInOrder, forget, repairs, noteRepair, forgetRepairs };
}
