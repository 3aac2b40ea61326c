/**
 * Decides when which session is read. A ring has its session read at once and again until the turn's end record is there
 * (Kiro writes it only after the hook returned); everything else is found by sweeps at start and on a slow timer.
 * One read at a time, so that events come out in the order of the record.
 */

import type { CaptureContext } from '../capture/capture-context.ts';
import { finishSession, readSession, type SessionRead } from '../capture/read-session.ts';
import { type CursorStore, sweep } from '../capture/sweep.ts';
import { describe } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { findSessionFolder } from '../kiro/session-folders-1x.ts';

/** How long a turn's end is waited for after the last ring of its session. */
export const TURN_END_LIMIT_MS = 60_000;
const FIRST_LOOK_MS = 20;
const SLOWEST_LOOK_MS = 1_000;
export const SWEEP_EVERY_MS = 15 * 60_000;

export interface FollowNeeds {
  sessionsRoot: string;
  cursors: CursorStore;
  context(): CaptureContext;
  /** Makes a step durable: its events and the cursor behind them. */
  commit(sessionId: string, read: Pick<SessionRead, 'events' | 'cursor'>): void;
  later(ms: number, then: () => void): () => void;
}

/** A session whose turn has rung but not ended. */
interface Open {
  until: number;
  delay: number;
  forget: () => void;
}

export interface SessionsState {
  lastSweep: string | null;
  openTurns: number;
  skippedLines: number;
  unknown: Record<string, number>;
  problems: string[];
}

export class SessionFollower {
  readonly #host: Host;
  readonly #needs: FollowNeeds;
  readonly #open = new Map<string, Open>();
  readonly #unknown = new Map<string, number>();
  readonly #problems = new Map<string, string>();
  #skippedLines = 0;
  #lastSweep: string | null = null;
  #stopped = false;
  #queue: Promise<void> = Promise.resolve();

  constructor(host: Host, needs: FollowNeeds) {
    this.#host = host;
    this.#needs = needs;
  }

  /** A turn ended, in this session if it is known. Resolves when what is there now has been read. */
  ring(sessionId: string | null): Promise<void> {
    if (sessionId === null) return this.sweepAll();
    this.#open.get(sessionId)?.forget();
    const until = this.#host.now().getTime() + TURN_END_LIMIT_MS;
    this.#open.set(sessionId, { until, delay: FIRST_LOOK_MS, forget: () => {} });
    return this.#inTurn(sessionId, async () => this.#watchTurn(sessionId, await this.#read(sessionId)));
  }

  /** Looks at every session. */
  sweepAll(): Promise<void> {
    return this.#inTurn('sweep', async () => {
      const { sessionsRoot, cursors, context } = this.#needs;
      for await (const { sessionId, read } of sweep(this.#host, sessionsRoot, cursors, context()))
        this.#take(sessionId, read);
      this.#lastSweep = this.#host.now().toISOString();
    });
  }

  state(): SessionsState {
    return {
      lastSweep: this.#lastSweep,
      openTurns: this.#open.size,
      skippedLines: this.#skippedLines,
      unknown: Object.fromEntries(this.#unknown),
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
        this.#problems.set(where, describe(error));
        this.#host.log.error('reading failed', { where, error: describe(error) });
      }
    });
    return this.#queue;
  }

  #take(sessionId: string, read: SessionRead): void {
    this.#needs.commit(sessionId, read);
    this.#skippedLines += read.skippedLines;
    for (const [name, count] of Object.entries(read.unknown)) {
      this.#unknown.set(name, (this.#unknown.get(name) ?? 0) + count);
    }
  }

  /** Whether more of the turn is to be expected: it has not ended, or a prompt waits for its turn. */
  async #read(sessionId: string): Promise<boolean> {
    const { sessionsRoot, cursors, context } = this.#needs;
    const folder = await findSessionFolder(sessionsRoot, sessionId);
    if (folder === null) return true;
    for (;;) {
      const read = await readSession(this.#host, folder, cursors.get(sessionId), context());
      this.#take(sessionId, read);
      if (!read.more) return read.openTurn !== null || read.cursor.state.prompts.length > 0;
    }
  }

  /** Looks again soon, then less often, until the turn has ended or the limit has passed. */
  async #watchTurn(sessionId: string, stillOpen: boolean): Promise<void> {
    const watched = this.#open.get(sessionId);
    if (watched === undefined) return;
    const over = this.#host.now().getTime() >= watched.until;
    if (!stillOpen || over) this.#open.delete(sessionId);
    if (!stillOpen) return;
    if (over) return this.#giveUp(sessionId);
    watched.forget = this.#needs.later(watched.delay, () => {
      watched.delay = Math.min(SLOWEST_LOOK_MS, watched.delay * 2);
      void this.#inTurn(sessionId, async () => this.#watchTurn(sessionId, await this.#read(sessionId)));
    });
  }

  /** Tells what was held back for the turn: a prompt whose turn never started. */
  async #giveUp(sessionId: string): Promise<void> {
    const { sessionsRoot, cursors, context, commit } = this.#needs;
    const folder = await findSessionFolder(sessionsRoot, sessionId);
    if (folder === null) return;
    const read = await finishSession(folder, cursors.get(sessionId), context());
    if (read !== null) commit(sessionId, read);
  }
}
