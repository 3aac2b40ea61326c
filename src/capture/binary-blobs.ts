import type { SecretRule, Span } from './secret-rule.ts';

/** Name of what stands for binary content; its placeholder is followed by the size. */
export const BINARY = 'binary';

/** Shorter ones may be identifiers, keys or hashes, which other rules judge. */
const LEAST_CHARACTERS = 1024;

/** A run of base64 or hexadecimal digits, on one line or wrapped as `base64`, PEM and MIME do, also with `\n` written out. */
const RUN = /(?:[A-Za-z0-9+/_-]{40,}={0,2}(?:\r?\n[ \t]*|\\r\\n|\\n)?)+[A-Za-z0-9+/_-]*={0,2}/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what tells bytes from text.
const NOT_TEXT = /[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]/g;
/** Of all characters; a page of terminal output stays far below. */
const BINARY_SHARE = 0.1;

/** Takes out what nobody reads and no rule can judge: base64 and hexadecimal of 1 KiB and more, and bytes taken for text. */
export const BINARY_RULE: SecretRule = { name: BINARY, find: findBinary };

function findBinary(text: string): Span[] {
  if (text.length < LEAST_CHARACTERS) return [];
  const strange = text.match(NOT_TEXT)?.length ?? 0;
  if (strange > text.length * BINARY_SHARE) return [[0, text.length]];
  if (!hasRun(text)) return [];
  const found: Span[] = [];
  for (const { 0: run, index } of text.matchAll(RUN)) {
    const end = index + run.trimEnd().length;
    if (end - index >= LEAST_CHARACTERS && looksEncoded(run)) found.push([index, end]);
  }
  return found;
}

/** Of the letters that `RUN` begins with, so many stand together. */
const RUN_BEGINS = 40;
const IN_RUN = Uint8Array.from({ length: 128 }, (_, code) => (/[\w+/-]/.test(String.fromCharCode(code)) ? 1 : 0));

/** Looks at few of the characters: where one does not belong to a run, the next run that is long enough ends so much later. */
function hasRun(text: string): boolean {
  for (let end = RUN_BEGINS - 1; end < text.length; ) {
    let at = end;
    while (at > end - RUN_BEGINS && IN_RUN[text.charCodeAt(at)] === 1) at--;
    if (at === end - RUN_BEGINS) return true;
    end = at + RUN_BEGINS;
  }
  return false;
}

/** Digits and letters in about the measure chance gives them: a drawn line or a word said a thousand times has not. */
function looksEncoded(run: string): boolean {
  const sample = run.slice(0, LEAST_CHARACTERS);
  const digits = sample.match(/\d/g)?.length ?? 0;
  return digits > sample.length / 20 && new Set(sample).size >= 14 && /[a-z]/i.test(sample);
}
