/** Code cut into stretches of one colour. Pure. */

/** A stretch of a text, UTF-16 units with the end not included, and what it is: `keyword`, `string`, … */
export interface Painted {
  start: number;
  end: number;
  kind: string;
}

/** What is nearest in meaning decides the colour; everything else has none. */
const COLOURS: Readonly<Record<string, string>> = {
  keyword: 'keyword',
  built_in: 'function',
  type: 'function',
  literal: 'number',
  number: 'number',
  string: 'string',
  regexp: 'string',
  comment: 'comment',
  doctag: 'comment',
  meta: 'comment',
  title: 'function',
  attr: 'attribute',
  attribute: 'attribute',
  property: 'attribute',
  variable: 'attribute',
  name: 'keyword',
  tag: 'keyword',
  symbol: 'number',
  addition: 'addition',
  deletion: 'deletion',
};

/** A tree of spans and texts, as highlighters answer it. */
export type Tree =
  | { type: 'text'; value: string }
  | { type: string; classes: readonly string[]; children: readonly Tree[] };

/** The coloured stretches of a tree in the order of its text; the innermost colour holds. */
export function paint(trees: readonly Tree[]): Painted[] {
  const painted: Painted[] = [];
  let at = 0;
  const walk = (tree: Tree, kind: string | undefined): void => {
    if ('value' in tree) {
      if (kind !== undefined && tree.value !== '') painted.push({ start: at, end: at + tree.value.length, kind });
      at += tree.value.length;
      return;
    }
    const own = tree.classes.map((name) => COLOURS[name.replace(/^hljs-/, '')]).find((colour) => colour !== undefined);
    for (const child of tree.children) walk(child, own ?? kind);
  };
  for (const tree of trees) walk(tree, undefined);
  return painted;
}

/** A piece of a text that begins at `offset`, cut where colours change; null is no colour. */
export function cutAtPaint(
  text: string,
  painted: readonly Painted[],
  offset: number,
): { text: string; kind: string | null }[] {
  const pieces: { text: string; kind: string | null }[] = [];
  const end = offset + text.length;
  let at = offset;
  for (let next = firstAfter(painted, offset); next < painted.length; next++) {
    const { start, end: to, kind } = painted[next] as Painted;
    if (start >= end) break;
    const [from, until] = [Math.max(at, start), Math.min(end, to)];
    if (from > at) pieces.push({ text: text.slice(at - offset, from - offset), kind: null });
    pieces.push({ text: text.slice(from - offset, until - offset), kind });
    at = until;
  }
  if (at < end) pieces.push({ text: text.slice(at - offset), kind: null });
  return pieces;
}

/** The first stretch that does not end before `offset`. */
function firstAfter(painted: readonly Painted[], offset: number): number {
  let [low, high] = [0, painted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((painted[middle]?.end ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
