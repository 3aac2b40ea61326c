import type { Bodies, Json } from '../core/event.ts';
import type { Action, Execution } from '../kiro/execution-0x.ts';
import { isoTime } from '../kiro/iso-time.ts';
import { restoreArguments } from './plain-json.ts';

/** Kiro 0.x has no kinds; these are the ones that 1.x gives the same tools. */
const KINDS = new Map<string, string>([
  ...['readFiles', 'readFile', 'readCode', 'getDiagnostics', 'listDirectory'].map((type) => [type, 'read'] as const),
  ...['create', 'write', 'writeFile', 'replace', 'append', 'str_replace'].map((type) => [type, 'edit'] as const),
  ...['runCommand', 'controlProcess', 'getProcessOutput'].map((type) => [type, 'execute'] as const),
  ...['search', 'file_search', 'grep_search'].map((type) => [type, 'search'] as const),
  ...['remote_web_search', 'webFetch'].map((type) => [type, 'fetch'] as const),
  ['delete', 'delete'],
  ...[
    'mcp',
    'invokeSubAgent',
    'invoke_sub_agent',
    'subagent_response',
    'discloseContext',
    'specAgent',
    'userInput',
  ].map((type) => [type, 'other'] as const),
]);

const SUB_AGENT = new Set(['invokeSubAgent', 'invoke_sub_agent']);

/** Whether an action of this type is known to be a tool's. */
export function isKnownTool(type: string): boolean {
  return KINDS.has(type);
}

/** A tool call of which nothing is known. */
export const NO_TOOL: Omit<Bodies['tool.invoked'], 'callId' | 'name'> = {
  kind: null,
  mcpServer: null,
  arguments: null,
  result: null,
  success: null,
  exitCode: null,
  startedAt: null,
  endedAt: null,
  durationMs: null,
  approval: null,
  subAgent: null,
};

const RUNNING = /^(running|pending|queued|waiting|in_?progress|awaiting_?approval)$/i;

/** Whether nothing more will happen to an action; one that does not say counts as done. */
export function isFinal({ state }: Action): boolean {
  return state === null || !RUNNING.test(state);
}

/** Seen are `Success`, `Accepted` and `Canceled`; the others are what other files and programs call the same (kiro/README Z4). */
const WORKED = /^(success|succeeded|accepted|completed)$/i;
const REFUSED = /^(rejected|denied)$/i;
const NOT_WORKED = /^(failed|failure|error|errored|cancell?ed|aborted|rejected|denied)$/i;

/**
 * A tool call of its action. `callId` names it where Kiro gives no id of its own; `started`: the latest moment before it that is known, in ms. When a call began is not recorded,
 * and that `emittedAt` is its end is likely only (kiro/README Z4), so all of the timing is named as derived.
 */
export function describeTool0x(
  action: Action,
  { callId, started }: { callId: string; started: number | null },
): { body: Bodies['tool.invoked']; inferred: string[] } {
  const { type, state } = action;
  const input = asObject(action.input);
  const output = asObject(action.output);
  const done = isFinal(action);
  const exitCode = done ? integer(output.exitCode) : null;
  const isMcp = type === 'mcp';
  const kind = KINDS.get(type) ?? null;
  const timing = done && action.at !== null ? timingOf(action.at, started) : NOT_KNOWN;
  return {
    body: {
      callId,
      name: (isMcp ? label(input.toolName) : null) ?? type,
      kind,
      mcpServer: isMcp ? label(input.serverName) : null,
      arguments: isMcp ? restoreArguments(input.toolArgs) : argumentsOf(action),
      result: done ? resultOf(action) : null,
      success: done ? succeeded(action, exitCode) : null,
      exitCode,
      startedAt: timing.startedAt,
      endedAt: timing.endedAt,
      durationMs: timing.durationMs,
      // `Accepted` stands on calls nobody was asked about, `Canceled` also on aborted ones: neither says who decided.
      approval: state !== null && REFUSED.test(state) ? 'rejected' : null,
      subAgent: SUB_AGENT.has(type) ? { id: callId, name: label(input.subAgentName) ?? label(input.name) } : null,
    },
    inferred: [...(kind === null ? [] : ['kind']), ...timing.inferred],
  };
}

function succeeded({ state, errorMessage }: Action, exitCode: number | null): boolean | null {
  if (errorMessage !== null || (exitCode !== null && exitCode !== 0)) return false;
  if (state === null) return null;
  if (WORKED.test(state)) return true;
  // A word that came after us says nothing.
  return NOT_WORKED.test(state) ? false : null;
}

const NOT_KNOWN = { startedAt: null, endedAt: null, durationMs: null, inferred: [] };

function timingOf(end: number, started: number | null) {
  const endedAt = isoTime(end);
  if (started === null) return { startedAt: null, endedAt, durationMs: null, inferred: ['endedAt'] };
  const inferred = ['startedAt', 'endedAt', 'durationMs'];
  return { startedAt: isoTime(started), endedAt, durationMs: end - started, inferred };
}

/** The latest moment before an action that the execution knows of: its start, the action before, or the model's end. */
export function startBound({ start, actions }: Execution, index: number): number | null {
  const at = actions[index]?.at ?? null;
  const before = actions[index - 1];
  const known = [start, before?.at, before?.end].filter((ms) => ms !== null && ms !== undefined);
  const earlier = known.filter((ms) => at !== null && ms <= at);
  return earlier.length === 0 ? null : Math.max(...earlier);
}

const EDIT_TEXTS = ['oldStr', 'newStr', 'text', 'fileText', 'content'];

/**
 * What the model sent where Kiro keeps it, with what only Kiro's own reading of it names (the file, the folder). The two whole
 * contents of an edited file are left out when what the model sent holds the edit itself.
 */
function argumentsOf({ input, rawInput }: Action): Json {
  const raw = asObject(rawInput);
  const saysEdit = EDIT_TEXTS.some((name) => typeof raw[name] === 'string');
  const { originalContent, modifiedContent, ...rest } = asObject(input);
  const contents = saysEdit ? {} : { originalContent, modifiedContent };
  return restoreArguments({ ...rest, ...contents, ...raw });
}

/** The one text of an output, else all of it; an error beside it. */
function resultOf({ output, errorMessage, errorType }: Action): Json {
  const { exitCode: _, ...said } = asObject(output);
  const names = Object.keys(said);
  const only = names.length === 1 ? said[names[0] ?? ''] : undefined;
  const plain = typeof output === 'string' ? output : typeof only === 'string' ? only : restoreArguments(said);
  const result = names.length === 0 && typeof output !== 'string' ? null : plain;
  if (errorMessage === null) return result;
  return { ...(result === null ? {} : { output: result }), errorMessage, ...(errorType === null ? {} : { errorType }) };
}

/** Any value as an object to look into; an empty one when it is none. */
export function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return value as Record<string, unknown>;
}

/** A text of one field of an action's output or input; null when it has none. */
export function textIn(value: unknown, name: string): string | null {
  const text = asObject(value)[name];
  return typeof text === 'string' ? text : null;
}

function label(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : null;
}

function integer(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}
