/** What a tool call changes in a file, as far as its arguments say. Pure. */
import { structuredPatch } from 'diff';
import type { Json } from '../../../core/event.ts';
import { isObject, type ToolBody } from './tool-summary.ts';

export interface FileEdit {
  path: string;
  /** Null when only the new text is known. */
  before: string | null;
  after: string;
  /** The arguments that are told by this; the others are listed as they are. */
  told: readonly string[];
}

const PATHS = ['path', 'file', 'file_path', 'filePath', 'targetFile'];
/** Names of what was, and of what is, as the two generations and other tools write them. */
const REPLACEMENTS: readonly (readonly [before: string, after: string])[] = [
  ['oldStr', 'newStr'],
  ['old_str', 'new_str'],
  ['oldText', 'newText'],
  ['old_string', 'new_string'],
  ['originalContent', 'modifiedContent'],
];
const WRITTEN = ['text', 'content', 'fileText', 'file_text'];

/** Undefined for a call that is no edit of a file, or does not say which. */
export function editOf({ kind, arguments: args }: ToolBody): FileEdit | undefined {
  if (!isObject(args)) return undefined;
  const pathName = PATHS.find((name) => typeof args[name] === 'string');
  const path = textOf(args, pathName);
  if (path === undefined) return undefined;
  for (const [was, is] of REPLACEMENTS) {
    const [before, after] = [textOf(args, was), textOf(args, is)];
    if (before !== undefined && after !== undefined) return { path, before, after, told: [was, is] };
  }
  const written = WRITTEN.find((name) => typeof args[name] === 'string');
  const after = textOf(args, written);
  if (kind !== 'edit' || after === undefined || written === undefined) return undefined;
  return { path, before: null, after, told: [written] };
}

function textOf(args: { [key: string]: Json }, name: string | undefined): string | undefined {
  const value = name === undefined ? undefined : args[name];
  return typeof value === 'string' ? value : undefined;
}

export interface DiffLine {
  sign: '+' | '-' | ' ';
  text: string;
}
export interface Diff {
  /** Stretches of lines that lie apart. Line numbers are left out: a replaced text does not say where in its file it stood. */
  hunks: DiffLine[][];
  added: number;
  removed: number;
}

const CONTEXT = 3;
/** Finding the least difference of two long texts that have nothing in common takes seconds. */
const LIMITS = { maxEditLength: 2_000, timeout: 200 };

/** The lines that differ, with three around them; undefined when finding them would take too long. */
export function diffOf(before: string, after: string): Diff | undefined {
  const patch = structuredPatch('', '', before, after, '', '', { context: CONTEXT, ...LIMITS });
  if (patch === undefined) return undefined;
  const hunks = patch.hunks.map(({ lines }) => lines.filter((line) => !line.startsWith('\\')).map(lineOf));
  const count = (sign: DiffLine['sign']) => hunks.flat().filter((line) => line.sign === sign).length;
  return { hunks, added: count('+'), removed: count('-') };
}

const lineOf = (line: string): DiffLine => ({
  sign: line.startsWith('+') ? '+' : line.startsWith('-') ? '-' : ' ',
  text: line.slice(1),
});
