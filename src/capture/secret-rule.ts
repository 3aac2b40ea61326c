/** Where a secret stands in a text: indices of UTF-16 units, the end exclusive. */
export type Span = readonly [start: number, end: number];

/** One way to recognise secrets. */
export interface SecretRule {
  /** Lower case, digits, hyphens and colons; stands in the text in place of the secret. */
  name: string;
  /** Its time is not known to grow evenly with the text, so it needs somebody who can stop it. */
  mayHang?: boolean;
  /** Lower case: it finds nothing in a text that has none of them in any case. None given: any text is worth trying. */
  keywords?: readonly string[];
  find(text: string): Iterable<Span> | Promise<Iterable<Span>>;
}

/** The rules worth trying on a text, in order of precedence for equal finds. */
export type RulesFor = (text: string) => readonly SecretRule[];

/** A rule of one regular expression (flags `dg`): the secret is the group named `secret`, or the whole match. */
export function patternRule(name: string, pattern: RegExp): SecretRule {
  return {
    name,
    *find(text) {
      for (const { indices } of text.matchAll(pattern)) {
        const span = indices?.groups?.secret ?? indices?.[0];
        if (span !== undefined) yield span;
      }
    },
  };
}
