import { accessSync, constants, existsSync } from 'node:fs';
import { systemCode } from '../../core/failure.ts';

/** Those of the files and folders that are there and that we may not read. */
export function unreadable(places: readonly string[]): string[] {
  return places.filter((place) => existsSync(place) && !isReadable(place));
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
