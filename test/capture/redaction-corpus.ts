import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** One secret in the surroundings it would be met in. */
export interface Planted {
  kind: string;
  before: string;
  secret: string;
  after: string;
}
/** A text without a secret that looks as if it had one. */
export interface Benign {
  kind: string;
  text: string;
}

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOWER = UPPER.toLowerCase();
const DIGITS = '0123456789';
const ALPHABETS: Record<string, string> = {
  upper: UPPER,
  lower: LOWER,
  letters: UPPER + LOWER,
  digit: DIGITS,
  hex: `${DIGITS}abcdef`,
  HEX: `${DIGITS}ABCDEF`,
  alnum: UPPER + LOWER + DIGITS,
  UPPERNUM: UPPER + DIGITS,
  b64: `${UPPER}${LOWER}${DIGITS}+/`,
  base32: `${UPPER}234567`,
  bech32: 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L',
};

export function plantedSecrets(): Planted[] {
  return readList<Planted>('planted.json').map(({ kind, before, secret, after }, index) => ({
    kind,
    before: fillIn(before, `planted ${index} before`),
    secret: fillIn(secret, `planted ${index}`),
    after: fillIn(after, `planted ${index} after`),
  }));
}

export function benignTexts(): Benign[] {
  return readList<Benign>('benign.json').map(({ kind, text }, index) => ({
    kind,
    text: fillIn(text, `benign ${index}`),
  }));
}

function readList<T>(name: string): T[] {
  return JSON.parse(readFileSync(new URL(`../fixtures/redaction/${name}`, import.meta.url), 'utf8')) as T[];
}

/** `{alnum:20}` becomes 20 such characters, always the same for a seed; `{-}` becomes nothing: it keeps scanners of this repository quiet. */
function fillIn(template: string, seed: string): string {
  let gap = 0;
  return template.replaceAll('{-}', '').replace(/\{(\w+):(\d+)\}/g, (whole, name: string, count: string) => {
    const chance = `${seed} ${gap++}`;
    if (name === 'uuid') return uuid(chance);
    const alphabet = ALPHABETS[name];
    return alphabet === undefined ? whole : draw(alphabet, Number(count), chance);
  });
}

function draw(alphabet: string, count: number, seed: string): string {
  const bytes: number[] = [];
  for (let block = 0; bytes.length < count; block++) {
    bytes.push(...createHash('sha256').update(`${seed} ${block}`).digest());
  }
  return bytes
    .slice(0, count)
    .map((byte) => alphabet[byte % alphabet.length])
    .join('');
}

function uuid(seed: string): string {
  const hex = draw(ALPHABETS.hex ?? '', 32, seed);
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20)].join('-');
}
