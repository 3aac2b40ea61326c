import { readFileSync } from 'node:fs';
import { getAsset, isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';
import { Failure } from './failure.ts';

/** Whether this is the sealed executable, and not a checkout. */
export const isSealed: boolean = isSea();

/**
 * A text or icon the product is made of, by its path from the top of the repository (`installer-assets/…`, `dist/page/…`).
 * The one door to such files: in a sealed executable they lie inside it, under the same names. Throws `asset-missing`.
 */
export function readAsset(name: string): Buffer {
  try {
    if (isSealed) return Buffer.from(getAsset(name));
    return readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)));
  } catch (error) {
    throw new Failure('asset-missing', `${name} is missing from this copy of capsule-kiro`, {
      hint: name.startsWith('dist/') ? 'Run `npm run prepare`, which builds it.' : 'Install capsule-kiro again.',
      cause: error,
    });
  }
}

/** The same as text. Throws `asset-missing`. */
export const readTextAsset = (name: string): string => readAsset(name).toString('utf8');

/** The version of this program, from package.json. */
export function ownVersion(): string {
  const { version } = JSON.parse(readTextAsset('package.json')) as { version: string };
  return version;
}
