import type { Database } from '../../../core/database.ts';
import type { CapsuleEvent } from '../../../core/event.ts';
import { searchTexts } from '../../event-texts.ts';
import { findWords, type Word, wordsIn } from '../../filter/words.ts';

/** Puts events into the index of words, in the caller's transaction. The row's number is the event's. */
export function indexWords(database: Database): (org: string, seq: number | bigint, event: CapsuleEvent) => void {
  const insert = database.prepare(
    'INSERT INTO event_words (rowid, org, prompt, response, arguments, result) VALUES (?, ?, ?, ?, ?, ?)',
  );
  return (org, seq, event) => {
    const { prompt, response, arguments: args, result } = searchTexts(event);
    insert.run(seq, org, prompt, response, args, result);
  };
}

/** What the index of words is asked. */
export interface WordQuery {
  /** A row has to match all of these. */
  matches: readonly string[];
  /** The words, when the index can only say which rows may hold them; the rest is `HOLDS_WORDS`. */
  inDoubt: readonly Word[];
}

/** A word in fewer events than these is rare. */
const RARE = 2_000;
/** A beginning of more words than these is not looked for word by word. */
const MAX_TERMS = 200;
/** So much of a word the index knows as a beginning, and reads it in order however many words begin so (see its table). */
const KNOWN_BEGINNING = 4;

/**
 * As SQLite's index is asked: this organisation's rows that hold every word. A longer beginning would have it read and sort all
 * places of all words that begin so; here it becomes those words, or, when they are very many, the beginning that it knows.
 */
export function matchOf(database: Database, org: string, words: readonly Word[]): WordQuery {
  const inDoubt: Word[] = [];
  const each = words.map((word) => {
    const last = word.goesOn ? wordsIn(word.text).at(-1) : undefined;
    // What is not plain may be folded otherwise by the index.
    if (last === undefined || last.length <= KNOWN_BEGINNING || !/^[a-z0-9]+$/.test(last)) return termOf(word);
    const lead = word.text.slice(0, word.text.toLowerCase().lastIndexOf(last));
    const terms = termsFrom(database, last);
    if (terms === undefined) {
      inDoubt.push(word);
      return termOf({ text: lead + last.slice(0, KNOWN_BEGINNING), goesOn: true });
    }
    return terms.length === 0 ? termOf(word) : `(${terms.map((term) => quoted(lead + term)).join(' OR ')})`;
  });
  const ofOrg = (term: string) => `org : ${quoted(org)} AND {prompt response arguments result} : (${term})`;
  const apart = each.map(ofOrg);
  const areFrequent = apart.length > 1 && apart.every((match) => isFrequent(database, match));
  return { matches: areFrequent ? apart : [ofOrg(each.join(' AND '))], inDoubt };
}

/**
 * Looking for words that stand together, SQLite goes on to the first place where they do before it heeds any bounds. Where one of
 * them is rare that is soon found or soon over; else each is looked for by itself.
 */
const isFrequent = (database: Database, match: string): boolean =>
  database.prepare('SELECT rowid FROM event_words WHERE event_words MATCH ? LIMIT 1 OFFSET ?').get(match, RARE) !==
  undefined;

/** SQL for the rows of a stretch that match all, as `seq`; binds `boundsOf`. */
export const rowsOf = ({ matches }: WordQuery): string => matches.map(() => ROWS).join(' INTERSECT ');
/** What `rowsOf` binds for the rows from `low` to `high`. */
export const boundsOf = ({ matches }: WordQuery, low: number, high: number): (string | number)[] =>
  matches.flatMap((match) => [match, low, high]);
/** The index heeds bounds that are integers alone, and Node binds numbers as doubles: without this it reads all of it. */
const ROWS = `SELECT rowid AS seq FROM event_words WHERE event_words MATCH ?
  AND rowid BETWEEN CAST(? AS INTEGER) AND CAST(? AS INTEGER)`;

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const termOf = ({ text, goesOn }: Word): string => `${quoted(text)}${goesOn ? ' *' : ''}`;

/** The words of the index that begin so; undefined when they are more than `MAX_TERMS`. */
function termsFrom(database: Database, beginning: string): string[] | undefined {
  const next = database.prepare('SELECT term FROM event_terms WHERE term >= ? LIMIT 1');
  const terms: string[] = [];
  // Each is asked for by the smallest text behind the one before: a range would read every place where each of them stands.
  for (let from = beginning; terms.length <= MAX_TERMS; ) {
    const term = next.get(from)?.term;
    if (typeof term !== 'string' || !term.startsWith(beginning)) return terms;
    terms.push(term);
    from = `${term}\u0001`;
  }
  return undefined;
}

/** A condition on a row of `events`, for the connections that `addWordFunctions` was called on. Its `?` is the words as JSON. */
export const HOLDS_WORDS = 'holds_words(event, ?)';

/** Gives a connection what `HOLDS_WORDS` calls. */
export function addWordFunctions(database: Database): void {
  let last: { json: unknown; words: Word[] } = { json: '', words: [] };
  database.function('holds_words', { deterministic: true }, (event, json) => {
    if (last.json !== json) last = { json, words: JSON.parse(String(json)) as Word[] };
    const texts = Object.values(searchTexts(JSON.parse(String(event)) as CapsuleEvent));
    return Number(last.words.every((word) => texts.some((text: string) => findWords(text, [word]).length > 0)));
  });
}
