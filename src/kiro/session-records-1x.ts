/**
 * One line of `messages.jsonl`, read tolerantly (kiro/README S3, S4): what we use is checked, what we don't is left out, and
 * whatever we do not know comes through by its name so that it can be counted.
 */
import * as z from 'zod';
import { field, kiroId as id, shortName as name, parseJson } from './fields.ts';
import { isoTime } from './iso-time.ts';
import { unknownFields } from './record-fields-1x.ts';

const label = field(name);
const text = field(z.string());
const anything = z.unknown().optional();
const list = z.array(z.unknown()).catch([]);
const origin = field(z.object({ kiro: field(z.object({ toolOrigin: label })) }));
const approvedFiles = field(
  z.object({ kiro: field(z.object({ files: z.array(field(z.object({ toolCallId: id }))).catch([]) })) }),
);
const usages = z.array(field(z.object({ unit: label, usage: z.number().nonnegative() }))).catch([]);

const payloadSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('user'), content: anything, images: list, documents: list, source: label }),
  z.object({ type: z.literal('turn_start'), executionId: id }),
  z.object({ type: z.literal('turn_end'), executionId: id, stopReason: label }),
  z.object({ type: z.literal('assistant'), content: anything, operationType: label, executionId: field(id) }),
  z.object({
    type: z.literal('tool_call'),
    toolCallId: id,
    toolName: name,
    args: anything,
    status: label,
    kind: label,
    actionType: label,
    executionId: field(id),
    _meta: origin,
  }),
  z.object({
    type: z.literal('tool_result'),
    toolCallId: id,
    content: anything,
    success: field(z.boolean()),
    durationMs: field(z.number().nonnegative()),
    executionId: field(id),
  }),
  z.object({
    type: z.literal('pending_interaction'),
    toolCallId: id,
    interactionType: label,
    executionId: field(id),
    _meta: approvedFiles,
  }),
  z.object({ type: z.literal('interaction_resolved'), toolCallId: id, selectedOption: label, executionId: field(id) }),
  z.object({ type: z.literal('session_metadata'), key: label, value: anything, executionId: field(id) }),
  z.object({
    type: z.literal('usage_summary'),
    promptTurnSummaries: usages,
    elapsedTime: field(z.number().nonnegative()),
    executionId: id,
  }),
  z.object({ type: z.literal('session_start'), content: anything, forcedRole: field(z.boolean()) }),
  z.object({
    type: z.literal('sub_agent_start'),
    subSessionId: id,
    subAgentName: label,
    prompt: text,
    parentExecutionId: field(id),
  }),
  z.object({ type: z.literal('error'), message: text, executionId: field(id) }),
  // Known, and nothing in them is an event of ours.
  z.object({
    type: z.enum([
      'session_event',
      'sub_agent_complete',
      'steering_inclusion',
      'tombstone',
      'ContextualHookInvoked',
      'system',
      'agent_note',
    ]),
    executionId: field(id),
  }),
]);

export type KnownPayload = z.infer<typeof payloadSchema>;
export type PayloadType = KnownPayload['type'];
export type PayloadOf<T extends PayloadType> = Extract<KnownPayload, { type: T }>;

/** A payload type we do not know, or a known one without the fields that make it usable (`… (unreadable)`). */
export interface UnknownPayload {
  type: 'unknown';
  name: string;
}

export interface SessionRecord {
  /** Kiro's own id of the record. */
  id: string | null;
  /** ISO 8601 in UTC with milliseconds. */
  time: string | null;
  payload: KnownPayload | UnknownPayload;
  /** Names of fields that no Kiro known to us writes; a few at most. */
  unknownFields: string[];
}

const lineSchema = z.looseObject({
  id: field(id),
  timestamp: field(z.union([z.string(), z.number()])),
  payload: z.looseObject({ type: z.string().min(1) }),
});

/** The record of one line, or null when the line is none: not JSON, not an object, no payload with a type. */
export function parseSessionRecord(line: string): SessionRecord | null {
  const parsed = lineSchema.safeParse(parseJson(line));
  if (!parsed.success) return null;
  const { id: recordId = null, timestamp = '' } = parsed.data;
  const payload = parsePayload(parsed.data.payload);
  const strange = payload.type === 'unknown' ? [] : unknownFields(parsed.data, parsed.data.payload, payload.type);
  return { id: recordId, time: isoTime(timestamp), payload, unknownFields: strange };
}

const KNOWN_TYPES = new Set<string>(
  payloadSchema.options.flatMap(({ shape: { type } }) => (type instanceof z.ZodEnum ? type.options : [...type.values])),
);

/** Long enough for any real type's name, short enough that a hostile one cannot bloat a count. */
const MAX_TYPE = 64;

function parsePayload(payload: { type: string }): KnownPayload | UnknownPayload {
  const parsed = payloadSchema.safeParse(payload);
  if (parsed.success) return parsed.data;
  const readable = payload.type.slice(0, MAX_TYPE);
  return { type: 'unknown', name: KNOWN_TYPES.has(payload.type) ? `${readable} (unreadable)` : readable };
}
