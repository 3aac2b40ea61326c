import { accessSync, constants, lstatSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { describe, Failure, systemCode } from '../core/failure.ts';

/**
 * The folder for hook files in a workspace, by the workspace's real path. It need not exist, but no step on the way to it
 * may be a link, a junction or a file: a cloned repository could lead our writing elsewhere. Throws `file-not-regular`,
 * `not-found`.
 */
export function hookFolder(root: string): string {
  const realRoot = realFolder(root);
  let folder = realRoot;
  for (const name of ['.kiro', 'hooks']) {
    folder = path.join(folder, name);
    const stat = lstatSync(folder, { throwIfNoEntry: false });
    if (stat !== undefined && !stat.isDirectory()) {
      const what = stat.isSymbolicLink() ? 'a link' : 'not a folder';
      throw new Failure('file-not-regular', `${folder} is ${what}, so the workspace was left alone`, {
        hint: 'We write into a workspace only through real folders.',
      });
    }
  }
  return folder;
}

/** The real path of a folder. Throws `not-found`. */
export function realFolder(folder: string): string {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) throw new Failure('not-found', `${folder} is not there`);
  return realpathSync(folder);
}

/** Why hook files cannot be placed in a workspace, or null. Such a workspace is left alone; it is no error of ours. */
export function findObstacle(root: string): string | null {
  try {
    const folder = hookFolder(root);
    const there = [folder, path.dirname(folder), path.dirname(path.dirname(folder))].find(
      (it) => lstatSync(it, { throwIfNoEntry: false }) !== undefined,
    );
    if (there !== undefined) accessSync(there, constants.W_OK);
    return null;
  } catch (error) {
    if (error instanceof Failure) return error.message;
    if (systemCode(error) === undefined) throw error;
    return `it cannot be written: ${describe(error)}`;
  }
}
