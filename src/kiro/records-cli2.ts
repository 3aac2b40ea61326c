/** What Kiro CLI 2.x writes down of a conversation, in the one form that both of its stores are brought into. */

export type CliBlock =
  | { type: 'text'; text: string }
  /** null: Kiro kept only an encrypted form. */
  | { type: 'thinking'; text: string | null }
  | { type: 'toolUse'; callId: string; name: string; input: unknown }
  | { type: 'toolResult'; callId: string; success: boolean | null; content: readonly CliResultPart[] }
  | { type: 'image'; format: string | null; bytes: number | null }
  /** A kind that we do not know, or a known one that cannot be read. */
  | { type: 'unknown'; name: string };

export type CliResultPart = { type: 'text'; text: string } | { type: 'json'; json: unknown } | { type: 'other' };

/** Which tool answered a call, as far as Kiro says more than the call's name. */
export interface CliTool {
  /** The MCP server's configured name; null for a tool of Kiro's own. */
  mcpServer: string | null;
}

export interface CliMessage {
  kind: 'prompt' | 'assistant' | 'results';
  /** Kiro's own, or made of its content or its neighbour's when Kiro gives none. */
  id: string;
  /** Kiro's own id. */
  recordId: string | null;
  /** ISO 8601; null when Kiro recorded none. */
  time: string | null;
  /** `time` is that of a neighbouring moment. */
  timeInferred: boolean;
  blocks: readonly CliBlock[];
  /** By call id; only for results. */
  tools: ReadonlyMap<string, CliTool>;
}

/** `cancelled`: the last prompt was taken back. `reset`: the conversation was wound back. `clear`: it was emptied. */
export interface CliMark {
  kind: 'cancelled' | 'reset' | 'clear' | 'compaction';
}

export type CliRecord = CliMessage | CliMark | { kind: 'unknown'; name: string };

/** A message, not a mark on the conversation. */
export function isMessage(record: CliRecord): record is CliMessage {
  return record.kind === 'prompt' || record.kind === 'assistant' || record.kind === 'results';
}

/** How a turn ended, beside its messages. */
export interface CliTurnEnd {
  /** Ids of the turn's messages, its prompt's first. */
  messageIds: readonly string[];
  reason: string | null;
  endedAt: string | null;
  durationMs: number | null;
  credits: number | null;
  contextUsage: number | null;
  error: string | null;
  /** Which of these were derived. */
  inferred: readonly string[];
}
