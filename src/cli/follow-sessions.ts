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

export interface Following {
  /** A turn ended, in this session if it is known. Resolves when what is there now has been read. */
  ring(sessionId: string | null): Promise<void>;
  sweepAll(): Promise<void>;
  state(): {
    lastSweep: string | null;
    openTurns: number;
    skippedLines: number;
    unknown: Record<string, number>;
    problems: string[];
  };
  stop(): Promise<void>;
}

/** A session whose turn has rung but not ended. */
interface Open {
  until: number;
  delay: number;
  forget: () => void;
}

export function followSessions(host: Host, needs: FollowNeeds): Following {
  const open = new Map<string, Open>();
  const unknown: Record<string, number> = {};
  const problems = new Map<string, string>();
  let skippedLines = 0;
  let lastSweep: string | null = null;
  let stopped = false;
  let queue: Promise<void> = Promise.resolve();

  const inTurn = (where: string, work: () => Promise<void>): Promise<void> => {
    queue = queue.then(async () => {
      if (stopped) return;
      try {
        await work();
        problems.delete(where);
      } catch (error) {
        // One unreadable session must not stop the others; the next ring or sweep tries again.
        problems.set(where, describe(error));
        host.log.error('reading failed', { where, error: describe(error) });
      }
    });
    return queue;
  };

  const take = (sessionId: string, read: SessionRead) => {
    needs.commit(sessionId, read);
    skippedLines += read.skippedLines;
    for (const [name, count] of Object.entries(read.unknown)) unknown[name] = (unknown[name] ?? 0) + count;
  };

  /** Whether more of the turn is to be expected: it has not ended, or a prompt waits for its turn. */
  const readOne = async (sessionId: string): Promise<boolean> => {
    const folder = await findSessionFolder(needs.sessionsRoot, sessionId);
    if (folder === null) return true;
    const context = needs.context();
    for (;;) {
      const read = await readSession(host, folder, needs.cursors.get(sessionId), context);
      take(sessionId, read);
      if (!read.more) return read.openTurn !== null || read.cursor.state.prompts.length > 0;
    }
  };

  /** Looks again soon, then less often, until the turn has ended or the limit has passed. */
  const watchTurn = (sessionId: string, stillOpen: boolean) => {
    const watched = open.get(sessionId);
    if (watched === undefined) return;
    const over = host.now().getTime() >= watched.until;
    if (!stillOpen || over) {
      open.delete(sessionId);
      if (stillOpen && over) void inTurn(sessionId, () => giveUp(sessionId));
      return;
    }
    watched.forget = needs.later(watched.delay, () => {
      watched.delay = Math.min(SLOWEST_LOOK_MS, watched.delay * 2);
      void inTurn(sessionId, async () => watchTurn(sessionId, await readOne(sessionId)));
    });
  };

  /** Sends what was held back for the turn's end: a prompt whose turn never started. */
  const giveUp = async (sessionId: string) => {
    const folder = await findSessionFolder(needs.sessionsRoot, sessionId);
    if (folder === null) return;
    const read = await finishSession(folder, needs.cursors.get(sessionId), needs.context());
    if (read !== null) needs.commit(sessionId, read);
  };

  const sweepNow = async (first: string | null) => {
    const context = needs.context();
    const hint = first === null ? {} : { sessionId: first };
    for await (const { sessionId, read } of sweep(host, needs.sessionsRoot, needs.cursors, context, hint))
      take(sessionId, read);
    lastSweep = host.now().toISOString();
  };

  return {
    ring(sessionId) {
      if (sessionId === null) return inTurn('sweep', () => sweepNow(null));
      open.get(sessionId)?.forget();
      open.set(sessionId, { until: host.now().getTime() + TURN_END_LIMIT_MS, delay: FIRST_LOOK_MS, forget: () => {} });
      return inTurn(sessionId, async () => watchTurn(sessionId, await readOne(sessionId)));
    },
    sweepAll: () => inTurn('sweep', () => sweepNow(null)),
    state: () => ({
      lastSweep,
      openTurns: open.size,
      skippedLines,
      unknown: { ...unknown },
      problems: [...problems.values()],
    }),
    async stop() {
      stopped = true;
      for (const { forget } of open.values()) forget();
      await queue;
    },
  };
}
