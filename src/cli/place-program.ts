import { chmodSync, lstatSync, readlinkSync, type Stats, symlinkSync } from 'node:fs';
import path from 'node:path';
import { isSealed, ownVersion } from '../core/assets.ts';
import { makeFolder } from '../core/careful-file.ts';
import { Failure, systemCode } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { copyProgram, sameProgram } from './placing/copy-program.ts';
import { freshProgram, replaceProgram } from './placing/replace-program.ts';
import { compareVersions, isVersion } from './placing/version-order.ts';
import { ownProgram } from './program.ts';

/** What is to be placed: an executable as a copy of its own; a checkout, whose launcher finds the rest from where it lies, as a link. */
export interface ProgramSource {
  file: string;
  copy: boolean;
}

export type Placing = 'same' | 'placed' | 'replaced';

/** This program. Windows lets no ordinary user make a link. */
export const thisProgram = ({ platform }: Pick<Host, 'platform'>): ProgramSource => ({
  file: ownProgram(),
  copy: isSealed || platform === 'win32',
});

/**
 * Our own folder, with the program where dispatcher and service find it whatever version it is: replaced in one step, and left
 * when it is this one already. Throws `file-unwritable`.
 */
export function placeProgram(host: Pick<Host, 'own' | 'platform'>, source = thisProgram(host)): Placing {
  const { own } = host;
  for (const folder of [own.home, own.rings, path.dirname(own.program)]) makeFolder(folder);
  chmodSync(own.home, 0o700);
  if (isPlaced(host, source)) {
    if (source.copy) chmodSync(own.program, 0o700);
    return 'same';
  }
  const there = lstatSync(own.program, { throwIfNoEntry: false }) !== undefined;
  const fresh = freshProgram(own);
  if (source.copy) copyProgram(source.file, fresh);
  else symlinkSync(source.file, fresh);
  replaceProgram(host, fresh).forget();
  return there ? 'replaced' : 'placed';
}

/** Whether the program in our folder is this one. */
export function isPlaced({ own }: Pick<Host, 'own'>, { file, copy }: ProgramSource): boolean {
  const there = lookAt(own.program);
  if (there === undefined) return false;
  if (copy) return there.isFile() && sameProgram(own.program, file);
  return there.isSymbolicLink() && readlinkSync(own.program) === file;
}

/** The version of the program in our folder, by its own word; null when there is none, or none that runs. */
export async function placedVersion(host: Pick<Host, 'own' | 'run'>): Promise<string | null> {
  if (lookAt(host.own.program) === undefined) return null;
  return versionOf(host, host.own.program);
}

/** Nothing, too, where a file stands in our folder's place: the Node in Linux's executables throws for that. */
function lookAt(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    if (systemCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** What an executable says that its version is; null when it does not start, or says something else. */
export async function versionOf({ run }: Pick<Host, 'run'>, program: string): Promise<string | null> {
  const { exitCode, stdout } = await run(program, ['--version']);
  const said = stdout.trim();
  return exitCode === 0 && isVersion(said) ? said : null;
}

/**
 * Answers the version in our folder that this program would replace; null when there is nothing to replace. Throws
 * `downgrade-refused` when it is a newer one and that was not asked for.
 */
export async function checkDowngrade(
  host: Host,
  downgrade: boolean,
  source = thisProgram(host),
): Promise<string | null> {
  if (isPlaced(host, source)) return null;
  const before = await placedVersion(host);
  if (before === null || downgrade || compareVersions(before, ownVersion()) <= 0) return before;
  throw new Failure('downgrade-refused', `Version ${before} is installed, and this is ${ownVersion()}, an older one`, {
    hint: 'Nothing was changed. If you mean it, add --downgrade: what the newer one wrote may not be readable then.',
  });
}
