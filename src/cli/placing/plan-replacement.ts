import type { Platform } from '../../core/host.ts';

/** The program, the one that is to take its place, and where the one that was there waits; all in one folder. */
export interface ProgramPlaces {
  program: string;
  fresh: string;
  kept: string;
}

/** `again`: a second name for the same file, or the same link once more. */
export type ReplacementStep = { do: 'rename' | 'again'; from: string; to: string };

/**
 * How a program takes the place of one that may be running. Where a rename may cover a running program there is one at every
 * moment. Windows locks it but lets it be renamed: for the moment between two renames nothing has the name. Pure.
 */
export function planReplacement(platform: Platform, places: ProgramPlaces, there: boolean): ReplacementStep[] {
  const { program, fresh, kept } = places;
  const put: ReplacementStep = { do: 'rename', from: fresh, to: program };
  if (!there) return [put];
  return [{ do: platform === 'win32' ? 'rename' : 'again', from: program, to: kept }, put];
}

/** How the one that was there comes back. On Windows the other one, which may run, goes where it came from. Pure. */
export function planReturn(platform: Platform, { program, fresh, kept }: ProgramPlaces): ReplacementStep[] {
  const back: ReplacementStep = { do: 'rename', from: kept, to: program };
  return platform === 'win32' ? [{ do: 'rename', from: program, to: fresh }, back] : [back];
}
