import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { Failure } from '../core/failure.ts';

/** A JSON-with-comments text, parsed for editing. Offsets of nodes count in `body`. */
export interface JsoncDocument {
  bom: '' | '\uFEFF';
  body: string;
  /** undefined when there is nothing but white space and comments. */
  root: Node | undefined;
  eol: '\n' | '\r\n';
  /** One step of indentation, as the file itself does it; four spaces, as Kiro's editor does, when it does not say. */
  unit: string;
}

/** Far above any settings file written by people, far below what would make an edit slow. */
const MAX_CHARACTERS = 8 * 1024 * 1024;

/** The text of a file that must be UTF-8; a byte order mark stays in it. Throws `file-unparsable`. */
export function decodeUtf8(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new Failure('file-unparsable', `${file} is not UTF-8 text`, {
      hint: 'It was left alone. Save it as UTF-8, then run the command again.',
      cause: error,
    });
  }
}

/**
 * Parses without forgiving anything but comments and trailing commas, because an edit of a broken file leaves it broken.
 * `file` is for messages. Throws `file-unparsable` with line and column (both from 1).
 */
export function parseJsonc(text: string, file: string): JsoncDocument {
  if (text.length > MAX_CHARACTERS) {
    throw new Failure('file-unparsable', `${file} is ${Math.round(text.length / 1024 / 1024)} MiB large`, {
      hint: 'It was left alone: a settings file of that size is not one we edit.',
    });
  }
  const bom = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const body = text.slice(bom.length);
  const root = skipTrivia(body, 0) === body.length ? undefined : parseRoot(body, file);
  const eol = /\r?\n/.exec(body)?.[0] === '\r\n' ? '\r\n' : '\n';
  return { bom, body, root, eol, unit: findUnit(body, root) };
}

function parseRoot(body: string, file: string): Node | undefined {
  const errors: ParseError[] = [];
  let root: Node | undefined;
  try {
    root = parseTree(body, errors, { allowTrailingComma: true });
  } catch (error) {
    // The parser calls itself for each level.
    if (!(error instanceof RangeError)) throw error;
    throw new Failure('file-unparsable', `${file} is nested too deeply`, { hint: 'It was left alone.', cause: error });
  }
  const [first] = errors;
  if (first !== undefined) {
    const { line, column } = positionOf(body, first.offset);
    const what = printParseErrorCode(first.error).replace(/(?<=[a-z])(?=[A-Z])/g, ' ');
    throw new Failure('file-unparsable', `${file}:${line}:${column} does not parse: ${what.toLowerCase()}`, {
      hint: `It was left alone. Correct line ${line}, column ${column}, then run the command again.`,
    });
  }
  return root;
}

/** Line and column, both counted from 1. */
export function positionOf(body: string, offset: number): { line: number; column: number } {
  const before = body.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

function findUnit(body: string, root: Node | undefined): string {
  const first = root?.children?.[0];
  if (first === undefined || !startsLine(body, first.offset)) return '    ';
  return lineIndent(body, first.offset) || '    ';
}

/** The white space that the line around `offset` begins with. */
export function lineIndent(body: string, offset: number): string {
  return /^[ \t]*/.exec(body.slice(lineStart(body, offset)))?.[0] ?? '';
}

/** Whether only white space stands before `offset` on its line, and a line break before that. */
export function startsLine(body: string, offset: number): boolean {
  const start = lineStart(body, offset);
  return start > 0 && body.slice(start, offset).trim() === '';
}

/** Where the line around `offset` begins. */
export function lineStart(body: string, offset: number): number {
  return body.lastIndexOf('\n', offset - 1) + 1;
}

/** Past white space and comments; `within: 'line'` stops at a line break that is not inside a comment. */
export function skipTrivia(body: string, offset: number, within: 'text' | 'line' = 'text'): number {
  const blanks = within === 'text' ? ' \t\r\n' : ' \t';
  let at = offset;
  while (at < body.length) {
    const end = blanks.includes(body.charAt(at)) ? at + 1 : endOfComment(body, at);
    if (end === at) break;
    at = end;
  }
  return at;
}

/** Behind the comment that begins at `offset`; `offset` itself when none does. */
function endOfComment(body: string, offset: number): number {
  if (body.startsWith('//', offset)) {
    const found = body.slice(offset).search(/[\r\n]/);
    return found < 0 ? body.length : offset + found;
  }
  if (!body.startsWith('/*', offset)) return offset;
  const close = body.indexOf('*/', offset + 2);
  return close < 0 ? offset : close + 2;
}
