/** Splits captured text into what is drawn: plain stretches, redacted places, characters that would not be seen. Pure. */

export type TextPart =
  | { kind: 'text'; text: string }
  | { kind: 'redacted'; rule: string; hash: string }
  | { kind: 'hidden'; code: string }
  /** A colour or weight as terminals are told it; it says nothing by itself. */
  | { kind: 'style'; text: string };

/** As the agent writes it in place of a secret. */
const MARKER = String.raw`\[redacted:[a-z0-9_.:-]{1,100}:[0-9a-f]{4,64}\]`;
/**
 * What changes how a text reads without being seen: controls but tab and line ends, zero-width and directional characters,
 * fillers, variation selectors beyond the usual two, tags.
 */
const HIDDEN = String.raw`[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]`;

/** The three flags that are spelt with tags (England, Scotland, Wales): seen as one sign. Anything else after a black flag is hidden text. */
const FLAG = String.raw`\u{1f3f4}(?:\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}|\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}|\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073})\u{e007f}`;
/** Select Graphic Rendition: colours, bold, and the like. Anything else that begins with an escape is drawn. */
const STYLE = String.raw`\x1b\[[0-9;]{0,40}m`;
const HIDDEN_OR_FLAG = new RegExp(`${FLAG}|${HIDDEN}`, 'gu');
const IS_FLAG = new RegExp(`^${FLAG}$`, 'u');

/**
 * `rules` are those that the event itself says were applied: a text that only looks like a marker, because somebody typed it,
 * stays text.
 */
export function splitText(text: string, rules: ReadonlySet<string>): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  const addText = (upTo: number) => {
    if (upTo > end) parts.push({ kind: 'text', text: text.slice(end, upTo) });
  };
  for (const match of text.matchAll(new RegExp(`${MARKER}|${FLAG}|${STYLE}|${HIDDEN}`, 'gu'))) {
    const part = partOf(match[0], rules);
    if (part === undefined) continue;
    addText(match.index);
    parts.push(part);
    end = match.index + match[0].length;
  }
  addText(text.length);
  return parts;
}

function partOf(found: string, rules: ReadonlySet<string>): TextPart | undefined {
  if (IS_FLAG.test(found)) return undefined;
  if (found.length > 2 && found.startsWith('\x1b')) return { kind: 'style', text: found };
  if (!found.startsWith('[')) {
    return { kind: 'hidden', code: `U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}` };
  }
  const inner = found.slice('[redacted:'.length, -1);
  const colon = inner.lastIndexOf(':');
  const rule = inner.slice(0, colon);
  return rules.has(rule) ? { kind: 'redacted', rule, hash: inner.slice(colon + 1) } : undefined;
}

/** How many hidden characters a text holds; those of a terminal's colours are counted, too. */
export const countHidden = (text: string): number =>
  [...text.matchAll(HIDDEN_OR_FLAG)].filter(([found]) => !IS_FLAG.test(found)).length;

/** How many colours and weights of a terminal a text holds, which are left out where it is drawn. */
export const countStyles = (text: string): number => [...text.matchAll(new RegExp(STYLE, 'g'))].length;

export interface Folded {
  head: string;
  /** Undefined when the whole text is short enough to be shown. */
  middle: { text: string; lines: number } | undefined;
  tail: string;
}

const HEAD_LINES = 20;
const TAIL_LINES = 5;
/** Folding two or three lines away helps nobody. */
const LEAST_FOLDED = 8;

/** The first 20 and the last 5 lines, and what is between them. */
export function foldLines(text: string): Folded {
  const lines = text.split('\n');
  const hidden = lines.length - HEAD_LINES - TAIL_LINES;
  if (hidden < LEAST_FOLDED) return { head: text, middle: undefined, tail: '' };
  return {
    head: lines.slice(0, HEAD_LINES).join('\n'),
    middle: { text: lines.slice(HEAD_LINES, -TAIL_LINES).join('\n'), lines: hidden },
    tail: lines.slice(-TAIL_LINES).join('\n'),
  };
}
