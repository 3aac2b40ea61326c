import * as z from 'zod';
import type { PayloadOf } from '../kiro/session-records-1x.ts';
import { type Draft, hold, type Placed, provenance, recordKey, release, tell } from './draft-1x.ts';
import { BOUNDS, findOpen, NO_COUNTS, type OpenTurn, push } from './normalizer-state-1x.ts';
import { settleOpening, tellWaitingPrompts } from './prompts-1x.ts';
import { giveUpCalls } from './tools-1x.ts';

/**
 * A turn begins at `time` (null: we did not see it begin), or an execution that ended is restarted. What the turns before it left unfinished stays unfinished: Kiro
 * repairs a crashed session when it loads it, before anything new.
 */
export function beginTurn(draft: Draft, id: string, time: string | null): OpenTurn {
  const { state } = draft;
  const turn = findOpen(state, id) ?? openTurn(draft, id, time);
  state.current = id;
  state.equals = [];
  giveUpCalls(draft, (turnId) => turnId !== id);
  tellWaitingPrompts(draft, turn);
  return turn;
}

function openTurn(draft: Draft, id: string, time: string | null): OpenTurn {
  const { state } = draft;
  const at = state.ended.findIndex((ended) => ended.id === id);
  const [before] = at < 0 ? [] : state.ended.splice(at, 1);
  if (before === undefined) state.turns += 1;
  const turn: OpenTurn = {
    id,
    index: before?.index ?? state.turns,
    startedAt: time,
    lastTime: time,
    acted: false,
    ends: before?.ends ?? 0,
    counts: { ...NO_COUNTS },
    contextUsage: null,
    credits: null,
    elapsedMs: null,
    error: null,
    subAgents: [],
  };
  for (const old of push(state.open, turn, BOUNDS.open)) {
    if (old.error !== null) release(draft, old.error);
    push(state.ended, { id: old.id, index: old.index, ends: old.ends }, BOUNDS.ended);
  }
  return turn;
}

/** The agent does something: the turn it is in, its prompt settled. null: outside of any turn. */
export function actingTurn(draft: Draft, executionId: string | undefined): OpenTurn | null {
  const { state } = draft;
  const id = executionId ?? state.current;
  const known = findOpen(state, id);
  const ended = state.ended.some((turn) => turn.id === id);
  const turn = known ?? (id === null || ended ? null : beginTurn(draft, id, null));
  if (id === null) tellWaitingPrompts(draft, null);
  if (state.turns <= 1) settleOpening(draft, turn);
  if (turn !== null) turn.acted = true;
  return turn;
}

const contextUsage = z.object({ usagePercentage: z.number().nonnegative() });

/** What Kiro says of a running turn: how full its context is, an error it showed. */
export function takeMetadata(
  draft: Draft,
  placed: Placed,
  { key, value }: PayloadOf<'session_metadata'>,
  turn?: OpenTurn,
) {
  if (turn === undefined) return;
  const usage = contextUsage.safeParse(value);
  if (key === 'contextUsage' && usage.success) turn.contextUsage = usage.data.usagePercentage;
  if (key === 'displayError') takeError(draft, placed, turn);
}

/** The turn's last error, told with its end. */
export function takeError(draft: Draft, placed: Placed, turn: OpenTurn | undefined): void {
  if (turn === undefined) return;
  if (turn.error !== null) release(draft, turn.error);
  hold(draft, placed);
  turn.error = placed.ordinal;
}

/** The turn's credits, null where Kiro counted none, and its time in ms. */
export function takeUsage(usage: PayloadOf<'usage_summary'>, turn: OpenTurn | undefined): void {
  if (turn === undefined) return;
  const credits = usage.promptTurnSummaries.flatMap((entry) => (entry?.unit === 'credit' ? [entry.usage] : []));
  turn.credits = credits.length === 0 ? null : credits.reduce((sum, credit) => sum + credit, 0);
  turn.elapsedMs = usage.elapsedTime ?? null;
}

/**
 * A turn ends; often long after, when Kiro repairs a crashed session, and then it is still the old turn. A second end
 * without a restart says nothing new.
 */
export function endTurn(draft: Draft, placed: Placed, { executionId, stopReason }: PayloadOf<'turn_end'>): void {
  const { state } = draft;
  if (state.ended.some((turn) => turn.id === executionId)) return;
  const turn = findOpen(state, executionId) ?? beginTurn(draft, executionId, null);
  if (state.turns <= 1) settleOpening(draft, turn);
  giveUpCalls(draft, (turnId) => turnId === turn.id);
  const from = provenance(draft, placed);
  const durationMs = turn.elapsedMs ?? lasted(turn);
  const error = turn.error === null ? null : errorText(release(draft, turn.error));
  tell(draft, {
    kind: 'turn.ended',
    key: turn.ends === 0 ? recordKey(draft, placed) : `${recordKey(draft, placed)}:${turn.ends}`,
    turn: { id: turn.id, index: turn.index },
    ...from,
    inferred: [...from.inferred, ...(durationMs !== null && turn.elapsedMs === null ? ['durationMs'] : [])],
    body: {
      reason: stopReason ?? 'unknown',
      durationMs,
      credits: turn.credits,
      contextUsage: turn.contextUsage,
      counts: turn.counts,
      ...(error === null ? {} : { error }),
    },
  });
  state.open = state.open.filter((open) => open !== turn);
  push(state.ended, { id: turn.id, index: turn.index, ends: turn.ends + 1 }, BOUNDS.ended);
  if (state.current === turn.id) state.current = null;
}

/** From the turn's start to its last record; null when it has but one. */
function lasted({ startedAt, lastTime }: OpenTurn): number | null {
  if (startedAt === null || lastTime === null) return null;
  const ms = Date.parse(lastTime) - Date.parse(startedAt);
  return ms > 0 ? ms : null;
}

const shownError = z.object({ message: z.string() });

function errorText(placed: Placed | undefined): string | null {
  const payload = placed?.record.payload;
  if (payload?.type === 'error') return payload.message ?? null;
  if (payload?.type !== 'session_metadata') return null;
  if (typeof payload.value === 'string') return payload.value;
  return shownError.safeParse(payload.value).data?.message ?? null;
}
