import { z } from 'zod';
import { shortName } from './fields.ts';
import { field, id, listOf, moment, parseBy } from './fields-0x.ts';

/** One snapshot of a conversation, as builds before the execution files wrote them (kiro/README Z8). Times in ms. */
export interface ChatSnapshot {
  executionId: string;
  model: string | null;
  start: number | null;
  end: number | null;
  entries: ChatEntry[];
}

export interface ChatEntry {
  role: 'human' | 'bot' | 'tool';
  content?: unknown;
}

const Snapshot = z.object({
  executionId: id,
  chat: listOf(z.object({ role: z.enum(['human', 'bot', 'tool']), content: z.unknown().optional() })),
  metadata: field(z.object({ modelId: field(shortName), startTime: field(moment), endTime: field(moment) })),
});

/** A `.chat` file; null when it does not parse. */
export function parseChatSnapshot(json: string): ChatSnapshot | null {
  const file = parseBy(Snapshot, json);
  if (file === null) return null;
  const { modelId = null, startTime = null, endTime = null } = file.metadata ?? {};
  return { executionId: file.executionId, model: modelId, start: startTime, end: endTime, entries: file.chat };
}
