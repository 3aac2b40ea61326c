import type { CapsuleEvent, Store } from '../core/event.ts';
import type { CaptureContext } from './capture-context.ts';

/** Where reading a session stopped: plain JSON that only the source which made it understands; null for never. */
export type Cursor = object | null;

/** Where cursors are kept. */
export interface CursorStore {
  get(store: Store, sessionId: string): Cursor;
}

/** What one reading of a session gave. */
export interface SourceRead {
  /** In the order of the record, redacted, ready to leave. */
  events: CapsuleEvent[];
  /** To be stored together with `events`. */
  cursor: object;
  /** What is not finished, so that looking again soon is worth while; `since` is ISO 8601. */
  openTurn: { id: string | null; since: string } | null;
  /** There is more to read at once. */
  more: boolean;
  /** Records that could not be read. */
  skippedLines: number;
  /** Records that became no event, by the name of their type. */
  unknown: Record<string, number>;
}

/** What a ring says of where to look first. */
export interface SweepHint {
  sessionId?: string;
  /** The folder Kiro ran the hook in. */
  cwd?: string;
}

/** One step of a sweep: its events and its cursor belong into one transaction. */
export interface SweepStep {
  sessionId: string;
  read: SourceRead;
}

/** One of Kiro's session stores, as the daemon follows it. All of them are read the same way: by session, from a cursor. */
export interface SessionSource {
  readonly store: Store;
  /** Whether it is read at all now; absent: always. What Kiro records while it is not is never told. */
  isOn?(): boolean;
  /** Reads every session that has grown, step by step; one that has not costs a look at its file. */
  sweep(cursors: CursorStore, context: CaptureContext, hint?: SweepHint): AsyncGenerator<SweepStep>;
  /** Reads one session on; undefined when this store does not have it. */
  read(sessionId: string, cursor: Cursor, context: CaptureContext): Promise<SourceRead | undefined>;
  /** Tells what was held back for a turn that does not come; undefined when nothing was. */
  finish(sessionId: string, cursor: Cursor, context: CaptureContext): Promise<SourceRead | undefined>;
  /** For each session that is there now, the cursor behind all of it: what is recorded from now on is told. */
  baseline(): AsyncGenerator<{ sessionId: string; cursor: object }>;
  /**
   * The cursor that `read` tells with what a baseline left out, from `since` (ISO 8601) on: `live` is the session's cursor now.
   * null when it left nothing out. Absent: this store is not filled in.
   */
  backfill?(live: Cursor, since: string): Cursor;
}
