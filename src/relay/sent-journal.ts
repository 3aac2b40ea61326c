import type { Database } from '../core/database.ts';
import type { Destination } from './destinations.ts';
import { type Row, textOrNull } from './outbox-rows.ts';
import type { Queries } from './queries.ts';

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

/** Keeps the journal in one database. Whoever calls owns the transaction. */
export class SentJournal {
  readonly #sql: Queries;
  /** Of what is kept. Whoever rolls back sets it back, too. */
  bytes: number;
  #maxBytes = 0;

  constructor(sql: Queries) {
    this.#sql = sql;
    this.bytes = Number(sql.get('SELECT coalesce(sum(bytes), 0) AS bytes FROM sent')?.bytes);
  }

  /** How much is kept from now on, in bytes of events; 0 keeps none and forgets what is there. */
  keep(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#forget();
  }

  /** Notes those of these events that wait for a destination, which has just answered for them. Their texts stay in the database. */
  note(ids: readonly string[], destination: Destination, { time, answer }: Pick<ToldEvent, 'time' | 'answer'>): void {
    const noted = [...this.#sql.iterate(NOTE[destination], JSON.stringify(ids), time, answer, this.#maxBytes)];
    this.bytes = noted.reduce((sum, { bytes }) => sum + Number(bytes), this.bytes);
    this.#forget();
  }

  #forget(): void {
    if (this.bytes <= this.#maxBytes) return;
    let last = 0;
    for (const { seq, bytes } of this.#sql.iterate(OLDEST)) {
      last = Number(seq);
      this.bytes -= Number(bytes);
      if (this.bytes <= this.#maxBytes) break;
    }
    this.#sql.run('DELETE FROM sent WHERE seq <= ?', last);
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
const OLDEST = 'SELECT seq, bytes FROM sent ORDER BY seq';
const NOTE = { portal: noting('portal', 'otlp'), otlp: noting('otlp', 'portal') };

function noting(name: Destination, other: Destination): string {
  return `INSERT INTO sent (kind, session, time, answer, bytes, json, destination, last)
    SELECT kind, session, ?2, ?3, bytes, json, '${name}', 1 - ${other} FROM event
    WHERE id IN (SELECT value FROM json_each(?1)) AND ${name} = 1 AND bytes <= ?4 ORDER BY seq RETURNING bytes`;
}
