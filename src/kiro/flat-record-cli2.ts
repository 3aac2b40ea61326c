/** One line of `sessions/cli/<id>.jsonl`, read tolerantly (kiro/README C3). */
import * as z from 'zod';
import { field, kiroId, parseJson, shortName } from './fields.ts';
import { moment } from './fields-cli2.ts';
import type { CliBlock, CliMessage, CliRecord, CliResultPart, CliTool } from './records-cli2.ts';

const line = z.object({ kind: z.string().min(1), data: z.unknown().optional() });
const message = z.object({
  message_id: field(kiroId),
  content: z.array(z.unknown()).catch([]),
  meta: field(z.object({ timestamp: z.unknown() })),
  results: z.record(z.string(), z.unknown()).optional().catch(undefined),
});
const block = z.object({ kind: z.string(), data: z.unknown() });
const thinking = z.object({ text: z.string() });
const toolUse = z.object({ toolUseId: kiroId, name: shortName, input: z.unknown() });
const toolResult = z.object({
  toolUseId: kiroId,
  content: z.array(z.unknown()).catch([]),
  status: field(z.string()),
});
const image = z.object({ format: field(shortName) });
const text = z.string();

const MESSAGES: Partial<Record<string, CliMessage['kind']>> = {
  Prompt: 'prompt',
  AssistantMessage: 'assistant',
  ToolResults: 'results',
};
const MARKS: Partial<Record<string, 'cancelled' | 'reset' | 'clear' | 'compaction'>> = {
  CancelledPrompt: 'cancelled',
  ResetTo: 'reset',
  Clear: 'clear',
  Compaction: 'compaction',
};

/** Long enough for any real kind's name, short enough that a hostile one cannot bloat a count. */
const MAX_KIND = 64;

/** The record of one line; null when the line is none. `fallbackId` stands in for an id that Kiro did not write. */
export function parseFlatRecord(json: string, fallbackId: string): CliRecord | null {
  const parsed = line.safeParse(parseJson(json));
  if (!parsed.success) return null;
  const { kind, data } = parsed.data;
  const mark = Object.hasOwn(MARKS, kind) ? MARKS[kind] : undefined;
  if (mark !== undefined) return { kind: mark };
  const name = kind.slice(0, MAX_KIND);
  const messageKind = Object.hasOwn(MESSAGES, kind) ? MESSAGES[kind] : undefined;
  if (messageKind === undefined) return { kind: 'unknown', name };
  const content = message.safeParse(data);
  if (!content.success) return { kind: 'unknown', name: `${name} (unreadable)` };
  const { message_id: recordId = null, content: blocks, meta, results } = content.data;
  return {
    kind: messageKind,
    id: recordId ?? fallbackId,
    recordId,
    time: moment(meta?.timestamp),
    timeInferred: false,
    blocks: blocks.map(parseBlock),
    tools: toolsOf(results ?? {}),
  };
}

function parseBlock(value: unknown): CliBlock {
  const parsed = block.safeParse(value);
  if (!parsed.success) return { type: 'unknown', name: 'content (unreadable)' };
  const { kind, data } = parsed.data;
  return knownBlock(kind, data) ?? { type: 'unknown', name: `content ${kind}`.slice(0, MAX_KIND) };
}

function knownBlock(kind: string, data: unknown): CliBlock | undefined {
  if (kind === 'text') {
    const said = text.safeParse(data);
    return said.success ? { type: 'text', text: said.data } : undefined;
  }
  if (kind === 'thinking') return { type: 'thinking', text: thinking.safeParse(data).data?.text || null };
  if (kind === 'image') return { type: 'image', format: image.safeParse(data).data?.format ?? null, bytes: null };
  if (kind === 'toolUse') {
    const used = toolUse.safeParse(data).data;
    return used && { type: 'toolUse', callId: used.toolUseId, name: used.name, input: used.input };
  }
  if (kind !== 'toolResult') return undefined;
  const result = toolResult.safeParse(data).data;
  return (
    result && {
      type: 'toolResult',
      callId: result.toolUseId,
      success: successOf(result.status),
      content: result.content.map(parsePart),
    }
  );
}

function parsePart(value: unknown): CliResultPart {
  const { kind, data } = block.safeParse(value).data ?? {};
  if (kind === 'text' && typeof data === 'string') return { type: 'text', text: data };
  return kind === 'json' ? { type: 'json', json: data } : { type: 'other' };
}

/** Whether a tool itself worked, of Kiro's word for it; null for a word that we do not know. */
export function successOf(status: string | undefined): boolean | null {
  const word = status?.toLowerCase();
  return word === 'success' ? true : word === 'error' ? false : null;
}

const serverName = z.object({ server_name: field(shortName), serverName: field(shortName) });
const answered = z.object({ tool: z.object({ kind: z.object({ Mcp: serverName }) }) });

/** Only a tool of an MCP server says something that the call's name does not. */
function toolsOf(results: Record<string, unknown>): ReadonlyMap<string, CliTool> {
  return new Map(
    Object.entries(results).flatMap(([callId, result]): [string, CliTool][] => {
      const server = answered.safeParse(result).data?.tool.kind.Mcp;
      const mcpServer = server?.server_name ?? server?.serverName ?? null;
      return mcpServer === null ? [] : [[callId, { mcpServer }]];
    }),
  );
}
