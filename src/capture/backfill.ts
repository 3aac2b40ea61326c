import type { CaptureContext } from './capture-context.ts';
import type { Cursor, SessionSource, SourceRead } from './session-source.ts';

/** How far a session from before us has been filled in. Plain JSON, kept beside its cursor. */
export interface BackfillProgress {
  /** What happened before this moment (ISO 8601) was not told. */
  since: string;
  cursor: Cursor;
  done: boolean;
}

/** For a session of which nothing from before is to be told, however wide the span. */
export const FILLED: BackfillProgress = { since: '', cursor: null, done: true };

export interface BackfillState {
  /** The session's cursor for what is recorded from now on: it knows where the part before us ends. */
  live: Cursor;
  progress: BackfillProgress | null;
}

/** Whether there is nothing (more) to fill in of a session from `since` on. Pure. */
export function isFilled({ live, progress }: BackfillState, since: string): boolean {
  // Without a cursor the session is newer than our first start, and told as it grows.
  if (live === null) return true;
  return progress !== null && !needsMore(progress, since);
}

function needsMore(progress: BackfillProgress, since: string): boolean {
  return !progress.done || progress.since > since;
}

export interface BackfillPortion {
  /** null: there was nothing to read. */
  read: SourceRead | null;
  progress: BackfillProgress;
}

/**
 * Reads the next portion of what was recorded before us, from `since` on: the same events with the same ids as if it had been
 * told then. A wider span than before starts over; what was told is recognised by its ids.
 */
export async function readBackfill(
  source: SessionSource,
  sessionId: string,
  { live, progress }: BackfillState,
  since: string,
  context: CaptureContext,
): Promise<BackfillPortion> {
  const goesOn = progress !== null && progress.since <= since;
  const cursor = goesOn ? progress.cursor : (source.backfill?.(live, since) ?? null);
  const told = goesOn ? progress.since : since;
  const read = cursor === null ? undefined : await source.read(sessionId, cursor, context);
  if (read === undefined) return { read: null, progress: { since: told, cursor: null, done: true } };
  // The same cursor: nothing could be read now, as while Kiro writes the session's metadata.
  return { read, progress: { since: told, cursor: read.cursor, done: !read.more && read.cursor !== cursor } };
}
