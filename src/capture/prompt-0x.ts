import type { Attachment } from '../core/event.ts';
import type { Execution } from '../kiro/execution-0x.ts';
import type { HistoryEntry } from '../kiro/session-file-0x.ts';
import { describeAttachments, otherBlocks, textOf } from './content-text.ts';

/** What the user asked at the beginning of an execution. */
export interface Prompt {
  /** Kiro's id of the message, null where only the execution has it. */
  record: string | null;
  text: string | null;
  attachments: Attachment[];
}

/** What Kiro writes in the user's name when a chat goes on after compaction (kiro/README Z5). */
const SUMMARY = /^\s*# Conversation Summary/;

/**
 * The prompt that started an execution; null when nobody typed one: Kiro wrote it, or the execution goes on with another's
 * messages. The chat's history counts most, then the execution's own words for it. Pure.
 */
export function promptOf(execution: Execution, history: readonly HistoryEntry[]): Prompt | null {
  if (execution.continues) return null;
  const asked = askedBefore(execution.executionId, history);
  const content = asked?.content ?? execution.userPrompt ?? execution.messages.at(-1);
  const said = { content, hidden: asked?.hidden ?? false, contextItems: asked?.contextItems ?? [] };
  if (!isTyped(said)) return null;
  return { record: asked?.id ?? null, text: textOf(content), attachments: describePrompt(said) };
}

/** Of a message in a chat: what tells whether and what somebody typed. */
type Said = Pick<HistoryEntry, 'content' | 'hidden' | 'contextItems'>;

/** Whether a message in the user's name is the user's: not hidden, no summary, and not empty. Pure. */
export function isTyped(said: Said): boolean {
  const text = textOf(said.content);
  if (said.hidden || (text !== null && SUMMARY.test(text))) return false;
  return text !== null || describePrompt(said).length > 0;
}

/** What was attached to a message; never its content. Pure. */
export function describePrompt({ content, contextItems }: Said): Attachment[] {
  return [...otherBlocks(content).map(describeBlock), ...describeAttachments(contextItems, 'context')];
}

/** The last message of the user before the answer that names the execution. */
function askedBefore(executionId: string, history: readonly HistoryEntry[]): HistoryEntry | undefined {
  const at = history.findIndex((entry) => entry.executionId === executionId);
  return at < 0 ? undefined : history.slice(0, at + 1).findLast((entry) => entry.role === 'user');
}

/** An image's name is not recorded; a mention's is its text (`#server.ts`). */
function describeBlock(block: unknown): Attachment {
  const [described = { name: null, type: 'unknown', bytes: null }] = describeAttachments([block], 'unknown');
  if (described.type !== 'mention') return described;
  return { ...described, name: textOf([{ ...(block as object), type: 'text' }])?.slice(0, 200) ?? null };
}
