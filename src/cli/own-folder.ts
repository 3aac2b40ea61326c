import * as fs from 'node:fs';
import { makeFolder } from '../core/careful-file.ts';
import { Failure } from '../core/failure.ts';

/**
 * Makes our folder, or makes sure of the one that is there: a real folder of this user's, closed to everybody else. Throws
 * `file-not-regular`, `file-unwritable`. On Windows a user's application data is private by where it is.
 */
export function claimFolder(folder: string): void {
  makeFolder(folder);
  if (process.getuid === undefined) return;
  const stat = fs.lstatSync(folder);
  if (!stat.isDirectory() || stat.uid !== process.getuid()) {
    throw new Failure('file-not-regular', `${folder} is not a folder of this user`, {
      hint: 'Move it away, or name another folder with CAPSULE_KIRO_HOME.',
    });
  }
  if ((stat.mode & 0o077) !== 0) fs.chmodSync(folder, 0o700);
}
