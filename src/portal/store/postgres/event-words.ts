import type { CapsuleEvent } from '../../../core/event.ts';
import { searchTexts } from '../../event-texts.ts';
import { type Word, wordsIn } from '../../filter/words.ts';

/** PostgreSQL's bounds: a tsvector is below 1 MiB, a lexeme below 2 KiB, a position at most 16,383. */
const [MOST_BYTES, LONGEST, LAST_POSITION, MOST_POSITIONS] = [700_000, 1_000, 16_383, 250];
/** Between two texts of an event, so that no phrase reaches from one into the other. */
const GAP = 2;

/** The organisation as a lexeme of its events: the index itself then leads to one organisation's. No word has a colon. */
export const orgLexeme = (org: string): string => `org:${org}`;

/**
 * The words of an event as a tsvector in text form: the same words that the page marks. Of a text of more than 16,000 words the
 * rest is found word by word, not by phrase; of an event of more than 700 kB of different words the rest is not found.
 */
export function wordsVector(org: string, event: CapsuleEvent): string {
  const places = new Map<string, number[]>([[orgLexeme(org), []]]);
  let bytes = 0;
  let position = 0;
  for (const text of Object.values(searchTexts(event))) {
    for (const word of wordsIn(text as string)) {
      position++;
      const known = places.get(word);
      if (known !== undefined) {
        if (known.length < MOST_POSITIONS && position <= LAST_POSITION) known.push(position);
        continue;
      }
      const lexeme = word.slice(0, LONGEST);
      bytes += Buffer.byteLength(lexeme) + 8;
      if (bytes > MOST_BYTES) break;
      places.set(lexeme, position <= LAST_POSITION ? [position] : []);
    }
    position += GAP;
  }
  return [...places]
    .map(([word, at]) => (at.length === 0 ? quoted(word) : `${quoted(word)}:${at.join(',')}`))
    .join(' ');
}

/** As a tsquery in text form: this organisation's rows that hold every word. */
export function matchOf(org: string, words: readonly Word[]): string {
  const each = words.map(({ text, goesOn }) => {
    const tokens = wordsIn(text).map((word) => quoted(word.slice(0, LONGEST)));
    return `(${tokens.join(' <-> ')}${goesOn ? ':*' : ''})`;
  });
  return [quoted(orgLexeme(org)), ...each].join(' & ');
}

const quoted = (lexeme: string): string => `'${lexeme.replace(/[\\']/g, '$&$&')}'`;
