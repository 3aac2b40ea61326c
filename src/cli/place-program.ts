import { chmodSync, copyFileSync, linkSync, lstatSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../core/careful-file.ts';
import { systemCode } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { ownProgram } from './program.ts';

/** Our own folder, with the program where dispatcher and service find it whatever version it is. Throws `file-unwritable`. */
export function placeProgram({ own, platform }: Pick<Host, 'own' | 'platform'>): void {
  for (const folder of [own.home, own.rings, path.dirname(own.program)]) makeFolder(folder);
  chmodSync(own.home, 0o700);
  if (platform === 'win32') nameAgain(own.program, ownProgram());
  else pointTo(own.program, ownProgram());
}

function pointTo(link: string, target: string): void {
  const there = lstatSync(link, { throwIfNoEntry: false });
  if (there?.isSymbolicLink() && readlinkSync(link) === target) return;
  rmSync(link, { force: true });
  symlinkSync(target, link);
}

/** Windows lets no ordinary user make a symbolic link; a second name for the same bytes needs only the same disk. */
function nameAgain(name: string, target: string): void {
  const [there, here] = [name, target].map((file) => statSync(file, { throwIfNoEntry: false, bigint: true }));
  if (there !== undefined && there.ino === here?.ino && there.dev === here.dev) return;
  rmSync(name, { force: true });
  try {
    linkSync(target, name);
  } catch (error) {
    // Another disk, or a file system without second names, and each says so in its own way.
    if (systemCode(error) === undefined) throw error;
    copyFileSync(target, name);
  }
}
