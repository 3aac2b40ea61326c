/** Secrets in JSON that stands in a text, once or more often quoted: found by their names, whatever they look like. */
import { isReference, isSecretName } from './secret-names.ts';
import type { SecretRule, Span } from './secret-rule.ts';

/** Name and value with the same number of backslashes before each quote; the value a string, or a number. */
const MEMBER =
  /(?<![\\\w])(\\{0,15})"([\w .$-]{1,64})\1"\s{0,8}:\s{0,8}(?:\1"(?<text>(?:(?!(?<!\\)\1")[^\n]){0,4096})(?<!\\)\1"|(?<number>\d{4,30})\b)/dg;

const SHORTEST = 4;
/** What schemas, forms and `fetch` have under such names. */
const NO_SECRETS = new Set(
  'string number integer boolean object array null true false none text required optional password secret token include omit same-origin'.split(
    ' ',
  ),
);

export const JSON_RULE: SecretRule = { name: 'json-secret', find: findMembers };

function* findMembers(text: string): Iterable<Span> {
  for (const { 2: name = '', groups, indices } of text.matchAll(MEMBER)) {
    const span = indices?.groups?.text ?? indices?.groups?.number;
    const value = groups?.text ?? groups?.number ?? '';
    if (span !== undefined && isSecretName(name) && isValue(value)) yield span;
  }
}

function isValue(value: string): boolean {
  const plain = value.toLowerCase();
  if (value.length < SHORTEST) return false;
  return !NO_SECRETS.has(plain) && !isReference(value) && !value.includes('[redacted:') && !/^[*x.•]+$/i.test(value);
}
