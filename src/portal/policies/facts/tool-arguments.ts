import type { Json } from '../../../core/event.ts';

/** What a tool was asked, whatever the names of its arguments in this version of Kiro. */
export interface ToolArguments {
  command: string;
  /** The folder the command runs in, if the call says so. */
  folder: string;
  paths: string[];
  /** For moves: where to. */
  targets: string[];
  /** What is written. */
  content: string[];
  /** Everything else. */
  rest: string[];
}

const COMMAND = /^(command|cmd|script|commandLine|command_line)$/;
const FOLDER = /^(cwd|workingDirectory|working_directory|workdir|dir)$/;
const PATH =
  /^(path|paths|file|files|filePath|file_path|filename|fileName|targetFile|target_file|relativePath|relative_path|uri|source|sourcePath|source_path|src|from|directory|folder|relativeWorkspacePath|oldPath|includePattern)$/;
const TARGET =
  /^(destination|destinationPath|destination_path|dest|to|target|targetPath|target_path|newPath|new_path)$/;
const CONTENT =
  /^(text|content|contents|fileText|file_text|newStr|new_str|newText|new_text|modifiedContent|replacement|code|insert|insert_line|append|body|patch|diff)$/;
const IGNORED = /^(oldStr|old_str|oldText|originalContent|explanation|why|reason|__tool_use_purpose)$/;
const MAX_DEPTH = 6;
const MAX_TEXTS = 500;

/** Sorts the texts of a call's arguments by what their names say. Pure; deep and long ones are read as far as the bounds go. */
export function readArguments(args: Json): ToolArguments {
  const sorted: ToolArguments = { command: '', folder: '', paths: [], targets: [], content: [], rest: [] };
  let left = MAX_TEXTS;
  const walk = (value: Json, name: string, depth: number): void => {
    if (depth > MAX_DEPTH || left <= 0) return;
    if (typeof value === 'string') {
      left--;
      put(sorted, name, value);
    } else if (Array.isArray(value)) for (const item of value) walk(item, name, depth + 1);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) walk(item, key, depth + 1);
    }
  };
  walk(args, '', 0);
  return sorted;
}

function put(sorted: ToolArguments, name: string, text: string): void {
  if (COMMAND.test(name)) sorted.command += sorted.command === '' ? text : `\n${text}`;
  else if (FOLDER.test(name)) sorted.folder = text;
  else if (PATH.test(name)) sorted.paths.push(text);
  else if (TARGET.test(name)) sorted.targets.push(text);
  else if (CONTENT.test(name)) sorted.content.push(text);
  else if (!IGNORED.test(name)) sorted.rest.push(text);
}
