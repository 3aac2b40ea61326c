import type { Bodies, Json } from '../core/event.ts';
import { isoTime } from '../kiro/iso-time.ts';
import type { PayloadOf } from '../kiro/session-records-1x.ts';
import type { Answer, StartedSubAgent } from './normalizer-state-1x.ts';
import { restoreArguments } from './plain-json.ts';

/** Everything the records say of one tool call. */
export interface ToolRecords {
  callId: string;
  call: { time: string | null; payload: PayloadOf<'tool_call'> } | null;
  result: { time: string | null; payload: PayloadOf<'tool_result'>; synthetic: boolean } | null;
  answer: Answer | null;
  /** Time of the record before the call in the same turn. */
  previousTime: string | null;
  subAgent: StartedSubAgent | null;
}

export interface ToolInvocation {
  body: Bodies['tool.invoked'];
  inferred: string[];
}

/**
 * One tool invocation of its records.
 *
 * Success is what Kiro's result says, except that a non-zero exit code makes it false: Kiro says true as soon as the tool
 * itself worked (kiro/README S10). A call without a result, and a result that Kiro made up after a crash, have no end.
 */
export function describeTool(records: ToolRecords): ToolInvocation {
  const { callId, call, result, answer, subAgent } = records;
  const approval = answer?.approval ?? (call?.payload.status === 'denied' ? 'rejected' : null);
  const exitCode = isCommand(call?.payload) ? exitCodeOf(result?.payload.content) : null;
  const said = result?.payload.success ?? null;
  const failed = exitCode !== null && exitCode !== 0;
  const timing = approval === 'rejected' ? { ...NOT_RUN, endedAt: endOf(records) } : timingOf(records);
  return {
    body: {
      callId,
      name: call?.payload.toolName ?? 'unknown',
      kind: call?.payload.kind ?? null,
      mcpServer: null,
      arguments: restoreArguments(call?.payload.args),
      result: resultOf(records),
      success: failed ? false : said,
      exitCode,
      startedAt: timing.startedAt,
      endedAt: timing.endedAt,
      durationMs: timing.durationMs,
      approval,
      subAgent: subAgent === null ? null : { id: subAgent.id, name: subAgent.name },
    },
    inferred: [...timing.inferred, ...(failed && said !== false ? ['success'] : [])],
  };
}

interface Timing {
  startedAt: string | null;
  endedAt: string | null;
  durationMs: number | null;
  inferred: string[];
}
const NOT_RUN: Timing = { startedAt: null, endedAt: null, durationMs: null, inferred: [] };

function endOf({ result }: ToolRecords): string | null {
  return result === null || result.synthetic ? null : result.time;
}

/**
 * Kiro records the end of a run, seldom its duration and never its start (kiro/README S8). The start is then the latest
 * moment before the end that is known to precede the run, so the duration is an upper bound.
 */
function timingOf(records: ToolRecords): Timing {
  const endedAt = endOf(records);
  if (endedAt === null) return NOT_RUN;
  const end = Date.parse(endedAt);
  const recorded = records.result?.payload.durationMs;
  if (recorded !== undefined) {
    return { startedAt: isoTime(end - recorded), endedAt, durationMs: recorded, inferred: ['startedAt'] };
  }
  // Call and result are stamped together at the end: only an earlier call says something about the start.
  const begun = records.call?.time === endedAt ? null : records.call?.time;
  const starts = [records.previousTime, records.answer?.at, begun]
    .map((time) => (typeof time === 'string' ? Date.parse(time) : Number.NaN))
    .filter((time) => time <= end);
  if (starts.length === 0) return { ...NOT_RUN, endedAt };
  const start = Math.max(...starts);
  return { startedAt: isoTime(start), endedAt, durationMs: end - start, inferred: ['startedAt', 'durationMs'] };
}

/** Tools that Kiro's client runs answer `{}`: their real output is not in the store (kiro/README S10). */
function resultOf({ call, result }: ToolRecords): Json {
  if (result === null || result.synthetic) return null;
  const { content } = result.payload;
  if (content === '{}' && call?.payload._meta?.kiro?.toolOrigin === 'acp') return null;
  return typeof content === 'string' ? content : restoreArguments(content);
}

function isCommand(call: PayloadOf<'tool_call'> | undefined): boolean {
  return call?.kind === 'execute' || call?.actionType === 'run_command';
}

const EXIT_CODE = /(?:^|\n)Exit Code: (-?\d{1,10})\s*$/;

/** From the last line of a command's output. -1 says nothing: Windows writes it for commands that worked. */
export function exitCodeOf(content: unknown): number | null {
  if (typeof content !== 'string') return null;
  const found = EXIT_CODE.exec(content.slice(-64))?.[1];
  return found === undefined || found === '-1' ? null : Number(found);
}
