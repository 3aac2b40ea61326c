/**
 * What sub-agents did, said and thought, which stands in records of their own (kiro/README S13) and is read by the same rules as
 * the session's.
 *
 * Their ordinals lie between that of the record which started the sub-agent and the next one's, in the order of its own record:
 * they rise within the session and are the same on every read. A record that no start names is told once no turn runs, outside
 * of any turn, before everything else.
 */
import { systemCode } from '../core/failure.ts';
import type { SubExecution } from '../kiro/session-files-1x.ts';
import type { Fact, FactOf } from './fact.ts';
import { abandonCalls } from './normalize-1x.ts';
import { findOpen, type NormalizerState, turnRef } from './normalizer-state-1x.ts';
import { ALL_OF_IT, reduceLines, type Span } from './reduce-lines.ts';
import { restoreState, storeState } from './stored-state.ts';
import { forgetOld, type SubCursor, type SubCursors, subCursor, toBeRead } from './sub-cursors.ts';
import { readLineAt, TAIL_LIMITS, tailLines } from './tail-lines.ts';

export interface SubReading {
  subs: SubCursors;
  facts: Fact[];
  /** There is more to read at once. */
  more: boolean;
  skipped: number;
  unknown: Record<string, number>;
}

export interface SubsFound {
  /** As found before the session's record was read: what they hold by then, that record has spoken of. */
  found: readonly SubExecution[];
  subs: SubCursors;
  /** The session's state before and after its own record was read. */
  before: NormalizerState;
  state: NormalizerState;
  /** Facts from before are not told. */
  since: string | null;
  /** Also sub-agents that the session's record does not name. */
  unnamed: boolean;
}

/** Reads on what sub-agents have recorded, as much in one call as of the session's own record. */
export async function readSubExecutions(session: SubsFound): Promise<SubReading> {
  const { found, subs } = session;
  const files = { ...subs.files };
  const reading: SubReading = { subs, facts: [], more: false, skipped: 0, unknown: {} };
  let bytes = 0;
  let waiting = false;
  for (const execution of toBeRead(found, subs)) {
    const known = files[execution.id] ?? nameRun(execution, session);
    if (known === null) {
      waiting = true;
      continue;
    }
    if (bytes >= TAIL_LIMITS.chunkBytes) return { ...reading, subs: { ...subs, files }, more: true };
    const read = await readOne(execution, known, session);
    if (read === null) continue;
    bytes += read.sub.offset - known.offset;
    files[execution.id] = read.sub;
    reading.facts.push(...read.facts);
    reading.skipped += read.skipped;
    reading.more ||= read.more;
    for (const [name, count] of Object.entries(read.unknown))
      reading.unknown[name] = (reading.unknown[name] ?? 0) + count;
  }
  const settled = !reading.more && !waiting;
  return { ...reading, subs: settled ? forgetOld(found, { ...subs, files }) : { ...subs, files } };
}

/** What the session's record says of a sub-agent whose record is new; null: nothing yet. */
function nameRun({ id }: SubExecution, { state, unnamed }: SubsFound): SubCursor | null {
  const run = state.subAgentRuns.find((each) => each.id === id);
  if (run !== undefined) return subCursor({ name: run.name, turn: turnRef(state, run.turnId), base: run.ordinal });
  if (!unnamed || findOpen(state, state.current) !== undefined) return null;
  return subCursor({ name: null, turn: null, base: 0 });
}

async function readOne(
  { id, file, size }: SubExecution,
  known: SubCursor,
  { before: sessionBefore, state: session, since }: SubsFound,
): Promise<(Omit<SubReading, 'subs'> & { sub: SubCursor }) | null> {
  const tail = await tailSafely(file, known, size);
  if (tail === null) return null;
  const before = await restoreState(known.state, (offset) => readLineAt(file, offset));
  // The user may have been asked about a sub-agent's call in the session's own record.
  const start = { ...before, answers: [...before.answers, ...session.answers] };
  const span: Span = { ...ALL_OF_IT, since };
  const reading = reduceLines(start, tail.lines, span);
  const last = !tail.more && isOver(known, sessionBefore) ? abandonCalls(reading.state) : { ...reading, facts: [] };
  const endsNow = last.state.calls.length > 0 && isOver(known, session);
  const answers = last.state.answers.filter(({ callId }) => !session.answers.some((each) => each.callId === callId));
  const facts = [...reading.facts, ...last.facts];
  return {
    sub: { ...known, ...tail.position, state: storeState({ ...last.state, answers }) },
    facts: facts.flatMap((fact) => asSubAgents(fact, id, known)),
    more: tail.more || endsNow,
    skipped: reading.skipped + tail.tooLong,
    unknown: countUntold(reading.unknown, facts),
  };
}

/** The sub-agent's turn has ended, so that no result of its calls will come. */
function isOver({ turn }: SubCursor, state: NormalizerState): boolean {
  return turn === null || state.ended.some(({ id }) => id === turn.id);
}

async function tailSafely(file: string, position: SubCursor, end: number) {
  try {
    return await tailLines(file, position, { ...TAIL_LIMITS, end });
  } catch (error) {
    // Removed, or made a link, since it was found.
    if (['ENOENT', 'ELOOP'].includes(systemCode(error) ?? '')) return null;
    throw error;
  }
}

/** The start's line is longer than this, so that a sub-agent's ordinals never reach the next record's. */
const ROOM = 32;
/** Far beyond any record; calls behind it would share their ordinal. */
const MAX_OFFSET = 2 ** 26;

/** Its calls, answers and thoughts. What it was asked is in the call that started it, and its end is not the turn's. */
function asSubAgents(fact: Fact, id: string, { name, turn, base }: SubCursor): Fact[] {
  if (!isSubAgents(fact)) return [];
  const ordinal = base + (Math.min(fact.ordinal, MAX_OFFSET - 1) / MAX_OFFSET) * ROOM;
  const placed = { key: `${id}:${fact.key}`, turn, ordinal };
  const subAgent = { id, name };
  if (fact.kind === 'tool.invoked') return [{ ...fact, ...placed, body: { ...fact.body, subAgent } }];
  if (fact.kind === 'agent.reasoned') return [{ ...fact, ...placed, body: { ...fact.body, subAgent } }];
  return [{ ...fact, ...placed, body: { ...fact.body, subAgent } }];
}

type SubAgentsFact = FactOf<'tool.invoked'> | FactOf<'agent.responded'> | FactOf<'agent.reasoned'>;

function isSubAgents(fact: Fact): fact is SubAgentsFact {
  return fact.kind === 'tool.invoked' || fact.kind === 'agent.responded' || fact.kind === 'agent.reasoned';
}

/** What of a sub-agent has no event of its own. */
function countUntold(unknown: Record<string, number>, facts: readonly Fact[]): Record<string, number> {
  const counts = { ...unknown };
  for (const fact of facts) {
    if (isSubAgents(fact)) continue;
    const name = `sub-agent ${fact.kind}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
