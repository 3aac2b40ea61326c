/**
 * Tells what Kiro recorded before us, when that is wanted: slowly, one portion at a time between live reads, never while a turn
 * runs, and never so fast that the outbox would have to make room. How far it is survives a restart.
 */
import { type BackfillProgress, isFilled, readBackfill } from '../capture/backfill.ts';
import type { CaptureContext } from '../capture/capture-context.ts';
import type { CursorStore, SessionSource, SourceRead } from '../capture/session-source.ts';
import type { Store } from '../core/event.ts';
import type { Host } from '../core/host.ts';

const PAUSE_MS = 100;
const BUSY_MS = 5_000;
const DAY_MS = 24 * 60 * 60_000;

export interface BackfillNeeds {
  sources: readonly SessionSource[];
  cursors: CursorStore;
  progress(store: Store, sessionId: string): BackfillProgress | null;
  /** Since when: noted once for a number of days, so that a restart goes on where it was. */
  since: { get(): BackfillSpan | null; note(span: BackfillSpan): void };
  context(): CaptureContext;
  /** Makes a portion durable: events and progress together. */
  commit(store: Store, sessionId: string, events: SourceRead['events'], progress: BackfillProgress): void;
  /** Counts what of a portion became no event. */
  count(read: Pick<SourceRead, 'unknown' | 'skippedLines'>): void;
  /** Runs work while no session is being read. */
  between(work: () => Promise<void>): Promise<void>;
  /** A turn runs, or much waits for the portal. */
  busy(): boolean;
  later(ms: number, then: () => void): () => void;
}

export interface BackfillSpan {
  days: number;
  /** ISO 8601. */
  since: string;
}

export interface FillingState extends BackfillSpan {
  sessions: number;
  filled: number;
}

export interface Filling {
  /** How many days back; null for none. To be called whenever the wish may have changed. */
  want(days: number | null): void;
  /** null: not wanted. */
  state(): FillingState | null;
  stop(): void;
}

interface Waiting {
  source: SessionSource;
  sessionId: string;
}

/** Tells older sessions in small portions whenever nothing live waits, and goes on where it was after a restart. */
export function followBackfill(host: Host, needs: BackfillNeeds): Filling {
  let span: BackfillSpan | null = null;
  let waiting: Waiting[] = [];
  let sessions = 0;
  let forget = () => {};
  let stopped = false;

  const want = (days: number | null) => {
    if (stopped || days === (span?.days ?? null)) return;
    forget();
    span = days === null ? null : spanOf(days);
    waiting = [];
    if (span !== null) void needs.between(() => list(span));
  };

  const spanOf = (days: number): BackfillSpan => {
    const noted = needs.since.get();
    if (noted?.days === days) return noted;
    const fresh = { days, since: new Date(host.now().getTime() - days * DAY_MS).toISOString() };
    needs.since.note(fresh);
    return fresh;
  };

  const stateOf = (source: SessionSource, sessionId: string) => ({
    live: needs.cursors.get(source.store, sessionId),
    progress: needs.progress(source.store, sessionId),
  });

  const list = async (wanted: BackfillSpan | null) => {
    if (wanted === null || wanted !== span) return;
    const found: Waiting[] = [];
    for (const source of needs.sources.filter((each) => each.backfill !== undefined)) {
      for await (const { sessionId } of source.baseline()) {
        const live = needs.cursors.get(source.store, sessionId);
        // What came after us is told as it grows and is no older session.
        if (live !== null && source.backfill?.(live, wanted.since) != null) found.push({ source, sessionId });
      }
    }
    sessions = found.length;
    waiting = found.filter(({ source, sessionId }) => !isFilled(stateOf(source, sessionId), wanted.since));
    if (waiting.length > 0) host.log.info('older sessions are taken in', { sessions: waiting.length, ...wanted });
    next(PAUSE_MS);
  };

  const next = (ms: number) => {
    if (!stopped && waiting.length > 0) forget = needs.later(ms, step);
  };

  const step = () => {
    if (needs.busy()) next(BUSY_MS);
    else void needs.between(readNext).finally(() => next(PAUSE_MS));
  };

  const readNext = async () => {
    const [first] = waiting;
    if (span === null || first === undefined) return;
    const { source, sessionId } = first;
    // Whatever comes of it, the others get their turn; what is not done is tried again at the next start.
    waiting.shift();
    const { read, progress } = await readBackfill(
      source,
      sessionId,
      stateOf(source, sessionId),
      span.since,
      needs.context(),
    );
    needs.commit(source.store, sessionId, read?.events ?? [], progress);
    if (read !== null) needs.count(read);
    if (read?.more === true) waiting.unshift(first);
    if (waiting.length === 0) host.log.info('older sessions have been taken in', { sessions });
  };

  return {
    want,
    state: () => (span === null ? null : { ...span, sessions, filled: sessions - waiting.length }),
    stop() {
      stopped = true;
      forget();
    },
  };
}
