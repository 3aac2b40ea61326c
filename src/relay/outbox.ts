/**
 * Events on disk, from the moment they are read until the portal has them.
 *
 * - `commit` makes events and the cursor behind them durable together; after a crash both are there or neither is.
 * - An id is taken in once: reading a session twice adds nothing.
 * - An event leaves only by `acknowledge`, `reject` (kept aside, visible) or `bound` (which leaves a `capture.gap`).
 * - Order is the order of commits.
 */
import { type Database, inTransaction, openDatabase } from '../core/database.ts';
import type { CapsuleEvent, Json } from '../core/event.ts';
import type { Ring } from './ring.ts';

const MIGRATIONS = [
  `CREATE TABLE event (
     seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, session TEXT NOT NULL,
     time TEXT NOT NULL, taken TEXT NOT NULL, bytes INTEGER NOT NULL, json TEXT NOT NULL) STRICT;
   CREATE TABLE rejected (
     id TEXT PRIMARY KEY, code TEXT NOT NULL, message TEXT NOT NULL, time TEXT NOT NULL, json TEXT NOT NULL) STRICT;
   CREATE TABLE cursor (session TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;
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

export interface OutboxCounts {
  events: number;
  bytes: number;
  /** When the oldest waiting event was taken in, ISO 8601. */
  oldest: string | null;
  rejected: number;
}

export interface Outbox {
  /** Takes events in and moves the session's cursor, in one transaction. Answers how many were new. */
  commit(step: { events: readonly CapsuleEvent[]; cursor?: { session: string; value: Json } }): number;
  cursor(session: string): Json;
  /** Remembers that every session's past is dealt with, so that the first sweep is told from all later ones. */
  fact(name: string): string | null;
  setFact(name: string, value: string): void;
  /** False when this ring was noted before: the same name within a minute (names are process ids, which come again). */
  noteRing(ring: Ring): boolean;
  openRings(): Ring[];
  answerRing(name: string): void;
  lastRing(): string | null;
  /** When an event was last taken in, ISO 8601. */
  lastEvent(): string | null;
  /** When something was last captured for a session id or a workspace path. */
  lastActivity(place: string): string | null;
  next(maxEvents: number, maxBytes: number): Waiting[];
  acknowledge(ids: readonly string[]): void;
  reject(refusals: readonly { id: string; code: string; message: string }[]): void;
  counts(): OutboxCounts;
  /** Removes the oldest events beyond the bounds; what `gap` makes of each session's loss takes their place. */
  bound(limits: { maxBytes: number; oldest: string }, gap: (loss: Loss) => CapsuleEvent): number;
  close(): void;
}

/** What one session lost to the bounds. */
export interface Loss {
  session: CapsuleEvent['session'];
  workspace: CapsuleEvent['workspace'];
  ids: string[];
  firstTime: string;
  lastTime: string;
  reason: string;
}

/** Opens the outbox for this process alone. Throws `already-running`, `database-unusable`. */
export function openOutbox(file: string, now: () => Date): Outbox {
  return outboxOn(openDatabase(file, { migrations: MIGRATIONS, exclusive: true, waitMs: 0 }), now);
}

function outboxOn(database: Database, now: () => Date): Outbox {
  const sql = (text: string) => database.prepare(text);
  const insert = sql(
    'INSERT INTO event (id, kind, session, time, taken, bytes, json) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
  );
  const saveCursor = sql('INSERT INTO cursor VALUES (?, ?) ON CONFLICT DO UPDATE SET json = excluded.json');
  const saveActivity = sql('INSERT INTO activity VALUES (?, ?) ON CONFLICT DO UPDATE SET time = excluded.time');
  const saveFact = sql('INSERT INTO fact VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value');
  const saveRing = sql(
    `INSERT INTO ring VALUES (?, ?, ?, ?, ?, NULL) ON CONFLICT DO UPDATE SET
     time = excluded.time, origin = excluded.origin, session = excluded.session, cwd = excluded.cwd, answered = NULL
     WHERE ring.time < ?`,
  );
  const remove = sql('DELETE FROM event WHERE id = ?');
  const wholeTransaction = <T>(work: () => T) => inTransaction(database, work);

  const put = (event: CapsuleEvent) => {
    const json = JSON.stringify(event);
    const bytes = Buffer.byteLength(json);
    const { changes } = insert.run(
      event.id,
      event.kind,
      event.session.id,
      event.time,
      now().toISOString(),
      bytes,
      json,
    );
    return Number(changes);
  };

  return {
    commit: ({ events, cursor }) =>
      wholeTransaction(() => {
        const added = events.reduce((sum, event) => sum + put(event), 0);
        if (cursor !== undefined) saveCursor.run(cursor.session, JSON.stringify(cursor.value));
        const places = new Set(events.flatMap(({ session, workspace }) => [session.id, workspace?.path ?? session.id]));
        for (const place of places) saveActivity.run(place, now().toISOString());
        return added;
      }),
    cursor: (session) => {
      const row = sql('SELECT json FROM cursor WHERE session = ?').get(session);
      return row === undefined ? null : (JSON.parse(String(row.json)) as Json);
    },
    fact: (name) => textOrNull(sql('SELECT value FROM fact WHERE name = ?').get(name)?.value),
    setFact: (name, value) => {
      saveFact.run(name, value);
    },
    noteRing: ({ name, time, from, sessionId, cwd }) => {
      const before = new Date(Date.parse(time) - SAME_RING_MS).toISOString();
      return saveRing.run(name, time, from, sessionId, cwd, before).changes === 1;
    },
    openRings: () => sql('SELECT * FROM ring WHERE answered IS NULL ORDER BY time').all().map(toRing),
    answerRing: (name) => {
      sql('UPDATE ring SET answered = ? WHERE name = ?').run(now().toISOString(), name);
    },
    lastRing: () => textOrNull(sql('SELECT max(time) AS time FROM ring').get()?.time),
    lastEvent: () => textOrNull(sql('SELECT max(time) AS time FROM activity').get()?.time),
    lastActivity: (place) => textOrNull(sql('SELECT time FROM activity WHERE place = ?').get(place)?.time),
    next: (maxEvents, maxBytes) =>
      takeWhileSmall(sql('SELECT seq, id, json, bytes FROM event ORDER BY seq LIMIT ?').iterate(maxEvents), maxBytes),
    acknowledge: (ids) =>
      wholeTransaction(() => {
        for (const id of ids) remove.run(id);
      }),
    reject: (refusals) =>
      wholeTransaction(() => {
        const keep = sql('INSERT OR REPLACE INTO rejected SELECT id, ?, ?, ?, json FROM event WHERE id = ?');
        for (const { id, code, message } of refusals) {
          keep.run(code, message, now().toISOString(), id);
          remove.run(id);
        }
      }),
    counts: () => {
      const row = sql(
        'SELECT count(*) AS events, coalesce(sum(bytes), 0) AS bytes, min(taken) AS oldest FROM event',
      ).get();
      const rejected = sql('SELECT count(*) AS n FROM rejected').get()?.n;
      return {
        events: Number(row?.events),
        bytes: Number(row?.bytes),
        oldest: textOrNull(row?.oldest),
        rejected: Number(rejected),
      };
    },
    bound: (limits, gap) => wholeTransaction(() => bound(database, limits, gap, put)),
    close: () => database.close(),
  };
}

/** A ring reaches us through two doors, the second within seconds of the first. */
const SAME_RING_MS = 60_000;

type Row = Record<string, unknown>;

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

function bound(
  database: Database,
  { maxBytes, oldest }: { maxBytes: number; oldest: string },
  gap: (loss: Loss) => CapsuleEvent,
  put: (event: CapsuleEvent) => number,
): number {
  const losses = new Map<string, Loss>();
  const drop = (row: Row, reason: string) => {
    const { id, session, workspace, time } = JSON.parse(String(row.json)) as CapsuleEvent;
    const loss = losses.get(session.id) ?? { session, workspace, ids: [], firstTime: time, lastTime: time, reason };
    losses.set(session.id, loss);
    loss.ids.push(id);
    if (time < loss.firstTime) loss.firstTime = time;
    if (time > loss.lastTime) loss.lastTime = time;
    database.prepare('DELETE FROM event WHERE seq = ?').run(Number(row.seq));
  };
  for (const row of database.prepare('SELECT seq, json FROM event WHERE taken < ? ORDER BY seq').all(oldest)) {
    drop(row, 'outbox age limit');
  }
  let bytes = Number(database.prepare('SELECT coalesce(sum(bytes), 0) AS bytes FROM event').get()?.bytes);
  if (bytes > maxBytes) {
    for (const row of database.prepare('SELECT seq, bytes, json FROM event ORDER BY seq').all()) {
      if (bytes <= maxBytes * ROOM) break;
      bytes -= Number(row.bytes);
      drop(row, 'outbox size limit');
    }
  }
  database.prepare('DELETE FROM ring WHERE answered < ?').run(oldest);
  for (const loss of losses.values()) put(gap(loss));
  return [...losses.values()].reduce((sum, { ids }) => sum + ids.length, 0);
}
