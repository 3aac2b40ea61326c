import type { TurnRef } from '../core/event.ts';
import type { CliMessage, CliTurnEnd } from '../kiro/records-cli2.ts';
import { type CliDraft, tellCli } from './draft-cli2.ts';
import { addEnded, type CliTurn } from './state-cli2.ts';
import { giveUpCallsCli } from './tools-cli2.ts';

/** A prompt begins a turn. */
export function beginTurnCli({ state }: CliDraft, { id, time }: CliMessage): TurnRef {
  state.turns += 1;
  state.replayed = null;
  const counts = { prompts: 0, responses: 0, reasonings: 0, tools: 0, toolFailures: 0 };
  state.turn = { id, index: state.turns, startedAt: time, counts };
  return { id, index: state.turns };
}

/** Whatever comes next is no longer of this turn: it ended as Kiro says, or in a way that nobody wrote down. */
export function leaveTurnCli(draft: CliDraft): void {
  const { turn } = draft.state;
  if (turn === null) giveUpCallsCli(draft);
  else endTurnCli(draft, endFor(draft, turn) ?? UNKNOWN_END);
}

/** Ends the turn if Kiro has written down how, and everything that Kiro counts to it has been read. */
export function settleTurnCli(draft: CliDraft): void {
  const { state, seen } = draft;
  if (state.turn === null) return;
  const end = endFor(draft, state.turn);
  if (end?.messageIds.every((id) => seen.has(id))) endTurnCli(draft, end);
}

/** Tells the end of the turn that runs. */
export function endTurnCli(draft: CliDraft, end: CliTurnEnd): void {
  const { state } = draft;
  const { turn } = state;
  if (turn === null) return;
  giveUpCallsCli(draft);
  const { reason, endedAt, durationMs, credits, contextUsage, error } = end;
  tellCli(draft, {
    kind: 'turn.ended',
    key: turn.id,
    turn: { id: turn.id, index: turn.index },
    time: endedAt ?? state.lastTime ?? new Date(0).toISOString(),
    record: null,
    ordinal: state.lastOrdinal + 1,
    inferred: [...(endedAt === null ? ['time'] : []), ...end.inferred],
    body: {
      reason: reason ?? 'unknown',
      durationMs,
      credits,
      contextUsage,
      counts: turn.counts,
      ...(error === null ? {} : { error }),
    },
  });
  state.turn = null;
  addEnded(state, turn);
  if (endedAt !== null) state.lastTime = endedAt;
}

function endFor({ ends }: CliDraft, turn: CliTurn): CliTurnEnd | undefined {
  return ends.findLast((end) => end.messageIds.includes(turn.id));
}

const UNKNOWN_END: CliTurnEnd = {
  messageIds: [],
  reason: null,
  endedAt: null,
  durationMs: null,
  credits: null,
  contextUsage: null,
  error: null,
  inferred: [],
};
