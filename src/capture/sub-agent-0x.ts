import type { Action } from '../kiro/execution-0x.ts';
import { asObject, isFinal } from './tool-0x.ts';

/** An action with its place among the actions of its execution. */
export interface PlacedAction {
  action: Action;
  at: number;
}

const CALL = 'invokeSubAgent';
const RESPONSE = 'subagent_response';

/**
 * Which response answers which call of a sub-agent, by their places: call → response. Kiro writes the two as actions of their
 * own that nothing ties together (kiro/README Z9). So a response is a call's where that call alone was open; of several at
 * once none can be told from another, and until each has had a response they stay what they are. One that came after the
 * execution's `end` (in ms) stays alone: the call was told by then. Pure.
 */
export function pairSubAgents(actions: readonly PlacedAction[], end: number | null): ReadonlyMap<number, number> {
  const pairs = new Map<number, number>();
  let open: number[] = [];
  let mixed = false;
  for (const { action, at } of actions) {
    if (awaitsResponse(action)) open.push(at);
    if (action.type !== RESPONSE) continue;
    const [call] = open;
    mixed ||= open.length > 1;
    const late = end !== null && (action.at ?? 0) > end;
    if (call !== undefined && !mixed && !late) pairs.set(call, at);
    open = open.slice(1);
    mixed &&= open.length > 0;
  }
  return pairs;
}

/** Whether an action is a call of a sub-agent that an action of its own answers: it holds no answer itself. Pure. */
export function awaitsResponse(action: Action): boolean {
  if (action.type !== CALL) return false;
  return !isFinal(action) || (Object.keys(asObject(action.output)).length === 0 && action.errorMessage === null);
}

/** A call of a sub-agent and its response as one action: what was asked, and how and when it was answered. Pure. */
export function joinSubAgent(call: Action, response: Action): Action {
  const { response: written } = asObject(response.input);
  const hasOutput = Object.keys(asObject(response.output)).length > 0;
  return {
    ...call,
    state: response.state,
    at: response.at,
    // Reports differ on which side of the action the answer stands.
    output: hasOutput || written === undefined ? response.output : { response: written },
    errorMessage: response.errorMessage,
    errorType: response.errorType,
  };
}
