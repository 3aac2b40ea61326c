import { fileURLToPath } from 'node:url';
import { isSealed } from '../core/assets.ts';

/** What starts this program again: the executable itself when sealed, wherever a link to it lies; the launcher in a checkout. */
export function ownProgram(): string {
  return isSealed ? process.execPath : fileURLToPath(new URL('../../bin/capsule-kiro', import.meta.url));
}
