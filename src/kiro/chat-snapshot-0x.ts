import * as z from 'zod';
import { shortName } from './fields.ts';
import { field, id, listOf, moment, parseBoth, within } from './fields-0x.ts';
import { unknownFields0x } from './known-fields-0x.ts';

/** One snapshot of a conversation, as builds before the execution files wrote them (kiro/README Z8). Times in ms. */
export interface ChatSnapshot {
  executionId: string;
  model: string | null;
  start: number | null;
  end: number | null;
  entries: ChatEntry[];
  /** Fields and shapes of its file that are not known, by name. */
  unknown: Record<string, number>;
}

export interface ChatEntry {
  role: 'human' | 'bot' | 'tool';
  content?: unknown;
}

/** One project's files call them as other programs do. */
const ROLES = { human: 'human', user: 'human', bot: 'bot', assistant: 'bot', tool: 'tool' } as const;
const role = z.enum(['human', 'user', 'bot', 'assistant', 'tool']).transform((name) => ROLES[name]);

const Snapshot = z.object({
  executionId: id,
  chat: listOf(z.object({ role, content: z.unknown().optional() })),
  metadata: field(z.object({ modelId: field(shortName), startTime: field(moment), endTime: field(moment) })),
});

/** A `.chat` file; null when it does not parse. */
export function parseChatSnapshot(json: string): ChatSnapshot | null {
  const both = parseBoth(Snapshot, json);
  if (both === null) return null;
  const { executionId, chat, metadata } = both.known;
  const { modelId = null, startTime = null, endTime = null } = metadata ?? {};
  const unknown = unknownFields0x('.chat', both.all, {
    name: '.chat.chat',
    list: within(both.all, 'chat'),
    read: chat.length,
  });
  return { executionId, model: modelId, start: startTime, end: endTime, entries: chat, unknown };
}
