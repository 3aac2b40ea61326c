import type { PayloadOf, SessionRecord } from '../kiro/session-records-1x.ts';
import { textOf } from './content-text.ts';
import { type Draft, openDraft, type Placed, provenance, recordKey, tell } from './draft-1x.ts';
import type { Fact } from './fact.ts';
import { findOpen, type NormalizerState, type OpenTurn, turnRef } from './normalizer-state-1x.ts';
import { takePrompt, takeSessionStart, tellWaitingPrompts } from './prompts-1x.ts';
import {
  giveUpCalls,
  isSynthetic,
  takeCall,
  takeQuestion,
  takeResolution,
  takeResult,
  takeSubAgentStart,
} from './tools-1x.ts';
import { actingTurn, beginTurn, endTurn, takeError, takeMetadata, takeUsage } from './turns-1x.ts';

export interface Step {
  state: NormalizerState;
  facts: Fact[];
  /** Names of records that became no event although nothing says that they are none. */
  unknown: string[];
}

/**
 * One record of a Kiro 1.x session: the new state and the facts that are now complete. Pure; the same records give the
 * same facts however they are split over calls. `ordinal` is 1 + the byte offset of the record's line.
 */
export function reduce(state: NormalizerState, record: SessionRecord, ordinal: number): Step {
  const draft = openDraft(state);
  const placed = { record, ordinal };
  take(draft, placed);
  touch(draft, placed);
  return draft;
}

/** Tells what waits for a turn that does not come: a prompt whose turn never started. */
export function flush(state: NormalizerState): Step {
  const draft = openDraft(state);
  tellWaitingPrompts(draft, null);
  return draft;
}

/** Tells the calls whose result does not come. */
export function abandonCalls(state: NormalizerState): Step {
  const draft = openDraft(state);
  giveUpCalls(draft, () => true);
  return draft;
}

function take(draft: Draft, placed: Placed): void {
  const { state } = draft;
  const { payload, time } = placed.record;
  const running = (executionId?: string) => findOpen(state, executionId ?? state.current);
  switch (payload.type) {
    case 'user':
      takePrompt(draft, placed, payload);
      break;
    case 'session_start':
      takeSessionStart(draft, placed, payload);
      break;
    case 'turn_start':
      beginTurn(draft, payload.executionId, time);
      break;
    case 'assistant':
      takeAssistant(draft, placed, payload);
      break;
    case 'tool_call':
      takeCall(draft, placed, payload, actingTurn(draft, payload.executionId));
      break;
    case 'tool_result':
      takeResult(draft, placed, payload, actingTurn(draft, payload.executionId));
      break;
    case 'pending_interaction':
      takeQuestion(draft, payload);
      break;
    case 'interaction_resolved':
      takeResolution(draft, placed, payload);
      break;
    case 'session_metadata':
      takeMetadata(draft, placed, payload, running(payload.executionId));
      break;
    case 'usage_summary':
      takeUsage(payload, running(payload.executionId));
      break;
    case 'sub_agent_start':
      takeSubAgentStart(draft, placed, payload);
      break;
    case 'error':
      takeError(draft, placed, running(payload.executionId));
      break;
    case 'turn_end':
      endTurn(draft, placed, payload);
      break;
    case 'unknown':
      draft.unknown.push(payload.name);
      break;
    default:
      // Known records that tell nothing of ours.
      break;
  }
}

/** `...` is what Kiro 1.x writes instead of the reasoning, which it keeps encrypted (kiro/README S6). */
const WITHHELD = '...';

function takeAssistant(draft: Draft, placed: Placed, payload: PayloadOf<'assistant'>): void {
  const { content, operationType = 'Say', executionId } = payload;
  const turn = actingTurn(draft, executionId);
  const common = () => ({
    key: recordKey(draft, placed),
    turn: turnRef(draft.state, turn?.id ?? executionId ?? null),
    ...provenance(draft, placed),
  });
  const text = textOf(content);
  if (operationType === 'Say' || operationType === 'Print') {
    tell(draft, { kind: 'agent.responded', ...common(), body: { text } });
  } else if (operationType === 'Reasoning') {
    const withheld = text === WITHHELD;
    tell(draft, { kind: 'agent.reasoned', ...common(), body: { text: withheld ? null : text, withheld } });
  } else {
    // `Summary` is Kiro's text for itself when it compacts a conversation, not an answer.
    draft.unknown.push(`assistant ${operationType}`.slice(0, 64));
  }
}

/** Remembers when the turn was last alive: a repair (of which its end may be part) is no life. */
function touch({ state }: Draft, { record }: Placed): void {
  const { time, payload } = record;
  if (time === null) return;
  state.lastTime = time;
  if (payload.type === 'turn_end' || payload.type === 'session_event' || isSynthetic(record)) return;
  const executionId = 'executionId' in payload ? payload.executionId : undefined;
  const turn: OpenTurn | undefined = findOpen(state, executionId ?? state.current);
  if (turn !== undefined) turn.lastTime = time;
}
