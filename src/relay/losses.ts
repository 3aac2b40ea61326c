import * as z from 'zod';
import type { CapsuleEvent, Probe } from '../core/event.ts';
import { DESTINATIONS, type Destination } from './destinations.ts';
import type { Row } from './outbox-rows.ts';

export interface OutboxBounds {
  /** Of waiting events; refused ones are kept up to a twentieth of it. */
  maxBytes: number;
  /** Of time in which the daemon ran: a laptop that was switched off has not had its chance to deliver. */
  maxAgeMs: number;
}

/** What one session lost to the bounds, on its way to the same destinations. */
export interface Loss {
  /** To whom it is lost: who had it already has lost nothing. */
  destinations: Destination[];
  session: CapsuleEvent['session'];
  workspace: CapsuleEvent['workspace'];
  ids: string[];
  /** Of the first event that was lost: the gap stands in its place. */
  ordinal: number;
  firstTime: string;
  lastTime: string;
  reason: string;
}

/** What is to be removed, gathered by session and by who still waited for it. */
export class Losses {
  readonly #gathered = new Map<string, Loss>();
  readonly ids: string[] = [];
  bytes = 0;

  get all(): Loss[] {
    return [...this.#gathered.values()];
  }

  add({ json, bytes }: { json: string; bytes: number }, destinations: Destination[], reason: string): void {
    const { id, kind, session, workspace, time, source } = JSON.parse(json) as CapsuleEvent | Probe;
    this.ids.push(id);
    this.bytes += bytes;
    // Nobody's doing: no fact is missing without it.
    if (kind === 'probe') return;
    const from = { session, workspace, ordinal: source.ordinal, firstTime: time, lastTime: time };
    const key = JSON.stringify([session.id, destinations]);
    const loss = this.#gathered.get(key) ?? { destinations, ...from, ids: [], reason };
    this.#gathered.set(key, loss);
    loss.ids.push(id);
    if (time < loss.firstTime) loss.firstTime = time;
    if (time > loss.lastTime) loss.lastTime = time;
  }
}

const AGE = 'outbox age limit';
const SIZE = 'outbox size limit';

/** Room is made in steps, so that a full outbox does not write a gap for every event it takes in. */
const ROOM = 0.9;

export interface LossLimits {
  /** Of everything that waits now. */
  bytes: number;
  maxBytes: number;
  /** In ms that the daemon has run: what is older goes. */
  bornBefore: number;
}

/** What of the waiting events, given oldest first, is beyond the limits. */
export function lossesBeyond(oldestFirst: Iterable<Row>, { bytes, maxBytes, bornBefore }: LossLimits): Losses {
  const losses = new Losses();
  for (const row of oldestFirst) {
    const aged = Number(row.lived) < bornBefore;
    const over = bytes > maxBytes && bytes - losses.bytes > maxBytes * ROOM;
    if (!aged && !over) break;
    const reason = aged ? AGE : SIZE;
    losses.add(
      { json: String(row.json), bytes: Number(row.bytes) },
      DESTINATIONS.filter((name) => row[name] === 1),
      reason,
    );
  }
  return losses;
}

/** What the bounds have taken so far, for the person whose machine it is; the portal is told by gaps. */
export const Removed = z.object({
  events: z.number().int(),
  /** When the last were taken, ISO 8601, and which bound it was. */
  last: z.string(),
  bound: z.enum(['size', 'age']),
  /** As that bound was then. */
  limit: z.number(),
});
export type Removed = z.infer<typeof Removed>;

/** The fact in the outbox's database by which the account is kept. */
export const REMOVED = 'removed';

/** The account as it is kept. */
export function parseRemoved(saved: string | null): Removed | null {
  return saved === null ? null : Removed.parse(JSON.parse(saved));
}

/** The account, to be kept, with what was just taken added, of which there is something. Pure. */
export function removedWith(
  before: string | null,
  { all: losses }: Losses,
  { maxBytes, maxAgeMs }: OutboxBounds,
  now: string,
): string {
  const events = losses.reduce((sum, { ids }) => sum + ids.length, parseRemoved(before)?.events ?? 0);
  const bound = losses.some(({ reason }) => reason === SIZE) ? 'size' : 'age';
  return JSON.stringify({ events, last: now, bound, limit: bound === 'size' ? maxBytes : maxAgeMs } satisfies Removed);
}
