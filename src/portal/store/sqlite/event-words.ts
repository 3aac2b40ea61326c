import type { Database } from '../../../core/database.ts';
import type { CapsuleEvent } from '../../../core/event.ts';
import { searchTexts } from '../../event-texts.ts';
import type { Word } from '../../filter/words.ts';

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

/** As SQLite's index is asked: this organisation's rows that hold every word. */
export function matchOf(org: string, words: readonly Word[]): string {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const each = words.map((word) => `${quoted(word.text)}${word.goesOn ? ' *' : ''}`);
  return `org : ${quoted(org)} AND {prompt response arguments result} : (${each.join(' AND ')})`;
}
