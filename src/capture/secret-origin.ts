import type { Bodies, Json } from '../core/event.ts';
import { MAX_DEPTH } from './plain-json.ts';
import { commandOrigin } from './secret-commands.ts';
import { secretFileKind } from './secret-files.ts';

/** Arguments that hold what is written. */
const CONTENT = new Set(
  'text content contents newstr oldstr new_str old_str newtext oldtext new_string old_string file_text filetext data body diff patch edits'.split(
    ' ',
  ),
);
/** Arguments in a person's or the model's words, where a path is only mentioned. */
const PROSE = new Set(
  'explanation description prompt reason query question message title task instructions'.split(' '),
);
const COMMAND = new Set(['command', 'commands', 'cmd', 'script', 'commandline']);
/** Longer than any path. */
const LONGEST_PATH = 4096;

/** Whether an argument of this name is the content of the file that another argument names. */
export const isContentName = (name: string): boolean => CONTENT.has(name.toLowerCase());

/**
 * Where the secrets in a tool call's result would come from: the kind of file its arguments name, or `keychain`; null when
 * nothing says so.
 */
export function originOf({ arguments: args }: Pick<Bodies['tool.invoked'], 'arguments'>): string | null {
  return originIn(args, '', 0);
}

function originIn(value: Json, name: string, depth: number): string | null {
  if (typeof value === 'string') return originOfText(value, name);
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return null;
  for (const [key, item] of Object.entries(value)) {
    const found = originIn(item, Array.isArray(value) ? name : key.toLowerCase(), depth + 1);
    if (found !== null) return found;
  }
  return null;
}

function originOfText(text: string, name: string): string | null {
  if (COMMAND.has(name)) return commandOrigin(text);
  if (CONTENT.has(name) || PROSE.has(name) || text.length > LONGEST_PATH || text.includes('\n')) return null;
  return secretFileKind(text.trim());
}
