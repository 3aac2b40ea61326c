/**
 * For whom events wait. Each event carries a mark for every destination that still needs it, and leaves once none does: so a
 * slow destination holds up nobody else.
 */
import * as z from 'zod';
import { type Row, textOrNull } from './outbox-rows.ts';
import type { Queries } from './queries.ts';

export const DESTINATIONS = ['portal', 'otlp'] as const;
export type Destination = (typeof DESTINATIONS)[number];

/**
 * The marks, and what finds an event by them: without indexes of its own each destination would read past all that waits for
 * the other. A refused event is kept aside once for each who refused it.
 */
export const DESTINATION_COLUMNS = `ALTER TABLE event ADD COLUMN turn TEXT;
  ALTER TABLE event ADD COLUMN portal INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE event ADD COLUMN otlp INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX event_for_portal ON event (seq, bytes) WHERE portal = 1;
  CREATE INDEX event_for_otlp ON event (seq, bytes) WHERE otlp = 1;
  CREATE INDEX event_turn_for_otlp ON event (session, turn, seq) WHERE otlp = 1;
  ALTER TABLE rejected RENAME TO rejected_before;
  CREATE TABLE rejected (
    id TEXT NOT NULL, destination TEXT NOT NULL DEFAULT 'portal', code TEXT NOT NULL, message TEXT NOT NULL,
    time TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (id, destination)) STRICT;
  INSERT INTO rejected SELECT id, 'portal', code, message, time, json FROM rejected_before;
  DROP TABLE rejected_before`;

/** What waits for one destination, and what it has refused. */
export interface Depth {
  events: number;
  bytes: number;
  /** When the oldest was taken in, ISO 8601. */
  oldest: string | null;
  rejected: number;
}

export type Marks = { [name in Destination]: 0 | 1 };

/** As `want` noted it. */
const Wanted = z.array(z.enum(DESTINATIONS));
const FACT = 'destinations';

/** An event that a destination has answered for. */
export interface Left {
  seq: number;
  kind: string;
  bytes: number;
  /** null unless it was asked for, or tells a turn's end. */
  json: string | null;
  /** Nobody needs it any more, and it is gone from the outbox. */
  last: boolean;
}

/** The marks of one outbox. Whoever calls owns the transaction, and counts what leaves. */
export class Destinations {
  readonly #sql: Queries;
  #wanted: readonly Destination[];

  constructor(sql: Queries) {
    this.#sql = sql;
    const saved = sql.get('SELECT value FROM fact WHERE name = ?', FACT)?.value;
    this.#wanted = saved === undefined ? [] : Wanted.parse(JSON.parse(String(saved)));
  }

  /** For what is taken in now. While nothing is set up it waits for whoever comes first. */
  marks(): Marks {
    return marksOf(this.#wanted.length === 0 ? ['portal'] : this.#wanted);
  }

  /** The one whose answers say that a turn has arrived. */
  get first(): Destination {
    return this.#wanted[0] ?? 'portal';
  }

  /**
   * Who is to get events from now on. A destination that comes to others begins with the next event, one that comes alone
   * gets what waited for nobody; what only a destination that goes still needed leaves, unless nobody is left: then it waits
   * for whoever comes. Whether anything changed.
   */
  want(wanted: readonly Destination[]): boolean {
    const next = DESTINATIONS.filter((name) => wanted.includes(name));
    if (JSON.stringify(next) === JSON.stringify(this.#wanted)) return false;
    const before = this.#wanted;
    if (before.length === 0 && next.length === 1) {
      const { portal, otlp } = marksOf(next);
      this.#sql.run('UPDATE event SET portal = ?, otlp = ? WHERE portal = 1', portal, otlp);
    }
    if (next.length === 0) this.#sql.run('UPDATE event SET portal = 1, otlp = 0');
    else for (const gone of before.filter((name) => !next.includes(name))) this.#sql.run(STATEMENTS[gone].free);
    this.#sql.run('DELETE FROM event WHERE portal = 0 AND otlp = 0');
    this.#sql.run(
      'INSERT INTO fact VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
      FACT,
      JSON.stringify(next),
    );
    this.#wanted = next;
    return true;
  }

  /**
   * Takes one destination's mark off these events, and those out of whom it was the last. Answers, in their order, the ones
   * that waited for it; their texts, which are most of the work, only when they are asked for.
   */
  leave(ids: readonly string[], destination: Destination, withTexts: boolean): Left[] {
    const { unmark, remove } = STATEMENTS[destination];
    const values = [JSON.stringify(ids), withTexts ? 1 : 0] as const;
    const kept = [...this.#sql.iterate(unmark, ...values)].map((row) => toLeft(row, false));
    const gone = [...this.#sql.iterate(remove, ...values)].map((row) => toLeft(row, true));
    return [...kept, ...gone].toSorted((a, b) => a.seq - b.seq);
  }

  depth(destination: Destination): Depth {
    const { sum, oldest } = STATEMENTS[destination];
    const waiting = this.#sql.get(sum);
    const first = this.#sql.get(oldest)?.taken;
    const refused = this.#sql.get('SELECT count(*) AS n FROM rejected WHERE destination = ?', destination);
    return {
      events: Number(waiting?.events),
      bytes: Number(waiting?.bytes),
      oldest: typeof first === 'string' ? first : null,
      rejected: Number(refused?.n),
    };
  }
}

/** Pure. */
export function marksOf(wanted: readonly Destination[]): Marks {
  return { portal: wanted.includes('portal') ? 1 : 0, otlp: wanted.includes('otlp') ? 1 : 0 };
}

function toLeft({ seq, kind, bytes, json }: Row, last: boolean): Left {
  return { seq: Number(seq), kind: String(kind), bytes: Number(bytes), json: textOrNull(json), last };
}

const LEFT = `RETURNING seq, kind, bytes, CASE WHEN ?2 OR kind = 'turn.ended' THEN json END AS json`;
/** Among the first value's ids. */
const THESE = 'id IN (SELECT value FROM json_each(?1))';

function statements(name: Destination, other: Destination) {
  const waiting = `FROM event INDEXED BY event_for_${name} WHERE ${name} = 1`;
  return {
    free: `UPDATE event SET ${name} = 0 WHERE ${name} = 1`,
    unmark: `UPDATE event SET ${name} = 0 WHERE ${THESE} AND ${name} = 1 AND ${other} = 1 ${LEFT}`,
    remove: `DELETE FROM event WHERE ${THESE} AND ${name} = 1 ${LEFT}`,
    sum: `SELECT count(*) AS events, coalesce(sum(bytes), 0) AS bytes ${waiting}`,
    oldest: `SELECT taken ${waiting} ORDER BY seq LIMIT 1`,
  };
}

const STATEMENTS = { portal: statements('portal', 'otlp'), otlp: statements('otlp', 'portal') };
