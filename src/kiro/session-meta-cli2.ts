import { lstat, readFile } from 'node:fs/promises';
import * as z from 'zod';
import { systemCode } from '../core/failure.ts';
import { field, kiroId, parseJson, shortName } from './fields.ts';
import { moment } from './fields-cli2.ts';
import type { CliTurnEnd } from './records-cli2.ts';

/** What a CLI session says of itself beside its messages. */
export interface CliSessionMeta {
  title: string | null;
  /** The agent's name. */
  mode: string | null;
  model: string | null;
  /** The folder it was started in. */
  cwd: string | null;
  /** ISO 8601 in UTC. */
  createdAt: string | null;
  /** Its beginning was copied out of the database (kiro/README C7). */
  exported: boolean;
  turns: readonly CliTurnEnd[];
}

const turn = z.object({
  message_ids: z.array(kiroId.nullable().catch(null)).catch([]),
  result: z.unknown().optional(),
  turn_duration: field(z.object({ secs: z.number().nonnegative(), nanos: z.number().nonnegative() }).nullable()),
  end_reason: field(shortName),
  end_timestamp: z.unknown().optional(),
  context_usage_percentage: field(z.number().nonnegative().nullable()),
  metering_usage: z.array(field(z.object({ unit: z.string(), value: z.number().nonnegative() }))).catch([]),
});
const state = z.object({
  conversation_metadata: field(z.object({ user_turn_metadatas: z.array(field(turn)).catch([]) })),
  rts_model_state: field(z.object({ model_info: field(z.object({ model_id: field(shortName) }).nullable()) })),
  agent_name: field(shortName),
});
const schema = z.object({
  cwd: field(z.string().min(1).max(4096)),
  title: field(shortName),
  created_at: z.unknown().optional(),
  exported_from_v1: field(z.boolean()),
  session_state: field(state),
});

/** `sessions/cli/<id>.json` (kiro/README C5); null when it does not parse, so that its workspace is not known. */
export function parseCliSessionMeta(json: string): CliSessionMeta | null {
  const parsed = schema.safeParse(parseJson(json));
  if (!parsed.success) return null;
  const { cwd = null, title = null, created_at, exported_from_v1: exported = false, session_state } = parsed.data;
  return {
    title,
    mode: session_state?.agent_name ?? null,
    model: session_state?.rts_model_state?.model_info?.model_id ?? null,
    cwd,
    createdAt: moment(created_at),
    exported,
    turns: (session_state?.conversation_metadata?.user_turn_metadatas ?? []).flatMap((it) =>
      it === undefined ? [] : [turnEnd(it)],
    ),
  };
}

function turnEnd(ended: z.infer<typeof turn>): CliTurnEnd {
  const { turn_duration: lasted, metering_usage, result } = ended;
  return {
    messageIds: ended.message_ids.filter((id) => id !== null),
    reason: reasonOf(ended.end_reason),
    endedAt: moment(ended.end_timestamp),
    durationMs: lasted ? Math.round(lasted.secs * 1000 + lasted.nanos / 1e6) : null,
    credits: sumCredits(metering_usage),
    contextUsage: ended.context_usage_percentage ?? null,
    error: errorOf(result),
    inferred: [],
  };
}

/** Kiro CLI's words for how a turn ended, in those of Kiro IDE 1.x; a word that we do not know stays as it is. */
const REASONS: Partial<Record<string, string>> = {
  UserTurnEnd: 'end_turn',
  Cancelled: 'cancelled',
  Error: 'error',
  ToolUseRejected: 'tool_use_rejected',
  DidNotRun: 'did_not_run',
};

function reasonOf(word: string | undefined): string | null {
  if (word === undefined) return null;
  return (Object.hasOwn(REASONS, word) ? REASONS[word] : undefined) ?? word;
}

/** The credits among what was metered; null when nothing was metered in credits. */
export function sumCredits(metered: readonly ({ unit: string; value: number } | undefined)[]): number | null {
  const credits = metered.flatMap((usage) => (usage?.unit === 'credit' ? [usage.value] : []));
  return credits.length === 0 ? null : credits.reduce((sum, value) => sum + value, 0);
}

const failed = z.object({ Err: z.unknown() });
const MAX_ERROR = 2_000;

function errorOf(result: unknown): string | null {
  const error = failed.safeParse(result).data?.Err;
  if (error === undefined || error === null) return null;
  return (typeof error === 'string' ? error : JSON.stringify(error)).slice(0, MAX_ERROR);
}

/** It holds every turn's last answer; a larger one than this was never seen. */
const MAX_BYTES = 64 * 1024 * 1024;

/** The session's metadata, or null when there is none to be read now: missing, torn, too large, or behind a link. */
export async function readCliSessionMeta(file: string): Promise<CliSessionMeta | null> {
  try {
    const look = await lstat(file);
    if (!look.isFile() || look.size > MAX_BYTES) return null;
    return parseCliSessionMeta(await readFile(file, 'utf8'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}
