import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Failure } from './failure.ts';

const ROOT = new URL('../../', import.meta.url);

/**
 * A text or icon the product is made of, by its path from the top of the repository (`installer-assets/…`, `dist/page/…`).
 * The one door to such files, so that a sealed executable only has to replace this function. Throws `asset-missing`.
 */
export function readAsset(name: string): Buffer {
  try {
    return readFileSync(fileURLToPath(new URL(name, ROOT)));
  } catch (error) {
    throw new Failure('asset-missing', `${name} is missing from this copy of capsule-kiro`, {
      hint: name.startsWith('dist/page/')
        ? 'Run `npm run prepare`, which builds the page.'
        : 'Install capsule-kiro again.',
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
