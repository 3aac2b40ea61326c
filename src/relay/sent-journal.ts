import type { Database } from '../core/database.ts';
import type { Destination } from './destinations.ts';
import { type Row, textOrNull } from './outbox-rows.ts';

/**
 * What a destination has answered for, as it left this machine: redacted, byte for byte, the newest up to a bound. It is written
 * in the transaction that takes the events out of the outbox, and so costs no sync of its own.
 */
export const SENT_TABLE = `CREATE TABLE sent (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, session TEXT NOT NULL, time TEXT NOT NULL,
  answer TEXT NOT NULL, bytes INTEGER NOT NULL, json TEXT NOT NULL) STRICT`;

/** `last`: with this answer nobody needed the event any more. */
export const SENT_DESTINATION = `ALTER TABLE sent ADD COLUMN destination TEXT NOT NULL DEFAULT 'portal';
  ALTER TABLE sent ADD COLUMN last INTEGER NOT NULL DEFAULT 1`;

/** An event with what became of it. */
export interface ToldEvent {
  /** When the answer came, or when the event was taken in; ISO 8601. */
  time: string;
  /** `accepted`, or the code of the refusal; null: it waits in the outbox. */
  answer: string | null;
  /** Who answered; null: somebody has yet to. */
  destination: Destination | null;
  /** The event's text as it is, or will be, sent. */
  json: string;
}

export interface ToldFilter {
  /** The newest so many. */
  last: number;
  session?: string | undefined;
  kind?: string | undefined;
}

/** An event that a destination has answered for. */
export interface Answered {
  kind: string;
  session: string;
  bytes: number;
  json: string;
  /** Nobody needs it any more, and it is gone from the outbox. */
  last: boolean;
}

type Statement = ReturnType<Database['prepare']>;

/** Keeps the journal in one database. Whoever calls owns the transaction. */
export class SentJournal {
  readonly #note: Statement;
  readonly #forgetOldest: Statement;
  /** Of what is kept. Whoever rolls back sets it back, too. */
  bytes: number;
  #maxBytes = 0;

  constructor(database: Database) {
    this.#note = database.prepare(NOTE);
    this.#forgetOldest = database.prepare(FORGET_OLDEST);
    this.bytes = Number(database.prepare('SELECT coalesce(sum(bytes), 0) AS bytes FROM sent').get()?.bytes);
  }

  /** How much is kept from now on, in bytes of events; 0 keeps none and forgets what is there. */
  keep(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#forget();
  }

  /** Notes an event that a destination has just answered for. */
  note(event: Answered, { time, answer, destination }: Omit<ToldEvent, 'json'>): void {
    if (event.bytes > this.#maxBytes) return;
    const { kind, session, bytes, json, last } = event;
    this.#note.run(kind, session, time, answer, bytes, json, destination, last ? 1 : 0);
    this.bytes += bytes;
    this.#forget();
  }

  #forget(): void {
    while (this.bytes > this.#maxBytes) {
      const row = this.#forgetOldest.get();
      this.bytes = row === undefined ? 0 : this.bytes - Number(row.bytes);
    }
  }
}

/** What was sent, the oldest of the chosen first. */
export function listSent(database: Database, filter: ToldFilter): ToldEvent[] {
  return list(database, sent(database), filter);
}

/** What was captured, each once: what everybody has, then what waits for somebody. */
export function listCaptured(database: Database, filter: ToldFilter): ToldEvent[] {
  const waiting = list(database, WAITING, filter);
  const last = filter.last - waiting.length;
  return [
    ...(last > 0 ? list(database, `SELECT * FROM (${sent(database)}) WHERE last = 1`, { ...filter, last }) : []),
    ...waiting,
  ];
}

function list(database: Database, select: string, { last, session, kind }: ToldFilter): ToldEvent[] {
  const rows = database
    .prepare(`${select} AND ($session IS NULL OR session = $session) AND ($kind IS NULL OR kind = $kind)
      ORDER BY seq DESC LIMIT $last`)
    .all({ session: session ?? null, kind: kind ?? null, last });
  return rows.reverse().map(toTold);
}

function toTold({ time, answer, destination, json }: Row): ToldEvent {
  const who = destination === 'portal' || destination === 'otlp' ? destination : null;
  return { time: String(time), answer: textOrNull(answer), destination: who, json: String(json) };
}

/** A stopped daemon of an older version left a journal that knows one destination. */
function sent(database: Database): string {
  const known = database.prepare("SELECT 1 FROM pragma_table_info('sent') WHERE name = 'destination'").get();
  return known === undefined ? OLDER_SENT : 'SELECT * FROM sent WHERE 1';
}

const OLDER_SENT = "SELECT *, 'portal' AS destination, 1 AS last FROM sent WHERE 1";
const WAITING = 'SELECT seq, taken AS time, NULL AS answer, NULL AS destination, json FROM event WHERE 1';
const NOTE = `INSERT INTO sent (kind, session, time, answer, bytes, json, destination, last)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
const FORGET_OLDEST = 'DELETE FROM sent WHERE seq = (SELECT min(seq) FROM sent) RETURNING bytes';
