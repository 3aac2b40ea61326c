import { lstatSync } from 'node:fs';
import path from 'node:path';
import { readIfExists } from '../core/careful-file.ts';
import { Failure } from '../core/failure.ts';
import { decodeUtf8 } from './jsonc-document.ts';
import { judgeTrust } from './trust-judgement.ts';
import { readTrusted, TRUST_KEY } from './trusted-commands.ts';

export interface TrustShadow {
  file: string;
  /** One clause for a person. */
  detail: string;
  remedy: string;
}

const MAX_BYTES = 1024 * 1024;

/**
 * Whether a workspace's own `.vscode/settings.json` keeps Kiro 0.x from running `command` unasked: its list takes the place of
 * the user's (kiro/README K15). Such a file belongs to the repository: it is reported, never edited. null when it does not, or
 * when there is no such file that we may look at.
 */
export function findTrustShadow(root: string, command: string): TrustShadow | null {
  const folder = path.join(root, '.vscode');
  const file = path.join(folder, 'settings.json');
  if (!(lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false)) return null;
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile() || stat.size > MAX_BYTES) return null;
  try {
    const trusted = readTrusted(decodeUtf8(readIfExists(file) ?? Buffer.alloc(0), file), file);
    const says = trusted.commands !== null || trusted.denylist.length > 0;
    const judged = judgeTrust({ ...trusted, commands: trusted.commands ?? [command] }, command);
    if (!says || judged.inPlace) return null;
    const denied = !judgeTrust({ ...trusted, commands: [command] }, command).inPlace;
    const remedy = denied
      ? 'Take that part out of the list there, or use Kiro 1.x'
      : `Add ${JSON.stringify(command)} to ${TRUST_KEY} there, or use Kiro 1.x`;
    return { file, detail: `${judged.detail} in the workspace's own settings, which count instead of yours`, remedy };
  } catch (error) {
    // What does not parse, Kiro does not apply either.
    if (error instanceof Failure) return null;
    throw error;
  }
}
