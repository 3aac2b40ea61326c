import path from 'node:path';
import * as z from 'zod';
import { readIfExists, writeOwnFile } from '../../core/careful-file.ts';
import type { OwnPaths } from '../../core/host.ts';

const Note = z.object({ sha256: z.string() });

/** Where it is written down which executable did not work here. */
export const failedUpgradeFile = ({ home }: OwnPaths): string => path.join(home, 'failed-upgrade.json');

/** So that the daemon does not try the same one every day. Throws `file-unwritable`. */
export function noteFailedUpgrade(own: OwnPaths, sha256: string): void {
  writeOwnFile(failedUpgradeFile(own), `${JSON.stringify({ sha256 })}\n`);
}

/** Whether this very executable was tried and did not work. A note that somebody broke says nothing. */
export function hasFailed(own: OwnPaths, sha256: string): boolean {
  try {
    return Note.parse(JSON.parse(readIfExists(failedUpgradeFile(own))?.toString('utf8') ?? 'null')).sha256 === sha256;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return false;
    throw error;
  }
}
