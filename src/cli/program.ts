import { fileURLToPath } from 'node:url';

/** What starts this program again: the launcher in a checkout, the executable itself when sealed. */
export function ownProgram(): string {
  return fileURLToPath(new URL('../../bin/capsule-kiro', import.meta.url));
}
