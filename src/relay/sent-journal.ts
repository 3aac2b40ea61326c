import type { Database } from '../core/database.ts';
import { textOrNull } from './outbox-rows.ts';

/**
 * What the portal has answered for, as it left this machine: redacted, byte for byte, the newest up to a bound. It is written
 * in the transaction that takes the events out of the outbox, and so costs no sync of its own.
 */
export const SENT_TABLE = `CREATE TABLE sent (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, session TEXT NOT NULL, time TEXT NOT NULL,
  answer TEXT NOT NULL, bytes INTEGER NOT NULL, json TEXT NOT NULL) STRICT`;

/** An event with what became of it. */
export interface ToldEvent {
  /** When the portal's answer came, or when the event was taken in; ISO 8601. */
  time: string;
  /** `accepted`, or the code of the refusal; null: it waits in the outbox. */
  answer: string | null;
  /** The event's text as it is, or will be, sent. */
  json: string;
}

export interface ToldFilter {
  /** The newest so many. */
  last: number;
  session?: string | undefined;
  kind?: string | undefined;
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

  /** Notes an event that has just left the outbox. */
  note(event: { kind: string; session: string; bytes: number; json: string }, answer: string, time: string): void {
    if (event.bytes > this.#maxBytes) return;
    const { kind, session, bytes, json } = event;
    this.#note.run(kind, session, time, answer, bytes, json);
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
  return list(database, 'SELECT seq, time, answer, json FROM sent', filter);
}

/** What was captured: what was sent, then what waits. */
export function listCaptured(database: Database, filter: ToldFilter): ToldEvent[] {
  const waiting = list(database, 'SELECT seq, taken AS time, NULL AS answer, json FROM event', filter);
  const last = filter.last - waiting.length;
  return [...(last > 0 ? listSent(database, { ...filter, last }) : []), ...waiting];
}

function list(database: Database, select: string, { last, session, kind }: ToldFilter): ToldEvent[] {
  const rows = database
    .prepare(`${select} WHERE ($session IS NULL OR session = $session) AND ($kind IS NULL OR kind = $kind)
      ORDER BY seq DESC LIMIT $last`)
    .all({ session: session ?? null, kind: kind ?? null, last });
  return rows.reverse().map(({ time, answer, json }) => ({
    time: String(time),
    answer: textOrNull(answer),
    json: String(json),
  }));
}

const NOTE = 'INSERT INTO sent (kind, session, time, answer, bytes, json) VALUES (?, ?, ?, ?, ?, ?)';
const FORGET_OLDEST = 'DELETE FROM sent WHERE seq = (SELECT min(seq) FROM sent) RETURNING bytes';
