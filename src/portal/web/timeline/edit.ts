/** What a tool call changes in a file, as far as its arguments say. Pure. */
import { diffArrays, structuredPatch } from 'diff';
import type { Json } from '../../../core/event.ts';
import type { Stretch } from '../../filter/words.ts';
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
  /** What of a changed line is not in the line that it takes the place of; empty where nearly all of it is. */
  changed: readonly Stretch[];
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
  const hunks = patch.hunks.map(({ lines }) => markWords(lines.filter((line) => !line.startsWith('\\')).map(lineOf)));
  const count = (sign: DiffLine['sign']) => hunks.flat().filter((line) => line.sign === sign).length;
  return { hunks, added: count('+'), removed: count('-') };
}

const lineOf = (line: string): DiffLine => ({
  sign: line.startsWith('+') ? '+' : line.startsWith('-') ? '-' : ' ',
  text: line.slice(1),
  changed: [],
});

/** Lines that are taken away and as many that come right behind them are each other's: their words are compared. */
function markWords(lines: readonly DiffLine[]): DiffLine[] {
  const marked = [...lines];
  for (let at = 0; at < lines.length; at++) {
    const removed = countFrom(lines, at, '-');
    const added = countFrom(lines, at + removed, '+');
    if (removed > 0 && removed === added) {
      for (let n = at; n < at + removed; n++) {
        const pair = wordPair(lines[n] as DiffLine, lines[n + removed] as DiffLine);
        [marked[n], marked[n + removed]] = pair as [DiffLine, DiffLine];
      }
    }
    at += Math.max(0, removed + added - 1);
  }
  return marked;
}

function countFrom(lines: readonly DiffLine[], from: number, sign: DiffLine['sign']): number {
  let count = 0;
  while (lines[from + count]?.sign === sign) count++;
  return count;
}

/** Longer lines are data, not something that is read word by word. */
const MAX_LINE = 500;
/** Where more than this share differs, marks would say less than none. */
const MOST_CHANGED = 0.6;

/** Words, spaces, and every other sign by itself. */
const tokensOf = (text: string): string[] => text.match(/[\p{L}\p{N}\p{M}_]+|\s+|[^\p{L}\p{N}\p{M}_\s]/gu) ?? [];

function wordPair(before: DiffLine, after: DiffLine): readonly [DiffLine, DiffLine] {
  if (Math.max(before.text.length, after.text.length) > MAX_LINE) return [before, after];
  const sides: Record<'removed' | 'added', Stretch[]> = { removed: [], added: [] };
  const at = { removed: 0, added: 0 };
  for (const { value, added, removed } of diffArrays(tokensOf(before.text), tokensOf(after.text))) {
    const { length } = value.join('');
    if (!added) at.removed += length;
    if (!removed) at.added += length;
    if (removed) sides.removed.push([at.removed - length, at.removed]);
    if (added) sides.added.push([at.added - length, at.added]);
  }
  const share = (stretches: readonly Stretch[], { text }: DiffLine) =>
    stretches.reduce((sum, [start, end]) => sum + end - start, 0) / Math.max(1, text.length);
  const isOther = share(sides.removed, before) > MOST_CHANGED || share(sides.added, after) > MOST_CHANGED;
  return isOther
    ? [before, after]
    : [
        { ...before, changed: sides.removed },
        { ...after, changed: sides.added },
      ];
}
