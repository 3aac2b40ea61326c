import { stat } from 'node:fs/promises';
import type { CapsuleEvent } from '../core/event.ts';
import { systemCode } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { findSubExecutions, type SubExecution, unknownFiles } from '../kiro/session-files-1x.ts';
import type { SessionFolder } from '../kiro/session-folders-1x.ts';
import { readSessionMeta } from '../kiro/session-meta-1x.ts';
import type { CaptureContext } from './capture-context.ts';
import { sumCounts } from './name-counts.ts';
import { flush } from './normalize-1x.ts';
import { findOpen, initialState, type NormalizerState } from './normalizer-state-1x.ts';
import { readSubExecutions, type SubReading, type SubsFound } from './read-sub-executions.ts';
import { reduceLines } from './reduce-lines.ts';
import { baselineAt, freshCursor, type SessionCursor } from './session-cursor.ts';
import { withSpilledOutputs } from './spilled-outputs.ts';
import { restoreState, storeState } from './stored-state.ts';
import { startOf1x, surroundings1x } from './surroundings-1x.ts';
import { readLineAt, TAIL_LIMITS, type Tail, tailLines } from './tail-lines.ts';
import { tellFacts } from './tell-facts.ts';

export interface SessionRead {
  /** In the order of the record, redacted, ready to leave. */
  events: CapsuleEvent[];
  /** To be stored together with `events`. */
  cursor: SessionCursor;
  /** What is not finished, so that looking again soon is worth while; `since` is ISO 8601. */
  openTurn: OpenTurn | null;
  /** There is more to read at once. */
  more: boolean;
  /** Lines that are no record, or too long to be one. */
  skippedLines: number;
  /** Records that became no event, by the name of their type. */
  unknown: Record<string, number>;
}

/** A turn whose end has not been recorded; `id` is null while it has not begun (or cannot be read yet). */
export interface OpenTurn {
  id: string | null;
  since: string;
}

/**
 * Reads what Kiro has added to a session since `cursor` (null: from its beginning), a portion at a time, and
 * turns it into events. Reading again from an older cursor gives the same events with the same ids. Nothing is read while
 * `session.json` is being written, because it names the workspace, whose level decides what may leave.
 */
export async function readSession(
  host: Host,
  folder: SessionFolder,
  cursor: SessionCursor | null,
  context: CaptureContext,
): Promise<SessionRead> {
  const before = cursor ?? freshCursor();
  const tail = await readTail(folder, before);
  if (tail === null) return nothing(before);
  const { restarted, position, size } = tail;
  if (restarted && !before.primed) return nothing(baselineAt(size));
  const meta = await readSessionMeta(folder.path);
  if (meta === null && (await changedLately(host, folder))) {
    return { ...nothing(before), openTurn: { id: null, since: host.now().toISOString() } };
  }

  const found = await findSubExecutions(folder.path);
  const state = restarted ? initialState() : await stateOf(folder, before);
  const around = surroundings1x(folder, meta, context);
  const roots = meta?.workspacePaths ?? [];
  const { begun, ...main } = reduceLines(state, tail.lines, before);
  const subs = await readSubs(found, before, { before: state, state: main.state, more: tail.more });
  const strange = await newKinds(folder, before);
  const starts = begun !== null && !before.started && around.level !== 'off';
  const facts = await withSpilledOutputs(folder.path, [...main.facts, ...subs.facts]);

  return {
    events: await tellFacts(facts, starts ? startOf1x(begun, meta, before) : null, { around, context, roots }),
    cursor: {
      ...before,
      ...position,
      size,
      primed: position.offset >= before.from,
      started: before.started || starts,
      state: storeState(main.state),
      subs: subs.subs,
      strange: [...before.strange, ...strange],
    },
    openTurn: openTurnOf(main.state),
    more: tail.more || subs.more,
    skippedLines: main.skipped + subs.skipped + tail.tooLong,
    unknown: sumCounts(main.unknown, subs.unknown, Object.fromEntries(strange.map((kind) => [`file ${kind}`, 1]))),
  };
}

/** After the session's own record, all of it: only then is it known who they are. */
async function readSubs(
  found: readonly SubExecution[],
  { subs, since, until }: SessionCursor,
  { more, ...states }: Pick<SubsFound, 'before' | 'state'> & { more: boolean },
): Promise<SubReading> {
  if (more) return { subs, facts: [], more: false, skipped: 0, unknown: {} };
  return readSubExecutions({ ...states, found, subs, since, unnamed: until === null });
}

const MOST_KINDS = 16;

async function newKinds(folder: SessionFolder, { strange }: SessionCursor): Promise<string[]> {
  const kinds = await unknownFiles(folder.path);
  return kinds.filter((kind) => !strange.includes(kind)).slice(0, MOST_KINDS - strange.length);
}

/**
 * Tells what was held back for a turn that does not come (a prompt whose turn never started), once the caller has given up
 * waiting; null when nothing was.
 */
export async function finishSession(
  folder: SessionFolder,
  cursor: SessionCursor | null,
  context: CaptureContext,
): Promise<SessionRead | null> {
  if (cursor === null || cursor.state.prompts.length === 0) return null;
  const meta = await readSessionMeta(folder.path);
  const around = surroundings1x(folder, meta, context);
  const { state, facts } = flush(await stateOf(folder, cursor));
  const events = await tellFacts(facts, null, { around, context, roots: meta?.workspacePaths ?? [] });
  return { ...nothing({ ...cursor, state: storeState(state) }), events };
}

async function readTail({ messages }: SessionFolder, cursor: SessionCursor): Promise<Tail | null> {
  const { offset, inode, skipping, from, primed, until } = cursor;
  const position = !primed && offset === from ? { offset: 0, inode, skipping: false } : { offset, inode, skipping };
  try {
    return await tailLines(messages, position, until === null ? TAIL_LIMITS : { ...TAIL_LIMITS, end: until });
  } catch (error) {
    // A session without records yet, or one that Kiro has just removed.
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

function nothing(cursor: SessionCursor): SessionRead {
  return { events: [], cursor, openTurn: null, more: false, skippedLines: 0, unknown: {} };
}

/** How long a missing or torn `session.json` is taken for one that is being written. */
const SETTLING_MS = 60_000;

async function changedLately(host: Host, { messages }: SessionFolder): Promise<boolean> {
  return host.now().getTime() - (await stat(messages)).mtimeMs < SETTLING_MS;
}

function stateOf({ messages }: SessionFolder, { state }: SessionCursor): Promise<NormalizerState> {
  return restoreState(state, (offset) => readLineAt(messages, offset));
}

function openTurnOf(state: NormalizerState): OpenTurn | null {
  const turn = findOpen(state, state.current);
  const since = turn?.startedAt ?? state.lastTime ?? new Date(0).toISOString();
  if (turn !== undefined) return { id: turn.id, since };
  return state.prompts.length > 0 ? { id: null, since } : null;
}
