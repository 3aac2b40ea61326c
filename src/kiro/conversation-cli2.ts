/** One value of `conversations_v2`: a whole conversation as JSON, in the form of the flat files' records (kiro/README C6). */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { field, kiroId, parseJson, shortName } from './fields.ts';
import { moment } from './fields-cli2.ts';
import { successOf } from './flat-record-cli2.ts';
import type { CliBlock, CliMessage, CliRecord, CliResultPart, CliTurnEnd } from './records-cli2.ts';
import { sumCredits } from './session-meta-cli2.ts';

export interface CliConversation {
  records: readonly CliRecord[];
  turns: readonly CliTurnEnd[];
  /** The model of the last request. */
  model: string | null;
}

const part = z.object({ Text: field(z.string()), Json: z.unknown().optional() });
const toolResults = z
  .array(field(z.object({ tool_use_id: kiroId, content: z.array(part).catch([]), status: field(z.string()) })))
  .catch([]);
const image = z.object({ format: field(shortName), source: field(z.object({ Bytes: z.array(z.unknown()) })) });
const user = z.object({
  content: z.object({
    Prompt: field(z.object({ prompt: z.string() })),
    ToolUseResults: field(z.object({ tool_use_results: toolResults })),
    CancelledToolUses: field(z.object({ prompt: field(z.string()), tool_use_results: toolResults })),
  }),
  timestamp: z.unknown().optional(),
  images: z.array(image).nullable().optional().catch(undefined),
});
const said = { message_id: field(kiroId), content: z.string().catch('') };
const toolUses = z.array(field(z.object({ id: kiroId, name: shortName, args: z.unknown() }))).catch([]);
const assistant = z.object({
  Response: field(z.object(said)),
  ToolUse: field(z.object({ ...said, tool_uses: toolUses })),
});
const request = z.object({
  request_start_timestamp_ms: z.unknown().optional(),
  stream_end_timestamp_ms: z.unknown().optional(),
  context_usage_percentage: field(z.number().nonnegative().nullable()),
  model_id: field(shortName),
});
const entry = z.object({ user, assistant, request_metadata: request.nullable().optional().catch(undefined) });
/** Older builds wrote a list of the two instead. */
const pair = z.tuple([user, assistant], z.unknown()).transform(([asked, answered]) => ({
  user: asked,
  assistant: answered,
  request_metadata: undefined,
}));
const conversation = z.object({
  history: z.array(z.unknown()),
  user_turn_metadata: field(
    z.object({ usage_info: z.array(field(z.object({ unit: z.string(), value: z.number().nonnegative() }))).catch([]) }),
  ),
});

type Entry = z.infer<typeof entry>;

/** Whether nothing before the entry with these messages is needed. */
export type IsEnough = (messages: readonly CliMessage[]) => boolean;

/**
 * null when the value is no conversation. `isEnough` is asked from the end backwards, entry by entry: what stands before the
 * first for which it holds is left out. Where one of them has no id all is read, since its id then depends on what came before.
 */
export function parseConversation(json: string, isEnough: IsEnough = () => false): CliConversation | null {
  const parsed = conversation.safeParse(parseJson(json));
  if (!parsed.success) return null;
  const records: CliRecord[] = [];
  const turns: TurnDraft[] = [];
  const equals = new Map<string, number>();
  let model: string | null = null;
  for (const read of lastEntries(parsed.data.history, isEnough)) {
    if (read === null) {
      records.push({ kind: 'unknown', name: 'history entry (unreadable)' });
      continue;
    }
    const messages = messagesOf(read, idOf(read, equals));
    records.push(...messages);
    for (const message of messages) addToTurn(turns, message, read);
    model = read.request_metadata?.model_id ?? model;
  }
  const credits = sumCredits(parsed.data.user_turn_metadata?.usage_info ?? []);
  return {
    records,
    turns: turns.flatMap((turn, at) => endOf(turn, at === turns.length - 1 ? credits : null)),
    model,
  };
}

/** null for one that cannot be read. */
function lastEntries(history: readonly unknown[], isEnough: IsEnough): (Entry | null)[] {
  const entries: (Entry | null)[] = [];
  for (const value of history.toReversed()) {
    const read = readEntry(value);
    entries.push(read);
    if (read === null) continue;
    const id = ownIdOf(read);
    if (id === undefined) return history.map(readEntry);
    if (isEnough(messagesOf(read, id))) break;
  }
  return entries.reverse();
}

function readEntry(value: unknown): Entry | null {
  return z.union([entry, pair]).safeParse(value).data ?? null;
}

function ownIdOf({ assistant: answered }: Entry): string | undefined {
  return answered.Response?.message_id ?? answered.ToolUse?.message_id;
}

/** Kiro's id of the entry's answer; without one, a hash of the entry and how many equal ones came before. */
function idOf(read: Entry, equals: Map<string, number>): string {
  const own = ownIdOf(read);
  if (own !== undefined) return own;
  const { user: asked, assistant: answered, request_metadata } = read;
  const content = JSON.stringify([asked, answered, request_metadata?.request_start_timestamp_ms ?? null]);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 32);
  const seen = (equals.get(hash) ?? 0) + 1;
  equals.set(hash, seen);
  return `${hash}-${seen}`;
}

function messagesOf(read: Entry, id: string): CliMessage[] {
  const { user: asked, assistant: answered, request_metadata: sent } = read;
  const { Prompt, ToolUseResults, CancelledToolUses } = asked.content;
  const begun = moment(sent?.request_start_timestamp_ms);
  const stamped = moment(asked.timestamp);
  const time = { time: stamped ?? begun, timeInferred: stamped === null };
  const messages: CliMessage[] = [];
  const results = ToolUseResults ?? CancelledToolUses;
  if (results !== undefined) {
    // Results go to the model in a request: they were there when it began.
    const blocks = results.tool_use_results.flatMap(resultBlock);
    messages.push({ ...bare('results', `results-for-${id}`), time: begun, timeInferred: true, blocks });
  }
  const prompt = Prompt?.prompt ?? (CancelledToolUses?.prompt || undefined);
  if (prompt !== undefined) {
    const images = (asked.images ?? []).map(imageBlock);
    messages.push({
      ...bare('prompt', `prompt-of-${id}`),
      ...time,
      blocks: [{ type: 'text', text: prompt }, ...images],
    });
  }
  const ended = moment(sent?.stream_end_timestamp_ms);
  messages.push({
    ...bare('assistant', id),
    recordId: ownIdOf(read) ?? null,
    time: ended,
    blocks: answerBlocks(answered),
  });
  return messages;
}

function bare(kind: CliMessage['kind'], id: string): CliMessage {
  return { kind, id, recordId: null, time: null, timeInferred: false, blocks: [], tools: new Map() };
}

function answerBlocks({ Response, ToolUse }: Entry['assistant']): CliBlock[] {
  const calls = (ToolUse?.tool_uses ?? []).flatMap((used): CliBlock[] =>
    used === undefined ? [] : [{ type: 'toolUse', callId: used.id, name: used.name, input: used.args }],
  );
  return [{ type: 'text', text: Response?.content ?? ToolUse?.content ?? '' }, ...calls];
}

function resultBlock(result: z.infer<typeof toolResults>[number]): CliBlock[] {
  if (result === undefined) return [];
  const content = result.content.map((it): CliResultPart => {
    if (it.Text !== undefined) return { type: 'text', text: it.Text };
    return it.Json === undefined ? { type: 'other' } : { type: 'json', json: it.Json };
  });
  return [{ type: 'toolResult', callId: result.tool_use_id, success: successOf(result.status), content }];
}

function imageBlock({ format, source }: z.infer<typeof image>): CliBlock {
  return { type: 'image', format: format?.toLowerCase() ?? null, bytes: source?.Bytes.length ?? null };
}

interface TurnDraft {
  ids: string[];
  startedAt: string | null;
  last: { answered: boolean; time: string | null; contextUsage: number | null };
}

function addToTurn(turns: TurnDraft[], message: CliMessage, read: Entry): void {
  if (message.kind === 'prompt') {
    const last = { answered: false, time: null, contextUsage: null };
    turns.push({ ids: [message.id], startedAt: message.time, last });
    return;
  }
  const turn = turns.at(-1);
  if (turn === undefined) return;
  turn.ids.push(message.id);
  if (message.kind !== 'assistant') return;
  const contextUsage = read.request_metadata?.context_usage_percentage ?? null;
  turn.last = { answered: read.assistant.Response !== undefined, time: message.time, contextUsage };
}

/**
 * The database has no record of a turn's end: an answer without a tool call is one. What the last turn cost is written
 * beside the history.
 */
function endOf({ ids, startedAt, last }: TurnDraft, credits: number | null): CliTurnEnd[] {
  if (!last.answered) return [];
  const lasted = startedAt === null || last.time === null ? Number.NaN : Date.parse(last.time) - Date.parse(startedAt);
  const durationMs = lasted >= 0 ? lasted : null;
  return [
    {
      messageIds: ids,
      reason: 'end_turn',
      endedAt: last.time,
      durationMs,
      credits,
      contextUsage: last.contextUsage,
      error: null,
      inferred: ['reason', ...(durationMs === null ? [] : ['durationMs'])],
    },
  ];
}
