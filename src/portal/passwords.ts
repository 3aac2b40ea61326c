import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** What one guess costs, as scrypt counts it. */
export interface PasswordCost {
  N: number;
  r: number;
  p: number;
}
/** 32 MiB and some 0.2 s of one core: what OWASP asks of scrypt with this memory. */
export const PASSWORD_COST: PasswordCost = { N: 2 ** 15, r: 8, p: 3 };

export const MIN_PASSWORD = 12;
export const MAX_PASSWORD = 200;
const KEY_BYTES = 32;
const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** What is wrong with a password as a person chose it; undefined when nothing is. Pure. */
export function passwordProblem(password: string, account: string): string | undefined {
  if ([...password].length < MIN_PASSWORD) return `A password has at least ${MIN_PASSWORD} characters`;
  if (password.length > MAX_PASSWORD) return `A password has at most ${MAX_PASSWORD} characters`;
  const plain = password.toLowerCase();
  if (new Set(plain).size < 5) return 'A password is not the same few characters over and over';
  if (account.length > 2 && plain.includes(account.toLowerCase())) return 'A password does not hold the account’s name';
  return undefined;
}

/** How passwords are kept and known again. */
export interface Passwords {
  /** What is kept of it: `scrypt$N$r$p$salt$key`, so that the cost may rise later. */
  hash(password: string): Promise<string>;
  /**
   * Whether it is the one. Takes as long for an account that has none (`kept` undefined), so that an answer's time tells nobody
   * which accounts exist.
   */
  isRight(password: string, kept: string | undefined): Promise<boolean>;
}

/** At this cost for new ones; what is kept says its own. */
export function passwordsAt(cost: PasswordCost): Passwords {
  let nobodys: Promise<string> | undefined;
  const hash = async (password: string): Promise<string> => {
    const salt = randomBytes(16);
    const key = await stretch(password, salt, cost);
    return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join('$');
  };
  return {
    hash,
    async isRight(password, kept) {
      nobodys ??= hash(randomBytes(24).toString('base64url'));
      const [, N, r, p, salt, key] = (kept ?? (await nobodys)).split('$');
      const its = { N: Number(N), r: Number(r), p: Number(p) };
      const given = await stretch(password, Buffer.from(salt ?? '', 'base64url'), its);
      return timingSafeEqual(given, Buffer.from(key ?? '', 'base64url')) && kept !== undefined;
    },
  };
}

/** Typed with composed or decomposed letters it is the same password. */
const stretch = (password: string, salt: Buffer, cost: PasswordCost): Promise<Buffer> =>
  derive(password.normalize('NFKC'), salt, KEY_BYTES, { ...cost, maxmem: 64 * 1024 * 1024 });
