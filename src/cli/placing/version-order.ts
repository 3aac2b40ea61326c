/** A version as we write it: numbers with dots between them, and for one that comes before a release `-` and a word. */
const VERSION = /^(\d{1,9}(?:\.\d{1,9}){0,3})(?:-([\w.]{1,40}))?$/;

/** Whether it can be told which of two versions is the later. Pure. */
export const isVersion = (text: string): boolean => VERSION.test(text);

/**
 * Below 0 when `a` is the earlier, above 0 when it is the later, 0 when they are the same. `1.0.0-beta` comes before `1.0.0`;
 * what is no version comes before every one. Pure.
 */
export function compareVersions(a: string, b: string): number {
  const [one, other] = [parse(a), parse(b)];
  for (let at = 0; at < 4; at++) {
    const difference = (one.numbers[at] ?? 0) - (other.numbers[at] ?? 0);
    if (difference !== 0) return difference;
  }
  if (one.word === other.word) return 0;
  if (one.word === null) return 1;
  if (other.word === null) return -1;
  return one.word < other.word ? -1 : 1;
}

function parse(text: string): { numbers: number[]; word: string | null } {
  const [, numbers, word] = VERSION.exec(text) ?? [];
  if (numbers === undefined) return { numbers: [-1], word: null };
  return { numbers: numbers.split('.').map(Number), word: word ?? null };
}
