import type { Bodies, TurnRef } from '../core/event.ts';
import type { PayloadOf } from '../kiro/session-records-1x.ts';
import { describeAttachments, otherBlocks, textOf } from './content-text.ts';
import { type Draft, hold, type Placed, provenance, recordKey, release, tell } from './draft-1x.ts';
import { BOUNDS, findOpen, push, turnRef } from './normalizer-state-1x.ts';

/**
 * A `user` record. Its place differs between builds (kiro/README S5): before `turn_start` it belongs to the turn that
 * comes; inside a turn, before the agent has acted, or marked as steering, to the turn that runs.
 */
export function takePrompt(draft: Draft, placed: Placed, { source }: PayloadOf<'user'>): void {
  const { state } = draft;
  state.userSeen = true;
  dropOpening(draft);
  const turn = findOpen(state, state.current);
  if (turn !== undefined && (source === 'steer' || !turn.acted)) {
    tellPrompt(draft, placed, turn);
    return;
  }
  hold(draft, placed);
  for (const ordinal of push(state.prompts, placed.ordinal, BOUNDS.prompts)) tellHeld(draft, ordinal, null);
}

/**
 * A `session_start` record is nearly always Kiro's own system prompt. It is the user's first prompt only when its role was
 * not forced and the first turn has no `user` record (kiro/README S6).
 */
export function takeSessionStart(draft: Draft, placed: Placed, { forcedRole }: PayloadOf<'session_start'>): void {
  const { state } = draft;
  if (forcedRole === true || state.userSeen || state.opening !== null || state.turns > 1) return;
  const running = findOpen(state, state.current);
  const first = running ?? (state.turns === 1 ? state.ended[0] : undefined);
  if (first === undefined || running?.acted === false) {
    hold(draft, placed);
    state.opening = placed.ordinal;
    return;
  }
  state.userSeen = true;
  tellPrompt(draft, placed, first);
}

/** The agent acts and no `user` record came: the opening was the prompt. */
export function settleOpening(draft: Draft, turn: TurnRef | null): void {
  const { opening } = draft.state;
  if (opening === null) return;
  draft.state.opening = null;
  draft.state.userSeen = true;
  tellHeld(draft, opening, turn);
}

/** The prompts that waited, now that their turn is known (or known not to come: null). */
export function tellWaitingPrompts(draft: Draft, turn: TurnRef | null): void {
  for (const ordinal of draft.state.prompts.splice(0)) tellHeld(draft, ordinal, turn);
}

function dropOpening(draft: Draft): void {
  if (draft.state.opening !== null) release(draft, draft.state.opening);
  draft.state.opening = null;
}

function tellHeld(draft: Draft, ordinal: number, turn: TurnRef | null): void {
  const placed = release(draft, ordinal);
  if (placed !== undefined) tellPrompt(draft, placed, turn);
}

function tellPrompt(draft: Draft, placed: Placed, turn: TurnRef | null): void {
  const body = promptBody(placed);
  if (body === null) return;
  tell(draft, {
    kind: 'prompt.submitted',
    key: recordKey(draft, placed),
    turn: turn === null ? null : turnRef(draft.state, turn.id),
    ...provenance(draft, placed),
    body,
  });
}

function promptBody({ record: { payload } }: Placed): Bodies['prompt.submitted'] | null {
  if (payload.type === 'session_start') return { text: textOf(payload.content), source: null, attachments: [] };
  if (payload.type !== 'user') return null;
  const { content, source, images, documents } = payload;
  return {
    text: textOf(content),
    source: source === 'chat' || source === 'steer' ? source : null,
    attachments: [
      ...describeAttachments(images, 'image'),
      ...describeAttachments(documents, 'document'),
      ...describeAttachments(otherBlocks(content), 'unknown'),
    ],
  };
}
