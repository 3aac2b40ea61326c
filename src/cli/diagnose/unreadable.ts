import { accessSync, constants, existsSync } from 'node:fs';
import { systemCode } from '../../core/failure.ts';
import { shellPath } from '../shell-path.ts';
import type { Fix } from './check.ts';

/** Those of the files and folders that are there and that we may not read. */
export function unreadable(places: readonly string[]): string[] {
  return places.filter((place) => existsSync(place) && !isReadable(place));
}

/** What gives its owner the right to read again. */
export function makeReadable(places: readonly string[], home: string): Fix {
  return {
    say: 'Give yourself the right to read again; where another user owns it, ask them',
    // What the daemon could not read it does not watch, either.
    command: `chmod -R u+rwX ${places.map((place) => shellPath(place, home)).join(' ')} && capsule-kiro restart`,
  };
}

function isReadable(place: string): boolean {
  try {
    accessSync(place, constants.R_OK);
    return true;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return false;
  }
}
