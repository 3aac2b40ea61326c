import type { Host } from '../core/host.ts';
import { type IsEnough, parseConversation } from '../kiro/conversation-cli2.ts';
import type { ConversationRow } from '../kiro/conversations-cli2.ts';
import { type CliRecord, isMessage } from '../kiro/records-cli2.ts';
import type { CaptureContext } from './capture-context.ts';
import type { CliCursor, CliFill, DatabasePosition } from './cursor-cli2.ts';
import { type CliDraft, closeCliDraft, openCliDraft } from './draft-cli2.ts';
import { passOverCli, reduceCli } from './normalize-cli2.ts';
import { type CliRead, isWanted, openTurnOf } from './read-flat-cli2.ts';
import { countNames, nothingNew } from './reading-cli2.ts';
import type { SeenCli } from './state-cli2.ts';
import { startOfCli2, surroundingsCli2 } from './surroundings-cli2.ts';
import { tellFacts } from './tell-facts.ts';
import { leaveTurnCli, settleTurnCli } from './turns-cli2.ts';

/** How long a conversation that stops at an unanswered call is waited for. */
const SETTLING_MS = 60_000;

/**
 * Reads what is new in a conversation of the database, given its row and its whole value (null: too large, or gone). A value
 * that is no conversation counts as one skipped line.
 */
export async function readConversationOn(
  host: Host,
  row: ConversationRow,
  value: string | null,
  { before, context }: { before: CliCursor; context: CaptureContext },
): Promise<CliRead> {
  const position = before.database ?? { updatedAt: 0, from: null, left: null, line: 1 };
  const draft = openCliDraft(before.state, { held: new Map(), ends: [], exported: false });
  const isKnown = before.fill === null && position.from === null;
  const conversation = value === null ? null : parseConversation(value, isKnown ? stopAtTold(draft) : undefined);
  if (conversation === null) {
    const cursor = { ...before, database: { ...position, updatedAt: row.updatedAt } };
    return { ...nothingNew(cursor), skippedLines: 1 };
  }
  const { turns, model } = conversation;
  const records = partOf(conversation.records, row, before.fill);
  draft.ends = turns;
  const old = oldRecords(records, draft.seen, position);
  const line = reduceRecords(draft, records, old, position);
  settleTurnCli(draft);
  const quiet = host.now().getTime() - row.updatedAt >= SETTLING_MS;
  // A turn that began in the flat files ends there.
  const own = records.some((record) => isMessage(record) && record.id === draft.state.turn?.id);
  if (quiet && own && records.length === conversation.records.length) leaveTurnCli(draft);

  const createdAt = new Date(row.createdAt).toISOString();
  const session = { id: row.id, title: null, mode: null, model, cwd: row.cwd, createdAt };
  const around = surroundingsCli2(session, context);
  const facts = draft.facts.filter((fact) => isWanted(fact, before.fill));
  const starts = facts.length > 0 && !before.started && around.level !== 'off';
  const whole = position.from === null && before.state.turns === 0;
  const start = startOfCli2(session, { whole, first: facts[0]?.time ?? null, fill: before.fill });
  return {
    events: await tellFacts(facts, starts ? start : null, { around, context, roots: [row.cwd] }),
    cursor: {
      ...before,
      started: before.started || starts,
      state: closeCliDraft(draft),
      database: { updatedAt: row.updatedAt, from: null, left: position.left, line },
    },
    openTurn: openTurnOf(draft.state),
    more: false,
    skippedLines: 0,
    unknown: countNames(draft.unknown),
  };
}

/** Back to what was told, and to what it left open: the turn's prompt, and what its calls were asked. */
function stopAtTold({ state, seen }: CliDraft): IsEnough {
  const { turn } = state;
  const open = new Set(state.calls.map(({ callId }) => callId));
  let [told, begun] = [false, turn === null];
  return (messages) => {
    for (const { id, blocks } of messages) {
      told ||= seen.has(id);
      begun ||= id === turn?.id;
      for (const block of blocks) if (block.type === 'toolUse') open.delete(block.callId);
    }
    return told && begun && open.size === 0;
  };
}

/** What is read of a conversation: in back-fill only what was there before us. */
function partOf(records: readonly CliRecord[], row: ConversationRow, fill: CliFill | null): readonly CliRecord[] {
  if (fill === null || fill.database === null || row.updatedAt <= fill.database) return records;
  return records.slice(0, endOfOld(records, fill.database));
}

/** Behind the last message that had been recorded by this moment (ms). */
function endOfOld(records: readonly CliRecord[], moment: number): number {
  return records.findLastIndex((it) => isMessage(it) && it.time !== null && Date.parse(it.time) <= moment) + 1;
}

/**
 * How many records at the beginning are not new: up to the last that was told, or that is older than our coming. Kiro drops
 * the oldest ones when it compacts a conversation, so that a count would not do.
 */
function oldRecords(records: readonly CliRecord[], seen: SeenCli, { from }: DatabasePosition): number {
  const told = records.findLastIndex((record) => isMessage(record) && seen.has(record.id)) + 1;
  return Math.max(told, from === null ? 0 : endOfOld(records, from));
}

/**
 * Runs the new records through the reducer; of those that were told only what they leave open is taken, and those that were
 * there before us are read for the state alone. Answers the next place.
 */
function reduceRecords(
  draft: CliDraft,
  records: readonly CliRecord[],
  old: number,
  position: DatabasePosition,
): number {
  const { state } = draft;
  const fromBefore = position.from !== null;
  let line = Math.max(position.line, state.lastOrdinal + 1);
  for (const [index, record] of records.entries()) {
    const isNew = index >= old;
    if (index === old && fromBefore) forgetOld(draft);
    if (isNew || fromBefore) reduceCli(draft, record, { line });
    else passOverCli(draft, record, { line });
    // What was there before us has its place, whether back-fill tells it or not.
    if (isMessage(record) && (isNew || fromBefore))
      line = Math.max(line + record.blocks.length + 1, state.lastOrdinal + 1);
  }
  if (fromBefore && old === records.length) forgetOld(draft);
  return line;
}

function forgetOld(draft: CliDraft): void {
  settleTurnCli(draft);
  draft.facts.length = 0;
  draft.unknown.length = 0;
}
