/** Secrets in JSON that stands in a text, once or more often quoted: found by their names, whatever they look like. */
import { isSecretName } from './secret-names.ts';
import { BEGINS_A_VALUE } from './secret-patterns.ts';
import type { SecretRule, Span } from './secret-rule.ts';

/** A name and the beginning of its value, with the same number of backslashes before each quote; or a number. */
const MEMBER =
  /(?<![\\\w])(?<slashes>\\{0,63})"(?<name>[\w .$-]{1,64})\k<slashes>"\s{0,8}:\s{0,8}(?:\k<slashes>"|(?<number>\d{4,30})\b)/g;

const LONGEST = 4096;
const SHORTEST = 4;
/** What schemas, forms and `fetch` have under such names. */
const NO_SECRETS = new Set(
  'string number integer boolean object array null true false none text required optional password secret token include omit same-origin'.split(
    ' ',
  ),
);

/** Without one of these no name is a secret's by `isSecretName`. */
const KEYWORDS =
  'authorization cookie credential passphrase passwd password secret token api access private signing encryption'.split(
    ' ',
  );

export const JSON_RULE: SecretRule = { name: 'json-secret', keywords: KEYWORDS, find: findMembers };

function* findMembers(text: string): Iterable<Span> {
  let last = 0;
  for (const { 0: match, index, groups = {} } of text.matchAll(MEMBER)) {
    const { name = '', number = '', slashes = '' } = groups;
    const start = index + match.length - number.length;
    // Within the value before: that one has been judged as a whole.
    if (index < last || !isSecretName(name)) continue;
    const end = number === '' ? closingQuote(text, start, slashes.length) : start + number.length;
    if (end === null || !isValue(text.slice(start, end))) continue;
    last = end;
    yield [start, end];
  }
}

/**
 * Where a string ends whose quotes have `slashes` backslashes before them: at a quote with that many, after any number of
 * pairs that stand for one backslash of the value. Quotes of the value itself have more, and never such a remainder.
 */
function closingQuote(text: string, start: number, slashes: number): number | null {
  let run = 0;
  for (let at = start; at < text.length && at - start <= LONGEST; at++) {
    const character = text[at];
    if (character === '\n') return null;
    if (character === '"' && run % (2 * (slashes + 1)) === slashes) return at - slashes;
    run = character === '\\' ? run + 1 : 0;
  }
  return null;
}

function isValue(value: string): boolean {
  if (value.length < SHORTEST || NO_SECRETS.has(value.toLowerCase())) return false;
  return BEGINS_A_VALUE.test(value) && !/^[*x.•]+$/i.test(value);
}
