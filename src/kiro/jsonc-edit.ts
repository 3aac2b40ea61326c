import type { Node } from 'jsonc-parser';
import { type JsoncDocument, lineIndent, lineStart, skipTrivia, startsLine } from './jsonc-document.ts';

/** A piece of new text. `offset` counts in the body before the edit; a list of them ascends. */
export interface Insertion {
  offset: number;
  text: string;
}

/** A stretch of text to take away, `end` excluded. A list of them ascends and does not overlap. */
export interface Cut {
  start: number;
  end: number;
}

/** Writes a new child: on one line when `indent` is null, else as a line of its own with that indentation. */
export type Render = (indent: string | null) => string;

/**
 * Adds a last child to an object or a list. What is there is never rewritten, only added to: a comment behind the last
 * child stays behind it, a trailing comma is taken up as the file's style, one line stays one line.
 */
export function insertLast(document: JsoncDocument, container: Node, render: Render): Insertion[] {
  const last = container.children?.at(-1);
  return last === undefined ? insertOnly(document, container, render) : insertAfter(document, container, last, render);
}

function insertAfter({ body, eol, unit }: JsoncDocument, container: Node, last: Node, render: Render): Insertion[] {
  const valueEnd = last.offset + last.length;
  const comma = findComma(body, valueEnd);
  const from = comma === undefined ? valueEnd : comma + 1;
  const anchor = endOfTrailingComments(body, from);
  const ownLine = startsLine(body, last.offset);
  const indent = ownLine ? lineIndent(body, last.offset) : lineIndent(body, container.offset) + unit;
  const child = ownLine || anchor > from ? `${eol}${indent}${render(indent)}` : ` ${render(null)}`;
  if (comma !== undefined) return [{ offset: anchor, text: `${child},` }];
  if (anchor === valueEnd) return [{ offset: anchor, text: `,${child}` }];
  return [
    { offset: valueEnd, text: ',' },
    { offset: anchor, text: child },
  ];
}

function insertOnly({ body, eol, unit }: JsoncDocument, container: Node, render: Render): Insertion[] {
  const open = container.offset + 1;
  const close = container.offset + container.length - 1;
  const anchor = open + body.slice(open, close).trimEnd().length;
  const indent = lineIndent(body, container.offset) + unit;
  if (body.slice(anchor, close).includes('\n')) return [{ offset: anchor, text: `${eol}${indent}${render(indent)}` }];
  if (container.type === 'array') return [{ offset: anchor, text: `${anchor > open ? ' ' : ''}${render(null)}` }];
  const closing = `${eol}${lineIndent(body, container.offset)}`;
  return [{ offset: close, text: `${eol}${indent}${render(indent)}${closing}` }];
}

/** The comma behind a child, over white space and comments. */
function findComma(body: string, offset: number): number | undefined {
  const next = skipTrivia(body, offset);
  return body[next] === ',' ? next : undefined;
}

/** Behind the comments that follow on the same line; `offset` itself when there are none. */
function endOfTrailingComments(body: string, offset: number): number {
  return offset + body.slice(offset, skipTrivia(body, offset, 'line')).trimEnd().length;
}

/**
 * What to cut so that one child is gone, with its comma and the line it had for itself, and every comment stays.
 */
export function cutChild(body: string, container: Node, index: number): Cut[] {
  const children = container.children ?? [];
  const child = children[index];
  if (child === undefined) return [];
  const end = child.offset + child.length;
  const comma = findComma(body, end);
  if (comma !== undefined) {
    return isBlank(body, end, comma)
      ? [widen(body, child.offset, comma + 1)]
      : [
          { start: child.offset, end },
          { start: comma, end: comma + 1 },
        ];
  }
  const before = children[index - 1];
  const commaBefore = before === undefined ? undefined : findComma(body, before.offset + before.length);
  if (commaBefore === undefined) return [widen(body, child.offset, end)];
  if (isBlank(body, commaBefore + 1, child.offset)) return [{ start: commaBefore, end }];
  return [{ start: commaBefore, end: commaBefore + 1 }, widen(body, child.offset, end)];
}

/** The whole line when nothing else is on it; else also the blanks that would be left before a neighbour. */
function widen(body: string, start: number, end: number): Cut {
  const blanks = /^[ \t]*(\r?\n)?/.exec(body.slice(end));
  const after = end + (blanks?.[0].length ?? 0);
  if (!startsLine(body, start)) return { start, end: blanks?.[1] === undefined ? after : end };
  return { start: lineStart(body, start), end: blanks?.[1] === undefined ? end : after };
}

const isBlank = (body: string, start: number, end: number) => body.slice(start, end).trim() === '';

/** The body with all insertions in it. */
export function applyInsertions(body: string, insertions: readonly Insertion[]): string {
  return insertions.toReversed().reduce((text, { offset, text: piece }) => {
    return text.slice(0, offset) + piece + text.slice(offset);
  }, body);
}

/** The body without what is cut. */
export function applyCuts(body: string, cuts: readonly Cut[]): string {
  return cuts.toReversed().reduce((text, { start, end }) => text.slice(0, start) + text.slice(end), body);
}

/**
 * Takes insertions out of a text that may have changed before or behind them since. undefined when they are not found
 * exactly once, in one piece, at the distance from each other they were made with.
 */
export function withdrawInsertions(body: string, insertions: readonly Insertion[]): string | undefined {
  let length = 0;
  const pieces = insertions.map(({ offset, text }) => {
    const start = offset + length;
    length += text.length;
    return { start, text };
  });
  // The longest one holds the entry itself; a lone comma would be found anywhere.
  const main = pieces.reduce((a, b) => (b.text.length > a.text.length ? b : a), { start: 0, text: '' });
  const found = body.indexOf(main.text);
  if (main.text === '' || found < 0 || body.includes(main.text, found + 1)) return undefined;
  const cuts = pieces.map(({ start, text }) => ({ start: start + found - main.start, text }));
  if (!cuts.every(({ start, text }) => start >= 0 && body.startsWith(text, start))) return undefined;
  return applyCuts(
    body,
    cuts.map(({ start, text }) => ({ start, end: start + text.length })),
  );
}
