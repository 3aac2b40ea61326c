import path from 'node:path';
import * as z from 'zod';
import { readIfExists, writeOwnFile } from '../../core/careful-file.ts';
import { Failure, systemCode } from '../../core/failure.ts';
import type { OwnPaths } from '../../core/host.ts';

// Older versions noted the checksum alone.
const Note = z.object({ sha256: z.string(), version: z.string().exactOptional(), why: z.string().exactOptional() });

/** Which executable did not work here; of which version it is and why, where that was noted. */
export type FailedUpgrade = z.infer<typeof Note>;

/** Where it is written down which executable did not work here. */
export const failedUpgradeFile = ({ home }: OwnPaths): string => path.join(home, 'failed-upgrade.json');

/** So that the daemon does not try the same one every day, and tells the portal of it. Throws `file-unwritable`. */
export function noteFailedUpgrade(own: OwnPaths, failed: Required<FailedUpgrade>): void {
  writeOwnFile(failedUpgradeFile(own), `${JSON.stringify(failed)}\n`);
}

/** What was noted last. A note that cannot be read, or that somebody broke, says nothing. */
export function readFailedUpgrade(own: OwnPaths): FailedUpgrade | undefined {
  try {
    return Note.safeParse(JSON.parse(readIfExists(failedUpgradeFile(own))?.toString('utf8') ?? 'null')).data;
  } catch (error) {
    const unreadable = error instanceof SyntaxError || error instanceof Failure || systemCode(error) !== undefined;
    if (unreadable) return undefined;
    throw error;
  }
}

/** Whether this very executable was tried and did not work. */
export const hasFailed = (own: OwnPaths, sha256: string): boolean => readFailedUpgrade(own)?.sha256 === sha256;
