import type { PayloadOf, SessionRecord } from '../kiro/session-records-1x.ts';
import { type Draft, hold, type Placed, provenance, release, tell } from './draft-1x.ts';
import { shortHash } from './event-id.ts';
import {
  type Answer,
  BOUNDS,
  findOpen,
  type OpenCall,
  type OpenTurn,
  push,
  type StartedSubAgent,
  turnRef,
} from './normalizer-state-1x.ts';
import { describeTool } from './tool-invocation.ts';

/** A call: told when its result comes, since only then is it known how it went. A repeated record replaces the first. */
export function takeCall(draft: Draft, placed: Placed, { toolCallId }: PayloadOf<'tool_call'>, turn: OpenTurn | null) {
  const { state } = draft;
  if (state.told.includes(toolCallId)) {
    draft.unknown.push('tool_call (late)');
    return;
  }
  const known = state.calls.find((call) => call.callId === toolCallId);
  hold(draft, placed);
  if (known !== undefined) {
    release(draft, known.ordinal);
    known.ordinal = placed.ordinal;
    return;
  }
  const call: OpenCall = {
    callId: toolCallId,
    turnId: turn?.id ?? null,
    ordinal: placed.ordinal,
    previousTime: turn?.lastTime ?? null,
  };
  for (const oldest of push(state.calls, call, BOUNDS.calls)) tellTool(draft, oldest, release(draft, oldest.ordinal));
}

/** A call has its result and is told; a result of a call that was told before is only counted. */
export function takeResult(
  draft: Draft,
  placed: Placed,
  { toolCallId }: PayloadOf<'tool_result'>,
  turn: OpenTurn | null,
) {
  const { state } = draft;
  if (state.told.includes(toolCallId)) {
    draft.unknown.push('tool_result (late)');
    return;
  }
  const at = state.calls.findIndex((call) => call.callId === toolCallId);
  const [call = { callId: toolCallId, turnId: turn?.id ?? null, ordinal: 0, previousTime: null }] =
    at < 0 ? [] : state.calls.splice(at, 1);
  tellTool(draft, call, release(draft, call.ordinal), placed);
}

/** Calls of turns that are over (`of` says which): no result will come any more. */
export function giveUpCalls(draft: Draft, of: (turnId: string | null) => boolean): void {
  const { state } = draft;
  const [over, running] = [
    state.calls.filter((call) => of(call.turnId)),
    state.calls.filter((call) => !of(call.turnId)),
  ];
  state.calls = running;
  for (const call of over) tellTool(draft, call, release(draft, call.ordinal));
}

/** A result that Kiro made up when it loaded a crashed session (kiro/README S11). */
export function isSynthetic({ id, payload }: SessionRecord): boolean {
  return payload.type === 'tool_result' && (id ?? '').endsWith('-result-synthetic');
}

/** Tells a call by its records; without a result, as unfinished. */
function tellTool(draft: Draft, open: OpenCall, call: Placed | undefined, result?: Placed): void {
  const origin = result ?? call;
  if (origin === undefined) return;
  push(draft.state.told, open.callId, BOUNDS.told);
  const synthetic = result !== undefined && isSynthetic(result.record);
  const callRecord = asCall(call?.record);
  const { body, inferred } = describeTool({
    callId: open.callId,
    call: callRecord,
    result: asResult(result?.record, synthetic),
    answer: takeAnswer(draft, open.callId),
    previousTime: open.previousTime,
    subAgent: takeSubAgent(findOpen(draft.state, open.turnId), callRecord?.payload),
  });
  const from = provenance(draft, origin);
  // A repair is written when the session is next loaded, perhaps days later: the call itself says when it happened.
  const time = synthetic ? (call?.record.time ?? from.time) : from.time;
  tell(draft, {
    kind: 'tool.invoked',
    key: open.callId,
    turn: turnRef(draft.state, open.turnId),
    ...from,
    time,
    inferred: [...from.inferred, ...inferred],
    body,
  });
}

function asCall(record: SessionRecord | undefined) {
  return record?.payload.type === 'tool_call' ? { time: record.time, payload: record.payload } : null;
}

function asResult(record: SessionRecord | undefined, synthetic: boolean) {
  return record?.payload.type === 'tool_result' ? { time: record.time, payload: record.payload, synthetic } : null;
}

/** Kiro asks: about one call by its id, or about the files of several in a turn approval (kiro/README S7). */
export function takeQuestion({ state }: Draft, question: PayloadOf<'pending_interaction'>): void {
  const { toolCallId, interactionType = 'tool_approval', _meta } = question;
  if (!interactionType.endsWith('approval')) return;
  const files = (_meta?.kiro?.files ?? []).flatMap((file) => (file === undefined ? [] : [file.toolCallId]));
  push(state.questions, { id: toolCallId, callIds: files.length > 0 ? files : [toolCallId] }, BOUNDS.questions);
}

const APPROVALS: Partial<Record<string, Answer['approval']>> = {
  accept: 'accepted',
  'always-accept': 'accepted',
  reject: 'rejected',
  'always-reject': 'rejected',
};

/** The user answered a question: the approval is kept for the call, or calls, it was about. */
export function takeResolution(
  { state }: Draft,
  { record }: Placed,
  resolved: PayloadOf<'interaction_resolved'>,
): void {
  const at = state.questions.findIndex((question) => question.id === resolved.toolCallId);
  const [question] = at < 0 ? [] : state.questions.splice(at, 1);
  const approval = Object.hasOwn(APPROVALS, resolved.selectedOption ?? '')
    ? APPROVALS[resolved.selectedOption ?? '']
    : undefined;
  if (question === undefined || approval === undefined) return;
  for (const callId of question.callIds) push(state.answers, { callId, approval, at: record.time }, BOUNDS.answers);
}

function takeAnswer({ state }: Draft, callId: string): Answer | null {
  const at = state.answers.findLastIndex((answer) => answer.callId === callId);
  const [answer = null] = at < 0 ? [] : state.answers.splice(at, 1);
  return answer;
}

/** A sub-agent began: remembered for the call that started it and for its own record. */
export function takeSubAgentStart({ state }: Draft, { ordinal }: Placed, start: PayloadOf<'sub_agent_start'>): void {
  const { subSessionId: id, subAgentName: name = null, prompt, parentExecutionId } = start;
  const turn = findOpen(state, parentExecutionId ?? state.current);
  push(state.subAgentRuns, { id, name, turnId: turn?.id ?? null, ordinal }, BOUNDS.subAgentRuns);
  if (turn === undefined) return;
  push(turn.subAgents, { id, name, promptHash: prompt === undefined ? null : shortHash(prompt, 16) }, BOUNDS.subAgents);
}

/** The sub-agent that a call started: the one with the call's prompt, else the only one with its name, else unknown. */
function takeSubAgent(turn: OpenTurn | undefined, call: PayloadOf<'tool_call'> | undefined): StartedSubAgent | null {
  if (turn === undefined || call === undefined || !isSubAgentTool(call.toolName)) return null;
  const { prompt, name } = argumentTexts(call.args);
  const promptHash = prompt === undefined ? undefined : shortHash(prompt, 16);
  const byPrompt = turn.subAgents.filter((agent) => agent.promptHash === promptHash);
  const wanted = name ?? call.toolName.replace(SUB_AGENT_PREFIX, '');
  const byName = turn.subAgents.filter((agent) => agent.name === wanted);
  const found = byPrompt[0] ?? (byName.length === 1 ? byName[0] : undefined);
  if (found === undefined) return null;
  turn.subAgents.splice(turn.subAgents.indexOf(found), 1);
  return found;
}

const SUB_AGENT_PREFIX = /^subagent_/;

function isSubAgentTool(name: string): boolean {
  return name === 'invoke_sub_agent' || (SUB_AGENT_PREFIX.test(name) && name !== 'subagent_response');
}

function argumentTexts(args: unknown): { prompt?: string; name?: string } {
  if (typeof args !== 'object' || args === null) return {};
  const { prompt, name } = args as { prompt?: unknown; name?: unknown };
  return { ...(typeof prompt === 'string' ? { prompt } : {}), ...(typeof name === 'string' ? { name } : {}) };
}
