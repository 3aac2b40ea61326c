/** What a tool call says in one line. Pure. */
import type { Bodies, Json } from '../../../core/event.ts';

export type ToolBody = Bodies['tool.invoked'];

/** Arguments that say what a call is about, best first. */
const MAIN = [
  'command',
  'path',
  'file_path',
  'filePath',
  'targetFile',
  'file',
  'query',
  'url',
  'pattern',
  'summary',
  'title',
  'name',
  'explanation',
];
const LINE_LENGTH = 160;

/** `fs_read`, or `jira › create_issue` for a tool of an MCP server. */
export const toolName = ({ name, mcpServer }: ToolBody): string =>
  mcpServer === null ? name : `${mcpServer} › ${name}`;

/**
 * The argument that tells calls of the same tool apart, in one line; null when there is none. A path below `workspace` is
 * written from there.
 */
export function mainArgument({ arguments: args }: ToolBody, workspace: string | null): string | null {
  const argument = chooseArgument(args);
  const inside =
    workspace !== null && argument?.startsWith(workspace) && /[\\/]/.test(argument[workspace.length] ?? '');
  return argument !== null && inside ? argument.slice(workspace.length + 1) : argument;
}

function chooseArgument(args: Json): string | null {
  if (typeof args === 'string') return oneLine(args);
  if (!isObject(args)) return null;
  for (const key of MAIN) {
    const value = args[key];
    if (typeof value === 'string' && value !== '') return oneLine(value);
  }
  const first = Object.values(args).find((value) => typeof value === 'string' && value !== '');
  return typeof first === 'string' ? oneLine(first) : null;
}

function oneLine(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length <= LINE_LENGTH ? line : `${line.slice(0, LINE_LENGTH)}…`;
}

export type Outcome = 'good' | 'bad' | 'unknown';

/** How a call went, as far as Kiro says: by its exit code, else by whether it succeeded. */
export function outcomeOf({ success, exitCode, approval }: ToolBody): { outcome: Outcome; words: string } {
  if (approval === 'rejected') return { outcome: 'bad', words: 'rejected' };
  const failed = success === false || (exitCode !== null && exitCode !== 0);
  const outcome = failed ? 'bad' : success === null && exitCode === null ? 'unknown' : 'good';
  if (exitCode !== null) return { outcome, words: `exit ${exitCode}` };
  return { outcome, words: outcome === 'bad' ? 'failed' : outcome === 'good' ? 'ok' : 'outcome unknown' };
}

const APPROVALS: Readonly<Record<string, string>> = {
  auto: 'ran without asking',
  accepted: 'approved by the user',
  rejected: 'rejected by the user',
  pattern: 'allowed by a trust rule',
};
/** How the call was allowed; null when Kiro does not say. */
export const approvalWords = ({ approval }: ToolBody): string | null =>
  approval === null ? null : (APPROVALS[approval] ?? approval);

/** Whether a value is an object, and not a list or null. */
export const isObject = (value: Json): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value as a person reads it: texts as they are, everything else as indented JSON. */
export const asText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));
