import type { Waiting } from '../outbox-rows.ts';
import type { Queries } from '../queries.ts';
import { isMessage, isSpanless } from './signals.ts';

export interface OtlpLimits {
  maxEvents: number;
  maxBytes: number;
  /** As `lived` of an event: what was taken in before goes, whether its turn has ended or not. */
  bornBefore: number;
}

/** So many that may not go yet are passed over; beyond them even a full hundred would hold up what is behind. */
const LOOKED_AT = 2_000;

/**
 * What goes to OpenTelemetry next, for one request: all spans, or all log records. Oldest first, but the messages of a turn
 * wait on disk for the turn's end and go with it, because the turn's span tells them; a turn for which there is no room is
 * passed over and not torn. The first always comes along, however large. Empty: nothing that may go.
 */
export function nextForOtlp(sql: Queries, limits: OtlpLimits): Waiting[] {
  return sql.guard(() => {
    const batch = new Batch(limits);
    // A turn's messages lie one after the other: each turn is looked at once.
    const looked = new Set<string>();
    for (const row of sql.iterate(HEADS, LOOKED_AT)) {
      if (batch.full) break;
      const [kind, session, turn] = [String(row.kind), String(row.session), row.turn];
      if (!batch.suits(kind)) continue;
      if (typeof turn !== 'string' || !isTold(kind)) {
        batch.add(toHead(row));
        continue;
      }
      const key = JSON.stringify([session, turn]);
      if (looked.has(key)) continue;
      looked.add(key);
      batch.addTurn(turnParts(sql, session, turn, limits.bornBefore));
    }
    return batch.close().map(({ seq }) => {
      const row = sql.get('SELECT seq, id, json FROM event WHERE seq = ?', seq);
      return { seq, id: String(row?.id), json: String(row?.json) };
    });
  });
}

interface Head {
  seq: number;
  bytes: number;
  kind: string;
}

/** Told by the turn's own spans; a tool's call has a span of its own. */
const isTold = (kind: string) => isMessage(kind) || kind === 'turn.ended';

const toHead = ({ seq, bytes, kind }: Record<string, unknown>): Head => ({
  seq: Number(seq),
  bytes: Number(bytes),
  kind: String(kind),
});

/** The messages of a turn with its end last; as long as it may go on, those that have waited long enough. */
function turnParts(sql: Queries, session: string, turn: string, bornBefore: number): Head[] {
  const rows = [...sql.iterate(TURN, session, turn)].filter(({ kind }) => isTold(String(kind)));
  const ended = rows.some(({ kind }) => kind === 'turn.ended');
  const ripe = ended ? rows : rows.filter(({ lived }) => Number(lived) < bornBefore);
  const parts = ripe.map(toHead);
  const isEnd = ({ kind }: Head) => kind === 'turn.ended';
  return [...parts.filter((part) => !isEnd(part)), ...parts.filter(isEnd)];
}

/** So many are asked for when nothing is wrong: then only bytes bound a turn. */
const NOTHING_WRONG = 100;

/** What one request can hold. */
class Batch {
  readonly #heads: Head[] = [];
  readonly #maxEvents: number;
  readonly #maxBytes: number;
  /** The first turn for which there was no room. */
  #passedOver: readonly Head[] = [];
  #bytes = 0;
  full = false;

  constructor({ maxEvents, maxBytes }: OtlpLimits) {
    this.#maxEvents = maxEvents;
    this.#maxBytes = maxBytes;
  }

  suits(kind: string): boolean {
    const [first] = this.#heads;
    return first === undefined || isSpanless(first.kind) === isSpanless(kind);
  }

  add(head: Head): void {
    if (this.full) return;
    this.full = this.#heads.length > 0 && this.#bytes + head.bytes > this.#maxBytes;
    if (this.full) return;
    this.#heads.push(head);
    this.#bytes += head.bytes;
    this.full = this.#heads.length >= this.#maxEvents;
  }

  addTurn(parts: readonly Head[]): void {
    const bytes = parts.reduce((sum, part) => sum + part.bytes, this.#bytes);
    const alone = this.#heads.length === 0 && this.#maxEvents >= NOTHING_WRONG;
    const fits = this.#heads.length + parts.length <= this.#maxEvents || alone;
    if (!fits || bytes > this.#maxBytes) {
      if (this.#passedOver.length === 0) this.#passedOver = parts;
      return;
    }
    this.#heads.push(...parts);
    this.#bytes = bytes;
    this.full = this.#heads.length >= this.#maxEvents;
  }

  /** What goes. A turn is torn only where nothing else is left to go. */
  close(): readonly Head[] {
    if (this.#heads.length === 0) for (const part of this.#passedOver) this.add(part);
    return this.#heads;
  }
}

const HEADS = `SELECT seq, bytes, kind, session, turn FROM event INDEXED BY event_for_otlp
  WHERE otlp = 1 ORDER BY seq LIMIT ?`;
const TURN = `SELECT seq, bytes, kind, lived FROM event INDEXED BY event_turn_for_otlp
  WHERE otlp = 1 AND session = ? AND turn = ? ORDER BY seq`;
