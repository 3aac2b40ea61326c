import type { Json } from '../../../core/event.ts';

const MAX_KEYS = 500;

/** All texts of a value, one a line, up to `limit` UTF-16 units. */
export function textsOf(value: Json, limit: number): string {
  const texts: string[] = [];
  let room = limit;
  const walk = (each: Json, depth: number): void => {
    if (room <= 0 || depth > 20) return;
    if (typeof each === 'string') {
      texts.push(each.slice(0, room));
      room -= each.length + 1;
    } else if (typeof each === 'object' && each !== null) for (const item of Object.values(each)) walk(item, depth + 1);
  };
  walk(value, 0);
  return texts.join('\n');
}

/** Names in double quotes before a colon: the keys of JSON that is written into a file. */
export function keysIn(text: string): string[] {
  const keys = new Set<string>();
  for (const [, key = ''] of text.matchAll(/"([^"\\\n]{1,200})"\s{0,20}:/g)) {
    if (keys.size >= MAX_KEYS) break;
    keys.add(key);
  }
  return [...keys];
}

/**
 * How many characters of the text are there for machines only: tags, overrides of the writing direction, spaces without width,
 * soft hyphens. Joiners of emoji, the tags of flags, and the plain direction marks of right-to-left languages are not counted.
 */
export const hiddenIn = (text: string): number => text.replace(FLAGS, '').match(HIDDEN)?.length ?? 0;
const HIDDEN = /[\u00ad\u200b\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/gu;
/** The three flags that are spelt with tags (England, Scotland, Wales). Any other text after a black flag can be a message. */
const FLAGS =
  /\u{1f3f4}(?:\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}|\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}|\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073})\u{e007f}/gu;
