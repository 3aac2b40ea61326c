import type { CapsuleEvent } from '../../../core/event.ts';
import { searchTexts } from '../../event-texts.ts';
import { type Word, wordsIn } from '../../filter/words.ts';
import type { Conditions } from '../conditions.ts';

/**
 * What is searched is cut into words here, by the rule that the page marks them by, and not by PostgreSQL's own parser, which
 * takes paths, addresses and numbers with a sign for words of other kinds. The column `words` holds an event's words in order, a
 * space between two and a bar between two texts, so that a phrase never reaches from one text into the next. Beside it a
 * `tsvector` alone would not do: it forgets where a word stands for the 257th time, and every place behind the 16,383rd.
 */

/** PostgreSQL indexes no word of more than 2,046 bytes; a UTF-16 unit is at most three. */
const LONGEST_WORD = 500;
/** Behind a megabyte of words a `tsvector` is wrong, and PostgreSQL 15 does not say so. */
const MOST_BYTES = 1_000_000;

/**
 * The expression that the index over words is made of: the words of a row of `events`, and its organisation behind a colon, which
 * no word has. A query has to be written with it letter by letter. The index holds rows without words, too: PostgreSQL does not
 * look at the statistics of an index over some rows only, and would take every word for a rare one.
 */
export const WORDS_VECTOR =
  "array_to_tsvector(array_append(array_remove(string_to_array(words, ' '), '|'), ':' || org_id))";

/** The column `words` of an event; null where nothing can be searched. What is beyond a megabyte of words is not in it. */
export function wordsOf(event: CapsuleEvent): string | null {
  const texts = Object.values<string>({ ...searchTexts(event) })
    .map((text) => cutWords(text).join(' '))
    .filter((words) => words !== '');
  if (texts.length === 0) return null;
  const words = texts.join(' | ');
  return Buffer.byteLength(words) <= MOST_BYTES ? words : headOfWords(words);
}

/** As many whole words as there is room for. */
function headOfWords(words: string): string {
  const head = Buffer.from(words).subarray(0, MOST_BYTES).toString('utf8');
  return head.slice(0, head.lastIndexOf(' '));
}

/** Adds that a row holds every word, each phrase in one text. */
export function addWords(where: Conditions, org: string, words: readonly Word[]): void {
  const all = words.map(({ text, goesOn }) => ({ tokens: cutWords(text), goesOn }));
  if (all.some(({ tokens }) => tokens.length === 0)) {
    where.sql.push('false');
    return;
  }
  const each = all.flatMap(({ tokens, goesOn }) =>
    tokens.map((token, at) => lexeme(token) + (goesOn && at === tokens.length - 1 ? ':*' : '')),
  );
  where.sql.push(`${WORDS_VECTOR} @@ ?::tsquery`);
  where.values.push([lexeme(`:${org}`), ...new Set(each)].join(' & '));
  for (const { tokens, goesOn } of all) {
    if (tokens.length === 1) continue;
    // The index knows which words a row has; their order is looked for in the row.
    where.sql.push("strpos(' ' || words || ' ', ?) > 0");
    where.values.push(` ${tokens.join(' ')}${goesOn ? '' : ' '}`);
  }
}

const cutWords = (text: string): string[] => wordsIn(text).map((word) => word.slice(0, LONGEST_WORD));

const lexeme = (text: string): string => `'${text.replace(/[\\']/g, '$&$&')}'`;
