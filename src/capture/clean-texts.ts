/** Short texts in which no rule found anything: paths, names and ids come with every event, and are scanned once. */
export interface CleanTexts {
  has(text: string): boolean;
  /** Remembers it, unless it is long. */
  add(text: string): void;
}

/** In UTF-16 units: what is longer seldom comes again. */
const LONGEST = 200;
/** At most 400 KB in all. */
const MOST = 1_000;

/** Remembers the latest of them, for one set of rules. */
export function cleanTexts(most = MOST): CleanTexts {
  const texts = new Set<string>();
  return {
    has: (text) => text.length <= LONGEST && texts.has(text),
    add(text) {
      if (text.length > LONGEST) return;
      for (const oldest of texts.size < most ? [] : [...texts].slice(0, most / 10)) texts.delete(oldest);
      // A copy: what was cut out of a text keeps all of that text in memory.
      texts.add(Buffer.from(text, 'utf16le').toString('utf16le'));
    },
  };
}
