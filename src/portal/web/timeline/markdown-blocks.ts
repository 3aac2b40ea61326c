/** Reads Markdown into a tree that the page draws itself. Pure; there is no HTML anywhere on the way. */
import { Lexer, type MarkedToken, type Token, type Tokens } from 'marked';

/** Part of a line, or a block. What Markdown knows and this does not is `text`, as it was written. */
export type Mark =
  | { kind: 'text'; text: string }
  | { kind: 'strong' | 'emphasis' | 'struck' | 'paragraph' | 'quote'; children: Mark[] }
  | { kind: 'codespan'; text: string }
  | { kind: 'break' | 'rule' }
  | { kind: 'link'; href: string; host: string; children: Mark[] }
  | { kind: 'image'; alt: string; address: string }
  | { kind: 'heading'; depth: number; children: Mark[] }
  | { kind: 'code'; text: string; language: string }
  | { kind: 'list'; ordered: boolean; start: number; items: { done: boolean | null; children: Mark[] }[] }
  | { kind: 'table'; head: Mark[][]; rows: Mark[][][]; right: boolean[] };

/** What is longer is shown as it was written. */
const MAX_LENGTH = 65_536;
/** What is nested deeper is shown as it was written. */
const MAX_DEPTH = 50;

/** The blocks of a text; undefined when it is better shown as it was written: too long, or nested beyond reason. */
export function readMarkdown(text: string): Mark[] | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  try {
    return marksOf(new Lexer({ gfm: true }).lex(text), 0);
  } catch (error) {
    // Thousands of nested quotes are deeper than the reader's own calls can go.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const marksOf = (tokens: readonly Token[] | undefined, depth: number): Mark[] =>
  (tokens ?? []).flatMap((token) => markOf(token as MarkedToken, depth + 1));

function markOf(token: MarkedToken, depth: number): Mark[] {
  const inner = (): Mark[] => marksOf('tokens' in token ? token.tokens : undefined, depth);
  if (depth > MAX_DEPTH) return asWritten(token.raw);
  switch (token.type) {
    case 'space':
    case 'checkbox':
      return [];
    case 'text':
      return token.tokens === undefined ? asWritten(token.text) : inner();
    case 'escape':
      return asWritten(token.text);
    case 'paragraph':
      return [{ kind: 'paragraph', children: inner() }];
    case 'strong':
      return [{ kind: 'strong', children: inner() }];
    case 'em':
      return [{ kind: 'emphasis', children: inner() }];
    case 'del':
      return [{ kind: 'struck', children: inner() }];
    case 'blockquote':
      return [{ kind: 'quote', children: inner() }];
    case 'codespan':
      return [{ kind: 'codespan', text: token.text }];
    case 'br':
      return [{ kind: 'break' }];
    case 'hr':
      return [{ kind: 'rule' }];
    case 'code':
      return [
        { kind: 'code', text: token.text.replace(/\n$/, ''), language: (token.lang ?? '').split(/\s/, 1)[0] ?? '' },
      ];
    case 'heading':
      return [{ kind: 'heading', depth: token.depth, children: inner() }];
    case 'link':
      return link(token, inner());
    case 'image':
      return [{ kind: 'image', alt: token.text, address: token.href }];
    case 'list':
      return [listOf(token, depth)];
    case 'table':
      return [tableOf(token, depth)];
    default:
      return asWritten(token.raw);
  }
}

const asWritten = (text: string): Mark[] => (text === '' ? [] : [{ kind: 'text', text }]);

/** Only what a browser opens without running anything; any other link is text, with its address. */
function link({ href, raw }: Tokens.Link, children: Mark[]): Mark[] {
  const host = hostOf(href);
  return host === undefined ? asWritten(raw) : [{ kind: 'link', href, host, children }];
}

/** Where a link leads; undefined for one that is not followed. */
export function hostOf(href: string): string | undefined {
  const url = URL.canParse(href) ? new URL(href) : undefined;
  if (url?.protocol === 'mailto:') return url.pathname;
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url.host : undefined;
}

const listOf = ({ ordered, start, items }: Tokens.List, depth: number): Mark => ({
  kind: 'list',
  ordered,
  start: typeof start === 'number' ? start : 1,
  items: items.map(({ task, checked, tokens }) => ({
    done: task ? checked === true : null,
    children: marksOf(tokens, depth + 1),
  })),
});

const tableOf = ({ header, rows, align }: Tokens.Table, depth: number): Mark => ({
  kind: 'table',
  head: header.map(({ tokens }) => marksOf(tokens, depth + 1)),
  rows: rows.map((row) => row.map(({ tokens }) => marksOf(tokens, depth + 1))),
  right: align.map((side) => side === 'right'),
});
