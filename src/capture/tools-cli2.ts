import type { Json, TurnRef } from '../core/event.ts';
import type { CliBlock, CliMessage, CliResultPart } from '../kiro/records-cli2.ts';
import { type CliCall, type CliDraft, type CliPlace, provenanceCli, tellCli } from './draft-cli2.ts';
import { exactJson } from './exact-json.ts';
import { addCall, type CliOpenCall } from './state-cli2.ts';

type CliResult = Extract<CliBlock, { type: 'toolResult' }>;

export interface CliSpot {
  place: CliPlace;
  /** Place of the block in its message. */
  at: number;
  turn: TurnRef | null;
}

const doneWith = (callId: string) => `call ${callId}`;

/** A call: told when its result comes, since only then is it known how it went. */
export function takeCallCli(draft: CliDraft, message: CliMessage, block: CliCall, { place, at, turn }: CliSpot): void {
  const { state, held, seen } = draft;
  const { callId } = block;
  if (seen.has(doneWith(callId))) return;
  held.set(callId, block);
  if (state.calls.some((call) => call.callId === callId)) return;
  const time = message.timeInferred ? null : message.time;
  const call = { callId, line: place.line, ordinal: place.line + at, message: message.id, time, turn };
  for (const oldest of addCall(state, call)) tellUnfinished(draft, oldest);
}

/** A result, with the call it answers. */
export function takeResultCli(
  draft: CliDraft,
  message: CliMessage,
  block: CliResult,
  { place, at, turn }: CliSpot,
): void {
  const { state, held, seen } = draft;
  const { callId } = block;
  if (seen.has(doneWith(callId))) return;
  const open = state.calls.find((call) => call.callId === callId);
  const asked = held.get(callId);
  const from = provenanceCli(draft, message, place, at);
  const said = describe(asked, block, { startedAt: open?.time ?? null, endedAt: message.time });
  const mcpServer = message.tools.get(callId)?.mcpServer ?? null;
  tellCli(draft, {
    kind: 'tool.invoked',
    key: callId,
    turn: open?.turn ?? turn,
    ...from,
    inferred: [...from.inferred, ...said.inferred],
    body: { ...said.body, callId, mcpServer },
  });
  dropAnswered(draft, callId);
}

/** No result of these calls will come any more. */
export function giveUpCallsCli(draft: CliDraft): void {
  for (const call of draft.state.calls.splice(0)) tellUnfinished(draft, call);
}

/** The call is done with: nothing more is told of it. */
export function dropAnswered({ state, held, seen }: CliDraft, callId: string): void {
  state.calls = state.calls.filter((call) => call.callId !== callId);
  held.delete(callId);
  seen.add(doneWith(callId));
}

function tellUnfinished(draft: CliDraft, call: CliOpenCall): void {
  const asked = draft.held.get(call.callId);
  const time = call.time ?? draft.state.lastTime ?? new Date(0).toISOString();
  const said = describe(asked, null, { startedAt: null, endedAt: null });
  tellCli(draft, {
    kind: 'tool.invoked',
    key: call.callId,
    turn: call.turn,
    time,
    record: call.message,
    ordinal: call.ordinal,
    inferred: [...(call.time === null ? ['time'] : []), ...said.inferred],
    body: { ...said.body, callId: call.callId, mcpServer: null },
  });
  dropAnswered(draft, call.callId);
}

interface Bounds {
  /** When the model had asked for it. */
  startedAt: string | null;
  /** When the result was sent on. */
  endedAt: string | null;
}

/**
 * Success is Kiro's word for the tool, except that a non-zero exit status makes it false. The flat files keep no times of
 * a call; in the database it lies between the answer that asked for it and the request that took the result along, so
 * both are bounds.
 */
function describe(asked: CliCall | undefined, result: CliResult | null, { startedAt, endedAt }: Bounds) {
  const value = result === null ? null : resultOf(result.content);
  const exitCode = exitCodeOf(result?.content ?? []);
  const failed = exitCode !== null && exitCode !== 0;
  const lasted = startedAt === null || endedAt === null ? Number.NaN : Date.parse(endedAt) - Date.parse(startedAt);
  const kind = KINDS.get(asked?.name ?? '') ?? null;
  const body = {
    name: asked?.name ?? 'unknown',
    kind,
    arguments: exactJson(asked?.input),
    result: value,
    success: failed ? false : (result?.success ?? null),
    exitCode,
    startedAt: lasted >= 0 ? startedAt : null,
    endedAt,
    durationMs: lasted >= 0 ? lasted : null,
    approval: null,
    subAgent: null,
  };
  const inferred = [
    ...(kind === null ? [] : ['kind']),
    ...(failed && result?.success !== false ? ['success'] : []),
    ...(body.startedAt === null ? [] : ['startedAt']),
    ...(endedAt === null ? [] : ['endedAt']),
    ...(body.durationMs === null ? [] : ['durationMs']),
  ];
  return { body, inferred };
}

/** Kiro IDE's grouping of tools, for the CLI's names of the same tools (kiro/README C9). */
const KINDS: ReadonlyMap<string, string> = new Map([
  ['shell', 'execute'],
  ['execute_bash', 'execute'],
  ['execute_cmd', 'execute'],
  ['write', 'edit'],
  ['fs_write', 'edit'],
  ['read', 'read'],
  ['fs_read', 'read'],
  ['grep', 'search'],
  ['glob', 'search'],
  ['web_fetch', 'fetch'],
  ['web_search', 'fetch'],
]);

/** A single part as it is, texts together as one, a mixture as a list. */
function resultOf(content: readonly CliResultPart[]): Json {
  const [only] = content;
  if (only === undefined) return null;
  if (content.every((part) => part.type === 'text')) return content.map((part) => part.text).join('\n');
  return content.length === 1 ? partOf(only) : content.map(partOf);
}

/** Other parts are images: that there was one, and nothing of it. */
function partOf(part: CliResultPart): Json {
  if (part.type === 'text') return part.text;
  return part.type === 'json' ? exactJson(part.json) : { omitted: 'not text' };
}

const EXIT_STATUS = /^(?:exit (?:status|code): )?(-?\d{1,10})$/;

/** `exit status: N` in the flat files, `N` in the database (kiro/README C3, C6). */
function exitCodeOf(content: readonly CliResultPart[]): number | null {
  for (const part of content) {
    if (part.type !== 'json' || typeof part.json !== 'object' || part.json === null) continue;
    const { exit_status: status } = part.json as { exit_status?: unknown };
    const found = typeof status === 'string' ? EXIT_STATUS.exec(status)?.[1] : undefined;
    if (found !== undefined) return Number(found);
  }
  return null;
}
