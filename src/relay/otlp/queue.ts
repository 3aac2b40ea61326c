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
 * wait on disk for the turn's end and go with it, because the turn's span tells them. The first always comes along, however
 * large. Empty: nothing that may go.
 */
export function nextForOtlp(sql: Queries, { maxEvents, maxBytes, bornBefore }: OtlpLimits): Waiting[] {
  return sql.guard(() => {
    const batch = new Batch(maxEvents, maxBytes);
    for (const row of sql.iterate(HEADS, LOOKED_AT)) {
      if (batch.full) break;
      const [kind, turn] = [String(row.kind), row.turn];
      if (!batch.suits(kind)) continue;
      if (typeof turn !== 'string' || !isTold(kind)) batch.add(toHead(row));
      else
        for (const part of turnParts(sql, String(row.session), turn, Number(row.lived) < bornBefore)) batch.add(part);
    }
    return batch.heads.map(({ seq }) => {
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

/** The messages of a turn with its end last; nothing as long as it may go on. */
function turnParts(sql: Queries, session: string, turn: string, old: boolean): Head[] {
  const parts = [...sql.iterate(TURN, session, turn)].map(toHead).filter(({ kind }) => isTold(kind));
  const ends = parts.filter(({ kind }) => kind === 'turn.ended');
  if (ends.length === 0 && !old) return [];
  return [...parts.filter(({ kind }) => kind !== 'turn.ended'), ...ends];
}

/** What one request can hold. */
class Batch {
  readonly heads: Head[] = [];
  readonly #taken = new Set<number>();
  readonly #maxEvents: number;
  readonly #maxBytes: number;
  #bytes = 0;
  full = false;

  constructor(maxEvents: number, maxBytes: number) {
    this.#maxEvents = maxEvents;
    this.#maxBytes = maxBytes;
  }

  suits(kind: string): boolean {
    const [first] = this.heads;
    return first === undefined || isSpanless(first.kind) === isSpanless(kind);
  }

  add(head: Head): void {
    if (this.full || this.#taken.has(head.seq)) return;
    this.full = this.heads.length > 0 && this.#bytes + head.bytes > this.#maxBytes;
    if (this.full) return;
    this.heads.push(head);
    this.#taken.add(head.seq);
    this.#bytes += head.bytes;
    this.full = this.heads.length >= this.#maxEvents;
  }
}

const HEADS = `SELECT seq, bytes, kind, session, turn, lived FROM event INDEXED BY event_for_otlp
  WHERE otlp = 1 ORDER BY seq LIMIT ?`;
const TURN = `SELECT seq, bytes, kind FROM event INDEXED BY event_turn_for_otlp
  WHERE otlp = 1 AND session = ? AND turn = ? ORDER BY seq`;
