/**
 * Decides when which session is read. A ring has its session read at once and again until the turn's end record is there
 * (Kiro writes it only after the hook returned); everything else is found by sweeps at start and on a slow timer.
 * One read at a time, so that events come out in the order of the record.
 */

import type { CaptureContext } from '../capture/capture-context.ts';
import { type NameCounts, sumCounts } from '../capture/name-counts.ts';
import type { CursorStore, SessionSource, SourceRead, SweepHint } from '../capture/session-source.ts';
import type { Store } from '../core/event.ts';
import { describe } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import type { Ring } from '../relay/ring.ts';

/** How long a turn's end is waited for after the last ring of its session. */
export const TURN_END_LIMIT_MS = 60_000;
const FIRST_LOOK_MS = 20;
const SLOWEST_LOOK_MS = 1_000;
export const SWEEP_EVERY_MS = 15 * 60_000;

export interface FollowNeeds {
  sources: readonly SessionSource[];
  cursors: CursorStore;
  context(): CaptureContext;
  /** Makes a step durable: its events and the cursor behind them. */
  commit(store: Store, sessionId: string, read: Pick<SourceRead, 'events' | 'cursor'>): void;
  later(ms: number, then: () => void): () => void;
}

/** A session whose turn has rung but not ended. */
interface Open {
  /** null until the session's record is found. */
  source: SessionSource | null;
  sessionId: string;
  until: number;
  delay: number;
  forget: () => void;
}

interface LastStep {
  source: SessionSource;
  sessionId: string;
  read: SourceRead;
}

export interface SessionsState {
  lastSweep: string | null;
  openTurns: number;
  skippedLines: number;
  unknown: Record<string, number>;
  problems: string[];
}

/** Reads sessions as the head of this file says. Nothing it does throws: what cannot be read stands in `state().problems`. */
export class SessionFollower {
  readonly #host: Host;
  readonly #needs: FollowNeeds;
  readonly #open = new Map<string, Open>();
  readonly #problems = new Map<string, string>();
  #unknown: NameCounts = {};
  #skippedLines = 0;
  #lastSweep: string | null = null;
  #stopped = false;
  #queue: Promise<void> = Promise.resolve();

  constructor(host: Host, needs: FollowNeeds) {
    this.#host = host;
    this.#needs = needs;
  }

  /** A turn ended. Resolves when what is there now has been read. */
  ring({ sessionId, cwd }: Pick<Ring, 'sessionId' | 'cwd'>): Promise<void> {
    if (sessionId !== null) {
      this.#expectEnd(null, sessionId);
      return this.#inTurn(sessionId, () => this.#lookAgain(sessionId));
    }
    return this.#inTurn('sweep', async () => {
      for (const { source, sessionId: grown, read } of await this.#sweep(cwd === null ? {} : { cwd })) {
        if (read.openTurn === null) continue;
        this.#expectEnd(source, grown);
        this.#lookLater(grown);
      }
    });
  }

  /** Looks at every session of one store. */
  sweepStore(store: Store): Promise<void> {
    const sources = this.#needs.sources.filter((source) => source.store === store);
    return this.#inTurn('sweep', async () => void (await this.#sweepOf(sources, {})));
  }

  /** Looks at every session of every store. */
  sweepAll(): Promise<void> {
    return this.#inTurn('sweep', async () => void (await this.#sweep({})));
  }

  /** Adds what became no event to what `state` says. */
  count({ skippedLines, unknown }: Pick<SourceRead, 'skippedLines' | 'unknown'>): void {
    this.#skippedLines += skippedLines;
    this.#unknown = sumCounts(this.#unknown, unknown);
  }

  /** Does something else with Kiro's sessions while none is being read. Its failing is noted under `where`. */
  between(where: string, work: () => Promise<void>): Promise<void> {
    return this.#inTurn(where, work);
  }

  state(): SessionsState {
    return {
      lastSweep: this.#lastSweep,
      openTurns: this.#open.size,
      skippedLines: this.#skippedLines,
      unknown: this.#unknown,
      problems: [...this.#problems.values()],
    };
  }

  /** Lets the read under way finish. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { forget } of this.#open.values()) forget();
    await this.#queue;
  }

  #inTurn(where: string, work: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(async () => {
      if (this.#stopped) return;
      try {
        await work();
        this.#problems.delete(where);
      } catch (error) {
        // One unreadable session must not stop the others; the next ring or sweep tries again.
        this.#noteProblem(where, error);
      }
    });
    return this.#queue;
  }

  #noteProblem(where: string, error: unknown): void {
    this.#problems.set(where, describe(error));
    this.#host.log.error('reading failed', { where, error: describe(error) });
  }

  async #sweep(hint: SweepHint): Promise<LastStep[]> {
    const last = await this.#sweepOf(this.#needs.sources, hint);
    this.#lastSweep = this.#host.now().toISOString();
    return last;
  }

  /** The last step of each session that had grown. */
  async #sweepOf(sources: readonly SessionSource[], hint: SweepHint): Promise<LastStep[]> {
    const { cursors, context } = this.#needs;
    const last = new Map<string, LastStep>();
    for (const source of sources) {
      const where = `sweep ${source.store}`;
      try {
        for await (const { sessionId, read } of source.sweep(cursors, context(), hint)) {
          this.#take(source, sessionId, read);
          last.set(sessionId, { source, sessionId, read });
        }
        this.#problems.delete(where);
      } catch (error) {
        // Whatever befell one store, or a part of it, the others are read, and open turns followed.
        this.#noteProblem(where, error);
      }
    }
    return [...last.values()];
  }

  #take(source: SessionSource, sessionId: string, read: SourceRead): void {
    this.#needs.commit(source.store, sessionId, read);
    this.count(read);
  }

  #expectEnd(source: SessionSource | null, sessionId: string): void {
    this.#open.get(sessionId)?.forget();
    const until = this.#host.now().getTime() + TURN_END_LIMIT_MS;
    this.#open.set(sessionId, { source, sessionId, until, delay: FIRST_LOOK_MS, forget: () => {} });
  }

  /** Reads on, and comes back for the rest of the turn: soon, then less often, until its end or the limit. */
  async #lookAgain(sessionId: string): Promise<void> {
    const watched = this.#open.get(sessionId);
    if (watched === undefined) return;
    const stillOpen = await this.#read(watched);
    const over = this.#host.now().getTime() >= watched.until;
    if (!stillOpen || over) this.#open.delete(sessionId);
    if (stillOpen && over) await this.#giveUp(watched);
    else if (stillOpen) this.#lookLater(sessionId);
  }

  #lookLater(sessionId: string): void {
    const watched = this.#open.get(sessionId);
    if (watched === undefined) return;
    // Two rings of one session may stand in the queue, and each comes here.
    watched.forget();
    watched.forget = this.#needs.later(watched.delay, () => {
      watched.delay = Math.min(SLOWEST_LOOK_MS, watched.delay * 2);
      void this.#inTurn(sessionId, () => this.#lookAgain(sessionId));
    });
  }

  /** Whether more of the turn is to be expected. A session that no store has yet may still be written. */
  async #read(watched: Open): Promise<boolean> {
    const { cursors, context, sources } = this.#needs;
    for (const source of watched.source === null ? sources : [watched.source]) {
      for (let more = true; more; ) {
        const read = await source.read(watched.sessionId, cursors.get(source.store, watched.sessionId), context());
        if (read === undefined) break;
        watched.source = source;
        this.#take(source, watched.sessionId, read);
        more = read.more;
        if (!more) return read.openTurn !== null;
      }
    }
    return true;
  }

  /** Tells what was held back for the turn: a prompt whose turn never started. */
  async #giveUp({ source, sessionId }: Open): Promise<void> {
    if (source === null) return;
    const { cursors, context } = this.#needs;
    const read = await source.finish(sessionId, cursors.get(source.store, sessionId), context());
    if (read !== undefined) this.#take(source, sessionId, read);
  }
}
