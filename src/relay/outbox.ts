/**
 * Events on disk, from the moment they are read until the portal has them.
 *
 * - `commit` makes events and the cursor behind them durable together; after a crash both are there or neither is.
 * - An id is taken in once: reading a session twice adds nothing.
 * - An event leaves only by `acknowledge`, `reject` (kept aside, visible) or `bound` (which leaves a `capture.gap`).
 * - Order is the order of commits.
 */
import { type Database, inTransaction, openDatabase } from '../core/database.ts';
import type { CapsuleEvent } from '../core/event.ts';
import type { Ring } from './ring.ts';

const MIGRATIONS = [
  `CREATE TABLE event (
     seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, session TEXT NOT NULL,
     time TEXT NOT NULL, taken TEXT NOT NULL, bytes INTEGER NOT NULL, json TEXT NOT NULL) STRICT;
   CREATE TABLE rejected (
     id TEXT PRIMARY KEY, code TEXT NOT NULL, message TEXT NOT NULL, time TEXT NOT NULL, json TEXT NOT NULL) STRICT;
   CREATE TABLE cursor (
     store TEXT NOT NULL, session TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (store, session)) STRICT;
   CREATE TABLE ring (
     name TEXT PRIMARY KEY, time TEXT NOT NULL, origin TEXT NOT NULL, session TEXT, cwd TEXT, answered TEXT) STRICT;
   CREATE TABLE activity (place TEXT PRIMARY KEY, time TEXT NOT NULL) STRICT;
   CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT`,
];

export interface Waiting {
  seq: number;
  id: string;
  json: string;
}

/** Where reading a session stopped, as its reader will want it back. */
export interface SavedCursor {
  store: string;
  session: string;
  value: object;
}

export interface OutboxCounts {
  events: number;
  bytes: number;
  /** When the oldest waiting event was taken in, ISO 8601. */
  oldest: string | null;
  rejected: number;
}

/** What one session lost to the bounds. */
export interface Loss {
  session: CapsuleEvent['session'];
  workspace: CapsuleEvent['workspace'];
  ids: string[];
  /** Of the first event that was lost: the gap stands in its place. */
  ordinal: number;
  firstTime: string;
  lastTime: string;
  reason: string;
}

/** Opens the outbox for this process alone. Throws `already-running`, `database-unusable`. */
export function openOutbox(file: string, now: () => Date): Outbox {
  return new Outbox(openDatabase(file, { migrations: MIGRATIONS, exclusive: true, waitMs: 0 }), now);
}

/** What the head of this file promises, on one database. */
export class Outbox {
  readonly #database: Database;
  readonly #now: () => Date;
  /** Kept along, because summing up a full outbox would cost more than the event that is added to it. */
  #totals = { events: 0, bytes: 0 };

  constructor(database: Database, now: () => Date) {
    this.#database = database;
    this.#now = now;
    this.#totals = this.#sumUp();
  }

  /** Takes events in and moves the session's cursor, in one transaction. Answers how many were new. */
  commit({ events, cursor }: { events: readonly CapsuleEvent[]; cursor?: SavedCursor }): number {
    return this.#inTransaction(() => {
      const added = events.reduce((sum, event) => sum + this.#put(event), 0);
      if (cursor !== undefined) {
        this.#run(SAVE_CURSOR, cursor.store, cursor.session, JSON.stringify(cursor.value));
      }
      const places = new Set(events.flatMap(({ session, workspace }) => [session.id, workspace?.path ?? session.id]));
      for (const place of places) {
        this.#run(
          'INSERT INTO activity VALUES (?, ?) ON CONFLICT DO UPDATE SET time = excluded.time',
          place,
          this.#time(),
        );
      }
      return added;
    });
  }

  /** Where reading a session of a store stopped; null when it was never read. */
  cursor(store: string, session: string): object | null {
    const row = this.#get('SELECT json FROM cursor WHERE store = ? AND session = ?', store, session);
    return row === undefined ? null : (JSON.parse(String(row.json)) as object);
  }

  /** Whether this session was ever read, in whatever store it is. */
  knowsSession(session: string): boolean {
    return this.#get('SELECT 1 FROM cursor WHERE session = ?', session) !== undefined;
  }

  /** Something to remember about all of it, by name. */
  fact(name: string): string | null {
    return textOrNull(this.#get('SELECT value FROM fact WHERE name = ?', name)?.value);
  }

  setFact(name: string, value: string): void {
    this.#run('INSERT INTO fact VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value', name, value);
  }

  /** False when this ring was noted before: the same name within a minute (names are process ids, which come again). */
  noteRing({ name, time, from, sessionId, cwd }: Ring): boolean {
    const before = new Date(Date.parse(time) - SAME_RING_MS).toISOString();
    return this.#run(SAVE_RING, name, time, from, sessionId, cwd, before) === 1;
  }

  openRings(): Ring[] {
    return this.#database.prepare('SELECT * FROM ring WHERE answered IS NULL ORDER BY time').all().map(toRing);
  }

  answerRing(name: string): void {
    this.#run('UPDATE ring SET answered = ? WHERE name = ?', this.#time(), name);
  }

  lastRing(): string | null {
    return textOrNull(this.#get('SELECT max(time) AS time FROM ring')?.time);
  }

  /** When an event was last taken in, ISO 8601. */
  lastEvent(): string | null {
    return textOrNull(this.#get('SELECT max(time) AS time FROM activity')?.time);
  }

  /** When something was last captured for a session id or a workspace path. */
  lastActivity(place: string): string | null {
    return textOrNull(this.#get('SELECT time FROM activity WHERE place = ?', place)?.time);
  }

  /** The oldest events, as many as fit; the first always comes along. */
  next(maxEvents: number, maxBytes: number): Waiting[] {
    const rows = this.#database.prepare('SELECT seq, id, json, bytes FROM event ORDER BY seq LIMIT ?');
    return takeWhileSmall(rows.iterate(maxEvents), maxBytes);
  }

  acknowledge(ids: readonly string[]): void {
    this.#inTransaction(() => {
      for (const id of ids) this.#remove(id);
    });
  }

  /** Sets events aside that the portal will never take: kept, counted, not sent again. */
  reject(refusals: readonly { id: string; code: string; message: string }[]): void {
    this.#inTransaction(() => {
      for (const { id, code, message } of refusals) {
        const keep = 'INSERT OR REPLACE INTO rejected SELECT id, ?, ?, ?, json FROM event WHERE id = ?';
        this.#run(keep, code, message, this.#time(), id);
        this.#remove(id);
      }
    });
  }

  counts(): OutboxCounts {
    const oldest = textOrNull(this.#get('SELECT taken FROM event ORDER BY seq LIMIT 1')?.taken);
    const rejected = Number(this.#get('SELECT count(*) AS n FROM rejected')?.n);
    return { ...this.#totals, oldest, rejected };
  }

  /**
   * Removes the oldest events beyond the bounds; what `gap` makes of each session's loss takes their place. Rings that were
   * answered before `oldest` are forgotten. Answers how many events were removed.
   */
  bound({ maxBytes, oldest }: { maxBytes: number; oldest: string }, gap: (loss: Loss) => CapsuleEvent): number {
    return this.#inTransaction(() => {
      const losses = new Losses();
      for (const row of this.#database.prepare('SELECT id, taken, bytes, json FROM event ORDER BY seq').iterate()) {
        const aged = String(row.taken) < oldest;
        const over = this.#totals.bytes > maxBytes && this.#totals.bytes - losses.bytes > maxBytes * ROOM;
        if (!aged && !over) break;
        losses.add(row, aged ? 'outbox age limit' : 'outbox size limit');
      }
      for (const id of losses.ids) this.#remove(id);
      for (const loss of losses.bySession.values()) this.#put(gap(loss));
      this.#run('DELETE FROM ring WHERE answered < ?', oldest);
      return losses.ids.length;
    });
  }

  close(): void {
    this.#database.close();
  }

  #put(event: CapsuleEvent): number {
    const json = JSON.stringify(event);
    const { id, kind, session, time } = event;
    const bytes = Buffer.byteLength(json);
    const added = this.#run(SAVE_EVENT, id, kind, session.id, time, this.#time(), bytes, json);
    if (added === 1) this.#count(1, bytes);
    return added;
  }

  #remove(id: string): void {
    const row = this.#get('DELETE FROM event WHERE id = ? RETURNING bytes', id);
    if (row !== undefined) this.#count(-1, -Number(row.bytes));
  }

  #count(events: number, bytes: number): void {
    this.#totals = { events: this.#totals.events + events, bytes: this.#totals.bytes + bytes };
  }

  #sumUp(): { events: number; bytes: number } {
    const row = this.#get('SELECT count(*) AS events, coalesce(sum(bytes), 0) AS bytes FROM event');
    return { events: Number(row?.events), bytes: Number(row?.bytes) };
  }

  /** What is rolled back is not counted either. */
  #inTransaction<T>(work: () => T): T {
    const before = this.#totals;
    try {
      return inTransaction(this.#database, work);
    } catch (error) {
      this.#totals = before;
      throw error;
    }
  }

  #time(): string {
    return this.#now().toISOString();
  }

  #get(sql: string, ...values: Value[]): Row | undefined {
    return this.#database.prepare(sql).get(...values);
  }

  #run(sql: string, ...values: Value[]): number {
    return Number(this.#database.prepare(sql).run(...values).changes);
  }
}

const SAVE_CURSOR = 'INSERT INTO cursor VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET json = excluded.json';
const SAVE_EVENT = `INSERT INTO event (id, kind, session, time, taken, bytes, json) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO NOTHING`;
const SAVE_RING = `INSERT INTO ring VALUES (?, ?, ?, ?, ?, NULL) ON CONFLICT DO UPDATE SET
  time = excluded.time, origin = excluded.origin, session = excluded.session, cwd = excluded.cwd, answered = NULL
  WHERE ring.time < ?`;

/** A ring reaches us through two doors, the second within seconds of the first. */
const SAME_RING_MS = 60_000;

type Row = Record<string, unknown>;
type Value = string | number | null;

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function toRing(row: Row): Ring {
  const from = row.origin === 'env' || row.origin === 'stdin' ? row.origin : 'unknown';
  return {
    name: String(row.name),
    time: String(row.time),
    from,
    sessionId: textOrNull(row.session),
    cwd: textOrNull(row.cwd),
  };
}

/** The first event always comes along, however large: it must leave some day. */
function takeWhileSmall(rows: Iterable<Row>, maxBytes: number): Waiting[] {
  const taken: Waiting[] = [];
  let bytes = 0;
  for (const row of rows) {
    bytes += Number(row.bytes);
    if (taken.length > 0 && bytes > maxBytes) break;
    taken.push({ seq: Number(row.seq), id: String(row.id), json: String(row.json) });
  }
  return taken;
}

/** Room is made in steps, so that a full outbox does not write a gap for every event it takes in. */
const ROOM = 0.9;

/** What is to be removed, gathered by session. */
class Losses {
  readonly bySession = new Map<string, Loss>();
  readonly ids: string[] = [];
  bytes = 0;

  add(row: Row, reason: string): void {
    const { id, session, workspace, time, source } = JSON.parse(String(row.json)) as CapsuleEvent;
    this.ids.push(id);
    this.bytes += Number(row.bytes);
    const first = { session, workspace, ids: [], ordinal: source.ordinal, firstTime: time, lastTime: time, reason };
    const loss = this.bySession.get(session.id) ?? first;
    this.bySession.set(session.id, loss);
    loss.ids.push(id);
    if (time < loss.firstTime) loss.firstTime = time;
    if (time > loss.lastTime) loss.lastTime = time;
  }
}
