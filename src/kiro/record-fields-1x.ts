import type { PayloadType } from './session-records-1x.ts';

/** Fields of `messages.jsonl` that are known (kiro/README S4), read by us or not: what is not here is a newer Kiro's. */
const ENVELOPE: readonly string[] = ['id', 'timestamp', 'payload'];

/** In the payload of any type. */
const EVERYWHERE: readonly string[] = ['type', 'executionId', '_meta'];

const BY_TYPE: { readonly [T in PayloadType]: readonly string[] } = {
  user: ['content', 'images', 'documents', 'source'],
  turn_start: [],
  turn_end: ['stopReason'],
  assistant: ['content', 'operationType', 'reasoningSignature', 'reasoningModelId'],
  tool_call: [
    ...['toolCallId', 'toolName', 'args', 'status', 'kind', 'actionType', 'title', 'filePath'],
    ...['preSnapshotId', 'postSnapshotId'],
  ],
  tool_result: ['toolCallId', 'content', 'success', 'durationMs'],
  pending_interaction: ['interactionType', 'toolCallId', 'question', 'options'],
  interaction_resolved: ['toolCallId', 'outcome', 'selectedOption'],
  session_metadata: ['key', 'value'],
  usage_summary: ['promptTurnSummaries', 'elapsedTime', 'status', 'requestIds'],
  session_event: ['category', 'context'],
  session_start: ['agentType', 'content', 'forcedRole', 'messageId', 'steeringDocuments'],
  steering_inclusion: ['documents'],
  sub_agent_start: ['parentExecutionId', 'subSessionId', 'subAgentName', 'prompt', 'explanation'],
  sub_agent_complete: ['parentExecutionId', 'subSessionId', 'subAgentName', 'response'],
  tombstone: ['kind', 'effectiveFromMessageId', 'metadata'],
  ContextualHookInvoked: ['name', 'status'],
  system: ['content'],
  agent_note: ['content'],
  error: ['message'],
};

/** More of them in one record are a hostile file's, not a newer Kiro's. */
const MOST = 8;
const MAX_NAME = 64;

/** Names of fields that no Kiro known to us writes: `tool_call.newField`, or `.newField` beside the payload. */
export function unknownFields(line: object, payload: object, type: PayloadType): string[] {
  const outside = Object.keys(line).filter((name) => !ENVELOPE.includes(name));
  const inside = Object.keys(payload).filter((name) => !EVERYWHERE.includes(name) && !BY_TYPE[type].includes(name));
  const names = [...outside.map((name) => `.${name}`), ...inside.map((name) => `${type}.${name}`)];
  return names.slice(0, MOST).map((name) => name.slice(0, MAX_NAME));
}
