/** The words of a text search, and where they stand in a text. Pure; shared by the index and the page, so that both mean the same. */

export interface Word {
  text: string;
  /** Written with a star at its end: the last token may be the beginning of a longer one. */
  goesOn: boolean;
}

/** What the index takes for a word: letters, digits, and private characters. */
const TOKEN = /[\p{L}\p{N}\p{Co}\p{M}]+/gu;
/** A shorter beginning is looked for as it is: every word that begins so has to be read from the index. */
const SHORTEST_BEGINNING = 4;

/** Words, "phrases" and beginnings*. What has no letter and no digit cannot be looked for and is left out. */
export function readWords(query: string): Word[] {
  const words: Word[] = [];
  for (const [, phrase, word] of query.matchAll(/"([^"]*)"?|([^\s"]+)/g)) {
    const text = (phrase ?? word ?? '').trim();
    const tokens = tokensOf(text);
    const goesOn =
      phrase === undefined && text.endsWith('*') && (tokens.at(-1)?.token.length ?? 0) >= SHORTEST_BEGINNING;
    if (tokens.length > 0) words.push({ text: phrase === undefined ? text.replace(/\*$/, '') : text, goesOn });
  }
  return words;
}

interface Token {
  token: string;
  start: number;
  end: number;
}
function tokensOf(text: string): Token[] {
  return [...text.matchAll(TOKEN)].map(({ 0: found, index }) => ({
    token: fold(found),
    start: index,
    end: index + found.length,
  }));
}

/** The words of a text as they are compared, in order. */
export const wordsIn = (text: string): string[] => tokensOf(text).flatMap(({ token }) => token || []);

/** Without case and accents, as the index compares. */
const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** A stretch of a text: UTF-16 units, the end not included. */
export type Stretch = [start: number, end: number];

/** Where the words occur in a text, in order, none inside another. */
export function findWords(text: string, words: readonly Word[]): Stretch[] {
  const tokens = tokensOf(text);
  const found: Stretch[] = [];
  for (const word of words) {
    const wanted = tokensOf(word.text).map(({ token }) => token);
    for (let at = 0; at + wanted.length <= tokens.length; at++) {
      if (!matchesAt(tokens, at, wanted, word.goesOn)) continue;
      found.push([tokens[at]?.start ?? 0, tokens[at + wanted.length - 1]?.end ?? 0]);
    }
  }
  found.sort(([a], [b]) => a - b);
  const apart: Stretch[] = [];
  for (const stretch of found) {
    const last = apart.at(-1);
    if (last !== undefined && stretch[0] < last[1]) last[1] = Math.max(last[1], stretch[1]);
    else apart.push(stretch);
  }
  return apart;
}

function matchesAt(tokens: readonly Token[], at: number, wanted: readonly string[], goesOn: boolean): boolean {
  return wanted.every((want, offset) => {
    const token = tokens[at + offset]?.token ?? '';
    return goesOn && offset === wanted.length - 1 ? token.startsWith(want) : token === want;
  });
}
