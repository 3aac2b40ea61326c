import type { Database } from '../../../core/database.ts';
import type { CapsuleEvent, Json } from '../../../core/event.ts';
import { mayGoOn, type Word } from '../../filter/words.ts';

/** What can be searched of an event, by what it is to a reader. */
export interface SearchTexts {
  prompt: string;
  response: string;
  arguments: string;
  result: string;
}

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

/** The texts of an event that its index is made of. Names of JSON fields are none. */
export function searchTexts(event: CapsuleEvent): SearchTexts {
  const texts: SearchTexts = { prompt: '', response: '', arguments: '', result: '' };
  switch (event.kind) {
    case 'prompt.submitted':
      texts.prompt = event.body.text ?? '';
      texts.arguments = event.body.attachments.map(({ name }) => name ?? '').join('\n');
      break;
    case 'agent.responded':
    case 'agent.reasoned':
      texts.response = event.body.text ?? '';
      break;
    case 'tool.invoked':
      texts.arguments = [event.body.mcpServer ?? '', event.body.name, ...stringsIn(event.body.arguments)].join('\n');
      texts.result = stringsIn(event.body.result).join('\n');
      break;
    case 'turn.ended':
      texts.result = event.body.error ?? '';
      break;
    case 'session.started':
      texts.arguments = stringsIn(event.body as unknown as Json).join('\n');
      break;
    case 'capture.gap':
      texts.result = event.body.reason;
  }
  return texts;
}

function stringsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}

/** As SQLite's index is asked: this organisation's rows that hold every word. */
export function matchOf(org: string, words: readonly Word[]): string {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const each = words.map((word) => `${quoted(word.text)}${mayGoOn(word) ? ' *' : ''}`);
  return `org : ${quoted(org)} AND {prompt response arguments result} : (${each.join(' AND ')})`;
}
