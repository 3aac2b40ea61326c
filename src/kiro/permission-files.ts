import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { readIfExists } from '../core/careful-file.ts';
import { Failure } from '../core/failure.ts';
import type { Platform } from '../core/host.ts';
import { workspaceHash } from './inventory-trust.ts';
import type { KiroPaths } from './paths.ts';
import { judgeCommand } from './permission-match.ts';
import { readPermissions } from './permissions.ts';

const MAX_BYTES = 1024 * 1024;

/** The permissions file that counts in a folder: the YAML one, else the JSON one if there is one (kiro/README K27). */
function permissionFileIn(folder: string): string {
  const yaml = path.join(folder, 'permissions.yaml');
  const json = path.join(folder, 'permissions.json');
  return !existsSync(yaml) && existsSync(json) ? json : yaml;
}

/** The user's own permissions file; it need not exist. */
export function userPermissionFile(paths: Pick<KiroPaths, 'userSettings'>): string {
  return permissionFileIn(paths.userSettings);
}

/** What Kiro keeps for one workspace root, in the home and outside the repository (kiro/README I10). It need not exist. */
export function workspacePermissionFile(paths: Pick<KiroPaths, 'dotKiro'>, root: string, platform: Platform): string {
  return permissionFileIn(path.join(paths.dotKiro, 'workspace-roots', workspaceHash(root, platform)));
}

/**
 * Whether a permissions file keeps Kiro 1.x from running `command`, or makes it ask first. null when it does not, when there is
 * no such file, and when Kiro drops it as invalid. A file that we may not read or that is far too large counts as no file.
 */
export function findStoppingRule(file: string, command: string): 'deny' | 'ask' | null {
  try {
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > MAX_BYTES) return null;
    const { rules } = readPermissions(readIfExists(file)?.toString('utf8') ?? '');
    const effect = judgeCommand(rules, command);
    return effect === 'allow' ? null : effect;
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}
