import { createHash, randomBytes, randomInt } from 'node:crypto';

/** 256 bits, in the letters of addresses. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** No I, L, O, U: a code may be read out or typed. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 80 bits as four groups of four: `7KQF-2M9X-RT4B-8WZA`. */
export function newCode(): string {
  const letters = Array.from({ length: 16 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return letters.replace(/.{4}(?=.)/g, '$&-');
}

/** What is kept of a secret. They are random and long, so a fast hash without salt gives nothing away. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** As typed by a person: small letters, spaces, missing dashes. */
export function normaliseCode(typed: string): string {
  const letters = typed.toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0');
  return letters.replace(/.{4}(?=.)/g, '$&-');
}
